/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-lane-counters.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "trk-format.h"

/* The process makes its pool right after the file by which we found it. */
#define MAX_LOOKS 20
#define MAX_LANES 4096U /* as many threads are sampled */

/* What comes before the windows' states and what we want: the first part of a TrkLane. */
#define LANE_PART_BYTES (offsetof (TrkLane, socket_sent_bytes) + sizeof (uint64_t))

typedef struct {
  gint32 tid;
  guint64 received, sent;
} LaneCounters;

struct _MsLaneCounters {
  int fd;     /* -1: there is no pool yet … */
  int dir_fd; /* … in here; -1: no use in looking again */
  guint n_looks;
  GArray *lanes;
  GHashTable *places; /* tid to place in @lanes + 1 */
};

static void
stop_looking (MsLaneCounters *self)
{
  if (self->dir_fd >= 0)
    close (self->dir_fd);
  self->dir_fd = -1;
}

static void
look_for_pool (MsLaneCounters *self)
{
  if (self->dir_fd < 0)
    return;
  /* Of whatever it is, or stands for, a header with our magic is read and nothing else. */
  self->fd =
      openat (self->dir_fd, TRK_POOL_FILE_NAME, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (self->fd >= 0 || ++self->n_looks == MAX_LOOKS)
    stop_looking (self);
}

MsLaneCounters *
ms_lane_counters_new (int dir_fd)
{
  MsLaneCounters *self = g_new0 (MsLaneCounters, 1);

  self->fd = -1;
  self->dir_fd = fcntl (dir_fd, F_DUPFD_CLOEXEC, 0);
  self->lanes = g_array_new (FALSE, FALSE, sizeof (LaneCounters));
  self->places = g_hash_table_new (NULL, NULL);
  return self;
}

void
ms_lane_counters_free (MsLaneCounters *self)
{
  if (self->fd >= 0)
    close (self->fd);
  stop_looking (self);
  g_array_unref (self->lanes);
  g_hash_table_unref (self->places);
  g_free (self);
}

/* 0: nothing is counted. */
static guint32
read_n_lanes (const MsLaneCounters *self)
{
  TrkPoolHeader header;

  if (self->fd < 0 || pread (self->fd, &header, sizeof header, 0) != sizeof header
      || memcmp (header.file.magic, TRK_FILE_MAGIC, sizeof header.file.magic) != 0
      || header.lane_bytes != TRK_LANE_BYTES || !(header.flags & TRK_POOL_FLAG_SOCKETS))
    return 0;
  return MIN (header.n_lanes, MAX_LANES);
}

void
ms_lane_counters_read (MsLaneCounters *self)
{
  guint32 n_lanes;

  look_for_pool (self);
  n_lanes = read_n_lanes (self);
  g_array_set_size (self->lanes, 0);
  g_hash_table_remove_all (self->places);
  for (guint32 i = 0; i < n_lanes; i++)
    {
      LaneCounters counters;
      TrkLane lane;

      if (pread (self->fd, &lane, LANE_PART_BYTES, (off_t) trk_lane_offset (i)) != LANE_PART_BYTES)
        break;
      if (lane.state != 1)
        continue;
      counters = (LaneCounters) { lane.tid, lane.socket_received_bytes, lane.socket_sent_bytes };
      g_array_append_val (self->lanes, counters);
      g_hash_table_insert (self->places, GINT_TO_POINTER (lane.tid),
                           GUINT_TO_POINTER (self->lanes->len));
    }
}

gboolean
ms_lane_counters_find (const MsLaneCounters *self, gint32 tid, guint64 *received, guint64 *sent)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->places, GINT_TO_POINTER (tid)));
  const LaneCounters *counters;

  if (place == 0)
    return FALSE;
  counters = &g_array_index (self->lanes, LaneCounters, place - 1);
  *received = counters->received;
  *sent = counters->sent;
  return TRUE;
}
