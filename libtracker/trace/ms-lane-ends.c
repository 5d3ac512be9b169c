/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-lane-ends.h"

#include "trk-lane-ends.h"

/* Threads take it in turns to have a lane: no two end there in the time of a reading, unless we are put to sleep. */
#define MAX_ATTEMPTS 64

typedef struct {
  guint64 ends;
  TrkEndedThreads ended[2];
} Sums;

G_STATIC_ASSERT (sizeof (Sums)
                 == G_STRUCT_OFFSET (TrkLane, reserved1) - G_STRUCT_OFFSET (TrkLane, ends));

void
ms_lane_ends_init (MsLaneEnds *self)
{
  self->sums = (TrkEndedThreads) { 0 };
  self->uncounted = g_hash_table_new (NULL, NULL);
}

void
ms_lane_ends_clear (MsLaneEnds *self)
{
  g_clear_pointer (&self->uncounted, g_hash_table_unref);
}

/* FALSE: nobody has ever had it, or it cannot be read. */
static gboolean
read_lane (MsFileReader *reader, guint64 at, Sums *sums)
{
  guint64 again;

  for (guint attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
      if (!ms_file_reader_read_now (reader, at, sums, sizeof *sums) || sums->ends == 0)
        return FALSE;
      /* Those that count are not written before the word has been. */
      if (!ms_file_reader_read_now (reader, at, &again, sizeof again))
        return FALSE;
      if (again == sums->ends)
        return TRUE;
    }
  return TRUE;
}

static void
add (TrkEndedThreads *self, const TrkEndedThreads *more)
{
  self->n_threads += more->n_threads;
  for (guint d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    {
      self->counts[d].allocations += more->counts[d].allocations;
      self->counts[d].allocated_bytes += more->counts[d].allocated_bytes;
      self->counts[d].deallocations += more->counts[d].deallocations;
    }
}

void
ms_lane_ends_read (MsLaneEnds *self,
                   MsFileReader *reader,
                   const TrkPoolHeader *pool,
                   guint64 n_lanes)
{
  guint64 at = pool->pool_header_bytes + G_STRUCT_OFFSET (TrkLane, ends);
  guint32 thread_id;
  Sums sums;

  self->sums = (TrkEndedThreads) { 0 };
  g_hash_table_remove_all (self->uncounted);
  for (guint64 i = 0; i < n_lanes; i++, at += pool->lane_bytes)
    {
      if (!read_lane (reader, at, &sums))
        continue;
      add (&self->sums, &sums.ended[trk_lane_ends_get_place (sums.ends)]);
      if (trk_lane_ends_get_thread (sums.ends, &thread_id))
        g_hash_table_add (self->uncounted, GUINT_TO_POINTER (thread_id));
    }
}

gboolean
ms_lane_ends_has_counted (const MsLaneEnds *self, guint32 thread_id)
{
  return !g_hash_table_contains (self->uncounted, GUINT_TO_POINTER (thread_id));
}
