/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-pool-reader.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "ms-diagnostic.h"
#include "ms-folder-reader.h"
#include "ms-lane-ends.h"
#include "trk-checksum.h"

#define MAX_ATTEMPTS 8
/* At a ring whose threads write all of it over while we are put to sleep. */
#define MAX_LOOKS 32

typedef struct {
  MsBlockIndex *index;
  MsFileReader *reader;
  guint32 file;
} PoolReader;

static gboolean
geometry_is_sane (const TrkPoolHeader *pool)
{
  return pool->pool_header_bytes >= sizeof *pool && pool->pool_header_bytes <= 1 << 16
         && pool->lane_header_bytes >= sizeof (TrkLane) && pool->lane_header_bytes <= 1 << 16
         && pool->n_event_windows <= TRK_EVENT_WINDOWS
         && pool->stack_window_bytes <= TRK_MAX_BLOCK_BYTES
         && pool->event_window_bytes <= TRK_MAX_BLOCK_BYTES
         && pool->lane_bytes >= pool->lane_header_bytes + pool->stack_window_bytes
                                    + pool->n_event_windows * pool->event_window_bytes;
}

/* Bytes of what is committed.  Beyond its last bit another record may have been begun. */
static guint32
count_bytes (const TrkWindowState *state, gboolean is_events)
{
  return is_events ? trk_committed_bytes (state->committed) : state->committed;
}

static void
clear_uncommitted_bits (const TrkWindowState *state, guint8 *bytes)
{
  if (state->committed % 8 != 0)
    bytes[state->committed / 8] &= (guint8) ((1U << state->committed % 8) - 1);
}

/* How much of the @committed bytes is payload; -1 if this is no window of ours. */
static gint64
window_payload_bytes (const guint8 *bytes, guint32 committed, TrkBlockHeader *header)
{
  guint32 available;

  memcpy (header, bytes, sizeof *header);
  if (header->magic != TRK_BLOCK_MAGIC || header->header_size < TRK_BLOCK_HEADER_BYTES
      || header->header_size > committed)
    return -1;
  available = committed - header->header_size;
  if (header->payload_bytes != 0 && header->payload_bytes <= available
      && trk_block_checksum (header, bytes + header->header_size, header->payload_bytes)
             == header->checksum)
    return header->payload_bytes;
  /* Open, or killed while it was being sealed: every committed record is whole. */
  header->checksum = 0;
  header->last_ticks = 0;
  header->seal_pair_ticks = header->seal_pair_ns = 0;
  return available;
}

/* A window of a ring as it was when all of them were looked at.  A thread's newest is copied as far as it was filled
 * then, and one that was written over meanwhile is not: so what is copied is, of each thread, all up to one
 * moment, but for its oldest. */
typedef struct {
  TrkWindowState state;
  guint32 thread_id, block_number;
  guint32 lane, window;
  gboolean is_newest, has_ended;
} Sighting;

/* FALSE: it is none any more. */
static gboolean
cut_to_sighting (const Sighting *seen,
                 MsFileReader *reader,
                 guint64 window_at,
                 TrkWindowState *state)
{
  TrkBlockHeader header;

  if (!ms_file_reader_read_now (reader, window_at, &header, sizeof header)
      || header.thread_id != seen->thread_id || header.block_number != seen->block_number
      || state->committed < seen->state.committed)
    return FALSE;
  if (seen->is_newest)
    state->committed = seen->state.committed;
  return TRUE;
}

static void
read_window (PoolReader *self,
             guint64 lane_at,
             gsize state_at,
             guint64 window_at,
             guint32 most,
             const Sighting *seen)
{
  gboolean is_events = state_at != G_STRUCT_OFFSET (TrkLane, stacks);
  g_autofree guint8 *bytes = g_malloc (most);
  MsBlock block = { .file = self->file };
  TrkWindowState before, after;
  TrkBlockHeader still;
  gint64 n_payload = -1;
  guint32 n_bytes;

  for (guint attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
      if (!ms_file_reader_read_now (self->reader, lane_at + state_at, &before, sizeof before)
          || before.committed == 0
          || (seen != NULL && !cut_to_sighting (seen, self->reader, window_at, &before)))
        return;
      n_bytes = count_bytes (&before, is_events);
      if (n_bytes < TRK_BLOCK_HEADER_BYTES || n_bytes > most
          || !ms_file_reader_read_now (self->reader, window_at, bytes, n_bytes))
        break;
      if (is_events)
        clear_uncommitted_bits (&before, bytes);
      n_payload = window_payload_bytes (bytes, n_bytes, &block.header);
      if (n_payload < 0
          || !ms_file_reader_read_now (self->reader, lane_at + state_at, &after, sizeof after)
          || !ms_file_reader_read_now (self->reader, window_at, &still, sizeof still))
        continue;
      if (after.committed >= before.committed && still.block_number == block.header.block_number
          && still.thread_id == block.header.thread_id && still.type == block.header.type)
        {
          /* Whether the thread had ended when the sums were read, in which it is then. */
          if (seen != NULL && seen->is_newest && seen->has_ended)
            block.header.flags |= TRK_BLOCK_FLAG_LAST;
          else if (seen != NULL && seen->is_newest)
            block.header.flags &= (guint8) ~TRK_BLOCK_FLAG_LAST;
          block.payload_bytes = (guint32) n_payload;
          block.offset = window_at + block.header.header_size;
          block.payload = g_malloc0 ((gsize) n_payload + 8);
          memcpy (block.payload, bytes + block.header.header_size, (gsize) n_payload);
          ms_block_index_add (self->index, &block);
          return;
        }
      n_payload = -1;
    }
  if (n_payload < 0)
    ms_diagnostics_add (self->index->diagnostics, MS_DIAGNOSTIC_DAMAGE, TRK_POOL_FILE_NAME,
                        window_at, "A window is damaged and was left out.");
}

/* Another one of the thread may have been begun since a window was looked at, which is full then. */
static void
find_newest (Sighting *all, gsize n)
{
  g_autoptr (GHashTable) newest = g_hash_table_new (NULL, NULL);

  for (gsize i = 0; i < n; i++)
    {
      gpointer key = GUINT_TO_POINTER (all[i].thread_id);
      Sighting *other = g_hash_table_lookup (newest, key);

      if (other != NULL && other->block_number > all[i].block_number)
        continue;
      if (other != NULL)
        other->is_newest = FALSE;
      all[i].is_newest = TRUE;
      g_hash_table_insert (newest, key, &all[i]);
    }
}

/* Where the windows of lane @lane are. */
static guint64
lane_offset (const TrkPoolHeader *pool, guint64 lane)
{
  return pool->pool_header_bytes + lane * pool->lane_bytes;
}

static guint64
window_offset (const TrkPoolHeader *pool, guint64 lane, guint window)
{
  return lane_offset (pool, lane) + pool->lane_header_bytes + pool->stack_window_bytes
         + (guint64) window * pool->event_window_bytes;
}

static gsize
state_offset (guint window)
{
  return G_STRUCT_OFFSET (TrkLane, events) + window * sizeof (TrkWindowState);
}

/* Two readings of the name: between them the length is of the block that has it.  FALSE: nothing is in it. */
static gboolean
look_at_window (PoolReader *self, Sighting *seen)
{
  const TrkPoolHeader *pool = &self->index->pool;
  guint64 window_at = window_offset (pool, seen->lane, seen->window);
  guint64 state_at = lane_offset (pool, seen->lane) + state_offset (seen->window);
  TrkBlockHeader header, again;

  if (!ms_file_reader_read_now (self->reader, window_at, &header, sizeof header)
      || !ms_file_reader_read_now (self->reader, state_at, &seen->state, sizeof seen->state)
      || seen->state.committed == 0
      || !ms_file_reader_read_now (self->reader, window_at, &again, sizeof again)
      || again.thread_id != header.thread_id || again.block_number != header.block_number)
    return FALSE;
  seen->thread_id = header.thread_id;
  seen->block_number = header.block_number;
  seen->has_ended = (header.flags & TRK_BLOCK_FLAG_LAST) != 0;
  return TRUE;
}

/* Newest first: what is written over while we copy are the oldest. */
static int
compare_sightings (gconstpointer a, gconstpointer b)
{
  const Sighting *x = a, *y = b;

  if (x->is_newest != y->is_newest)
    return y->is_newest - x->is_newest;
  return x->block_number > y->block_number ? -1 : x->block_number < y->block_number;
}

static void
look_at_windows (PoolReader *self, guint64 n_lanes, GArray *sightings)
{
  const TrkPoolHeader *pool = &self->index->pool;

  g_array_set_size (sightings, 0);
  for (guint64 lane = 0; lane < n_lanes; lane++)
    for (guint w = 0; w < pool->n_event_windows; w++)
      {
        Sighting seen = { .lane = (guint32) lane, .window = w };

        if (look_at_window (self, &seen))
          g_array_append_val (sightings, seen);
      }
}

/* The threads that were seen, and which of them the sums have. */
typedef struct {
  MsLaneEnds ends;
  GHashTable *ids;  /* set: GUINT_TO_POINTER () */
  guint n_counted;  /* of these, in the sums */
  guint n_complete; /* with their first block */
} Seen;

static void
seen_clear (Seen *self)
{
  ms_lane_ends_clear (&self->ends);
  g_clear_pointer (&self->ids, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seen, seen_clear)

static void
look_at_ends (PoolReader *self, guint64 n_lanes, GArray *sightings, Seen *seen)
{
  ms_lane_ends_init (&seen->ends);
  ms_lane_ends_read (&seen->ends, self->reader, &self->index->pool, n_lanes);
  seen->ids = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < sightings->len; i++)
    {
      Sighting *sighting = &g_array_index (sightings, Sighting, i);

      sighting->has_ended = ms_lane_ends_has_counted (&seen->ends, sighting->thread_id);
      seen->n_complete += sighting->block_number == 0;
      if (g_hash_table_add (seen->ids, GUINT_TO_POINTER (sighting->thread_id)))
        seen->n_counted += sighting->has_ended;
    }
}

/* FALSE: of a thread that is not in the sums, and was there before we looked, nothing was seen: one that has a single
 * window may have been about to write it over. */
static gboolean
has_seen_running (const Seen *self, const TrkPoolHeader *before)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->ends.uncounted);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (GPOINTER_TO_UINT (id) < before->n_threads && !g_hash_table_contains (self->ids, id))
      return FALSE;
  return TRUE;
}

/* A thread that began and ended while we looked is in the sums alone.  That counts it rightly, but makes a ring seem cut
 * of which nothing is gone. */
static gboolean
may_only_seem_cut (const Seen *self, const TrkPoolHeader *before, const TrkPoolHeader *after)
{
  guint64 n_ended = after->ended.n_threads - before->ended.n_threads;

  return n_ended > 0 && self->n_complete >= g_hash_table_size (self->ids)
         && self->ends.sums.n_threads > self->n_counted
         && self->ends.sums.n_threads - self->n_counted <= n_ended;
}

/* With the sums of the threads that have ended.  FALSE: it is to be looked at again. */
static gboolean
look_once (PoolReader *self, guint64 n_lanes, GArray *sightings)
{
  TrkPoolHeader *pool = &self->index->pool;
  g_auto (Seen) seen = { .n_counted = 0 };
  TrkPoolHeader before, after;
  gboolean is_read = ms_file_reader_read_now (self->reader, 0, &before, sizeof before);

  look_at_windows (self, n_lanes, sightings);
  if (pool->flags & TRK_POOL_FLAG_LANE_SUMS)
    {
      look_at_ends (self, n_lanes, sightings, &seen);
      pool->ended = seen.ends.sums;
    }
  is_read = is_read && ms_file_reader_read_now (self->reader, 0, &after, sizeof after);
  if (!is_read)
    return TRUE;
  if (pool->flags & TRK_POOL_FLAG_LANE_SUMS)
    return has_seen_running (&seen, &before) && !may_only_seem_cut (&seen, &before, &after);
  /* One that ended meanwhile would be in both, or in none. */
  pool->ended = after.ended;
  return memcmp (&before.ended, &after.ended, sizeof before.ended) == 0;
}

static void
look_at_ring (PoolReader *self, guint64 n_lanes, GArray *sightings)
{
  for (guint attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    if (look_once (self, n_lanes, sightings))
      return;
}

static void
read_sighting (PoolReader *self, const Sighting *seen)
{
  const TrkPoolHeader *pool = &self->index->pool;

  read_window (self, lane_offset (pool, seen->lane), state_offset (seen->window),
               window_offset (pool, seen->lane, seen->window), pool->event_window_bytes, seen);
}

/* Each thread's newest window, first in @sightings.  Returns how many, or -1: that of one which ran was written over
 * since it was looked at, and with it went all that is known of its thread. */
static gint
read_newest (PoolReader *self, const GArray *sightings)
{
  guint n_blocks = self->index->blocks->len, n_notes = self->index->diagnostics->len, n = 0;

  gboolean is_whole = TRUE;

  for (; n < sightings->len && g_array_index (sightings, Sighting, n).is_newest; n++)
    {
      const Sighting *seen = &g_array_index (sightings, Sighting, n);
      guint n_before = self->index->blocks->len;

      read_sighting (self, seen);
      is_whole = is_whole && (seen->has_ended || self->index->blocks->len > n_before);
    }
  if (is_whole || self->index->diagnostics->len > n_notes)
    return (gint) n;
  g_array_set_size (self->index->blocks, n_blocks);
  return -1;
}

/* The event windows of a ring, before their call stacks: a stack is written before the event that names it. */
static void
read_ring (PoolReader *self, guint64 n_lanes)
{
  g_autoptr (GArray) sightings = g_array_new (FALSE, TRUE, sizeof (Sighting));
  gint n_newest = -1;

  for (guint attempt = 0; attempt < MAX_LOOKS && n_newest < 0; attempt++)
    {
      look_at_ring (self, n_lanes, sightings);
      find_newest ((Sighting *) (gpointer) sightings->data, sightings->len);
      g_array_sort (sightings, compare_sightings);
      n_newest = read_newest (self, sightings);
    }
  for (guint i = (guint) MAX (n_newest, 0); i < sightings->len; i++)
    read_sighting (self, &g_array_index (sightings, Sighting, i));
}

static void
read_lane (PoolReader *self, guint64 lane, gboolean is_ring)
{
  const TrkPoolHeader *pool = &self->index->pool;
  guint64 lane_at = lane_offset (pool, lane);

  read_window (self, lane_at, G_STRUCT_OFFSET (TrkLane, stacks), lane_at + pool->lane_header_bytes,
               pool->stack_window_bytes, NULL);
  for (guint w = 0; w < pool->n_event_windows && !is_ring; w++)
    read_window (self, lane_at, state_offset (w), window_offset (pool, lane, w),
                 pool->event_window_bytes, NULL);
}

static void
read_lanes (PoolReader *self)
{
  const TrkPoolHeader *pool = &self->index->pool;
  gboolean is_ring = pool->flags & TRK_POOL_FLAG_RING;
  guint64 n_lanes;

  /* Lanes are there before the header says so: its count was read first. */
  ms_file_reader_update_size (self->reader);
  n_lanes = self->reader->size < pool->pool_header_bytes
                ? 0
                : (self->reader->size - pool->pool_header_bytes) / pool->lane_bytes;
  n_lanes = MIN (pool->n_lanes, n_lanes);
  if (is_ring)
    read_ring (self, n_lanes);
  for (guint64 i = 0; i < n_lanes; i++)
    read_lane (self, i, is_ring);
  if (n_lanes < pool->n_lanes)
    ms_diagnostics_add (self->index->diagnostics, MS_DIAGNOSTIC_DAMAGE, TRK_POOL_FILE_NAME,
                        lane_offset (pool, n_lanes),
                        "The file is cut: %" G_GUINT64_FORMAT " of %u lanes are missing.",
                        pool->n_lanes - n_lanes, pool->n_lanes);
}

/* Killed while it was making the file: the writer allocates it, then fills the header, magic last. */
static gboolean
was_not_begun (const MsFileReader *reader, const TrkPoolHeader *pool)
{
  static const char no_magic[sizeof pool->file.magic];

  return reader->size == 0
         || (reader->size <= TRK_POOL_HEADER_BYTES
             && memcmp (pool->file.magic, no_magic, sizeof no_magic) == 0);
}

static gboolean
read_pool (PoolReader *self, GError **error)
{
  MsBlockIndex *index = self->index;
  /* The header comes before the first lane: without lanes, the process was killed while it made the
   * file, and nothing was recorded in it. */
  MsDiagnosticLevel level =
      self->reader->size <= TRK_POOL_HEADER_BYTES ? MS_DIAGNOSTIC_WARNING : MS_DIAGNOSTIC_DAMAGE;
  gboolean readable, whole;

  whole = ms_file_reader_read_now (self->reader, 0, &index->pool, sizeof index->pool);
  if (was_not_begun (self->reader, &index->pool))
    {
      g_ptr_array_add (index->files, g_strdup (TRK_POOL_FILE_NAME));
      return TRUE;
    }
  if (!whole)
    {
      ms_diagnostics_add (index->diagnostics, level, TRK_POOL_FILE_NAME, 0,
                          "The file is cut before the end of its header.");
      return TRUE;
    }
  if (!ms_file_header_check (&index->pool.file, TRK_POOL_FILE_NAME, &readable, error))
    return FALSE;
  if (!readable || !geometry_is_sane (&index->pool))
    {
      ms_diagnostics_add (index->diagnostics, level, TRK_POOL_FILE_NAME, 0,
                          level == MS_DIAGNOSTIC_DAMAGE
                              ? "The header is damaged; events that were not flushed are lost."
                              : "The header is not complete, and no events followed it.");
      return TRUE;
    }
  if (!index->has_trace_id)
    ms_block_index_set_trace_id (index, index->pool.file.trace_id);
  if (memcmp (index->trace_id, index->pool.file.trace_id, 16) != 0)
    {
      ms_diagnostics_add (index->diagnostics, MS_DIAGNOSTIC_WARNING, TRK_POOL_FILE_NAME, 0,
                          "This file belongs to another trace and was left out.");
      return TRUE;
    }
  index->has_pool = TRUE;
  index->n_file_bytes += self->reader->size;
  g_ptr_array_add (index->files, g_strdup (TRK_POOL_FILE_NAME));
  self->file = index->files->len - 1;
  read_lanes (self);
  return TRUE;
}

gboolean
ms_pool_read (MsBlockIndex *index, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  MsFileReader reader;
  PoolReader self = { .index = index, .reader = &reader };
  gboolean done;

  if (!ms_file_reader_open (&reader, index->dir_fd, TRK_POOL_FILE_NAME, &local_error))
    {
      struct stat link;

      index->pool_is_gone =
          g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
          && fstatat (index->dir_fd, TRK_POOL_FILE_NAME, &link, AT_SYMLINK_NOFOLLOW) == 0;
      if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        ms_diagnostics_add (index->diagnostics, MS_DIAGNOSTIC_DAMAGE, TRK_POOL_FILE_NAME, 0,
                            "Cannot be read: %s.", local_error->message);
      return TRUE;
    }
  done = read_pool (&self, error);
  ms_file_reader_close (&reader);
  return done;
}
