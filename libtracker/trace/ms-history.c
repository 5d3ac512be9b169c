/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-history.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-cache-folder.h"
#include "ms-history-run.h"

struct _MsHistory {
  gatomicrefcount references;
  const guint8 *bytes; /* mapped */
  gsize n_bytes;
  const MsHistoryHeader *header;
  const MsHistorySegment *segments;
  const MsHistoryCheckpoint *checkpoints;
  const MsHistorySite *sites;
  const MsHistoryLarge *large;
  const MsHistoryMapping *mappings;
  const MsHistoryPair *pairs;
  guint n_segments, n_checkpoints;
};

/* --- opening --------------------------------------------------------------------------------------- */

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "the history in the cache is damaged (%s)", what);
  return FALSE;
}

static gboolean
check_header (const MsHistory *self, const MsFolderDigest *digest, GError **error)
{
  const MsHistoryHeader *header = self->header;

  if (self->n_bytes < MS_HISTORY_HEADER_BYTES
      || memcmp (header->magic, MS_HISTORY_MAGIC, sizeof header->magic) != 0
      || header->version != MS_HISTORY_VERSION || header->header_bytes != sizeof *header)
    return refuse (error, "no header");
  if (header->checksum
      != ms_history_checksum (0, header, G_STRUCT_OFFSET (MsHistoryHeader, checksum)))
    return refuse (error, "header");
  if (header->file_bytes != self->n_bytes)
    return refuse (error, "length");
  if (memcmp (&header->digest, digest, sizeof *digest) != 0)
    return refuse (error, "of another trace");
  return TRUE;
}

/* A table of @n elements at @table, or NULL with *@ok FALSE if that is not within the file. */
static const void *
find_table (const MsHistory *self, const MsHistoryTable *table, gsize element_bytes, gboolean *ok)
{
  if (table->offset % 8 != 0 || table->offset < MS_HISTORY_HEADER_BYTES
      || table->offset > self->n_bytes || table->n > (self->n_bytes - table->offset) / element_bytes
      || table->n >= G_MAXUINT32)
    {
      *ok = FALSE;
      return NULL;
    }
  return self->bytes + table->offset;
}

static gboolean
find_tables (MsHistory *self, GError **error)
{
  const MsHistoryHeader *header = self->header;
  gboolean ok = TRUE;
  guint64 sum = 0;

  self->segments = find_table (self, &header->segments, sizeof *self->segments, &ok);
  self->checkpoints = find_table (self, &header->checkpoints, sizeof *self->checkpoints, &ok);
  self->sites = find_table (self, &header->sites, sizeof *self->sites, &ok);
  self->large = find_table (self, &header->large, sizeof *self->large, &ok);
  self->mappings = find_table (self, &header->mappings, sizeof *self->mappings, &ok);
  self->pairs = find_table (self, &header->pairs, sizeof *self->pairs, &ok);
  if (!ok)
    return refuse (error, "tables");
  self->n_segments = (guint) header->segments.n;
  self->n_checkpoints = (guint) header->checkpoints.n;
  sum = ms_history_checksum (sum, self->segments, self->n_segments * sizeof *self->segments);
  sum =
      ms_history_checksum (sum, self->checkpoints, self->n_checkpoints * sizeof *self->checkpoints);
  sum = ms_history_checksum (sum, self->sites, header->sites.n * sizeof *self->sites);
  sum = ms_history_checksum (sum, self->large, header->large.n * sizeof *self->large);
  sum = ms_history_checksum (sum, self->mappings, header->mappings.n * sizeof *self->mappings);
  sum = ms_history_checksum (sum, self->pairs, header->pairs.n * sizeof *self->pairs);
  return sum == header->tables_checksum || refuse (error, "tables");
}

/* Whatever a scan uses as an index or a length; the columns' own numbers are checked as they are used. */
static gboolean
check_segments (const MsHistory *self, GError **error)
{
  guint64 n_events = 0, n_blocks = 0;

  for (guint i = 0; i < self->n_segments; i++)
    {
      const MsHistorySegment *segment = &self->segments[i];

      if (segment->n_events == 0 || segment->n_events > MS_HISTORY_SEGMENT_EVENTS
          || segment->n_frees > segment->n_events || segment->n_reallocs > segment->n_events
          || segment->first_event != n_events || segment->first_block != n_blocks
          || (i > 0 && segment->first_ns < self->segments[i - 1].first_ns)
          || segment->offset % 8 != 0 || segment->offset > self->n_bytes
          || ms_history_layout (segment, self->header->flags).end > self->n_bytes - segment->offset)
        return refuse (error, "segments");
      n_events += segment->n_events;
      n_blocks += segment->n_events - segment->n_frees;
    }
  return (n_events == self->header->n_events && n_blocks == self->header->n_blocks)
         || refuse (error, "segments");
}

static gboolean
check_tables (const MsHistory *self, GError **error)
{
  const MsHistoryHeader *header = self->header;
  gboolean ok = TRUE;

  for (guint i = 0; i < self->n_checkpoints; i++)
    {
      const MsHistoryCheckpoint *checkpoint = &self->checkpoints[i];
      guint64 segment = MIN ((i + 1) * (guint64) MS_HISTORY_CHECKPOINT_SEGMENTS, self->n_segments);

      ok &= checkpoint->segment == segment && checkpoint->n_sites <= header->sites.n
            && checkpoint->n_pairs <= header->pairs.n && checkpoint->offset % 8 == 0
            && checkpoint->offset <= self->n_bytes
            && ms_history_sums_layout (checkpoint).end <= self->n_bytes - checkpoint->offset;
    }
  for (guint64 i = 0; i < header->sites.n; i++)
    ok &= self->sites[i].thread < header->n_threads && self->sites[i].stack < header->n_stacks
          && self->sites[i].domain < MS_N_DOMAINS;
  for (guint64 i = 0; i < header->mappings.n; i++)
    ok &= self->mappings[i].site < header->sites.n && self->mappings[i].thread < header->n_threads
          && (i == 0 || self->mappings[i - 1].ns <= self->mappings[i].ns);
  for (guint64 i = 0; i < header->pairs.n; i++)
    ok &= self->pairs[i].owner < header->n_threads && self->pairs[i].freer < header->n_threads
          && self->pairs[i].domain < MS_N_DOMAINS;
  return ok || refuse (error, "tables");
}

static guint64
sum_segment (const MsHistory *self, const MsHistorySegment *segment)
{
  MsHistoryLayout layout = ms_history_layout (segment, self->header->flags);
  const guint8 *base = self->bytes + segment->offset;
  guint64 n = segment->n_events,
          n_groups = (n + MS_HISTORY_GROUP_EVENTS - 1) / MS_HISTORY_GROUP_EVENTS;
  guint64 n_sampled = segment->flags & MS_HISTORY_SAMPLED ? n : 0, sum = 0;
  guint thread_bytes = self->header->flags & MS_HISTORY_WIDE_THREADS ? 4 : 2;

  sum = ms_history_checksum (sum, base + layout.sizes, n * 4);
  sum = ms_history_checksum (sum, base + layout.sites, n * 4);
  sum = ms_history_checksum (sum, base + layout.births, segment->n_frees * (gsize) 4);
  sum = ms_history_checksum (sum, base + layout.threads, segment->n_frees * (gsize) thread_bytes);
  sum = ms_history_checksum (sum, base + layout.ages, segment->n_frees);
  sum = ms_history_checksum (sum, base + layout.old_blocks, segment->n_reallocs * (gsize) 4);
  sum = ms_history_checksum (sum, base + layout.old_bytes, segment->n_reallocs * (gsize) 8);
  sum = ms_history_checksum (sum, base + layout.groups, n_groups * sizeof (MsHistoryGroup));
  sum = ms_history_checksum (sum, base + layout.times, segment->n_time_bytes);
  sum = ms_history_checksum (sum, base + layout.weights, n_sampled * 4);
  sum = ms_history_checksum (sum, base + layout.requested, n_sampled * 4);
  return ms_history_checksum (sum, base + layout.halves, n_sampled);
}

typedef struct {
  const MsHistory *history;
  gint is_wrong; /* atomic */
} Verification;

/* The segments, then the checkpoints. */
static void
verify_piece (guint number, guint worker, gpointer data)
{
  Verification *self = data;
  const MsHistory *history = self->history;
  const MsHistoryCheckpoint *checkpoint;
  gboolean is_right;

  (void) worker;
  if (number < history->n_segments)
    {
      const MsHistorySegment *segment = &history->segments[number];

      is_right = sum_segment (history, segment) == segment->checksum;
    }
  else
    {
      checkpoint = &history->checkpoints[number - history->n_segments];
      is_right = ms_history_checksum (0, history->bytes + checkpoint->offset,
                                      ms_history_sums_layout (checkpoint).end)
                 == checkpoint->checksum;
    }
  if (!is_right)
    g_atomic_int_set (&self->is_wrong, 1);
}

static gboolean
verify_columns (const MsHistory *self, GError **error)
{
  Verification verification = { self, 0 };

  ms_history_run (self->n_segments + self->n_checkpoints, verify_piece, &verification, NULL, NULL);
  return !verification.is_wrong || refuse (error, "events");
}

MsHistory *
ms_history_open (int fd, const MsFolderDigest *digest, gboolean verify, GError **error)
{
  g_autoptr (MsHistory) self = g_new0 (MsHistory, 1);
  struct stat status;
  void *mapped = MAP_FAILED;

  g_atomic_ref_count_init (&self->references);
  if (fstat (fd, &status) == 0 && status.st_size >= MS_HISTORY_HEADER_BYTES)
    mapped = mmap (NULL, (gsize) status.st_size, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED)
    {
      refuse (error, "length");
      return NULL;
    }
  self->bytes = mapped;
  self->n_bytes = (gsize) status.st_size;
  self->header = mapped;
  if (!check_header (self, digest, error) || !find_tables (self, error)
      || !check_segments (self, error) || !check_tables (self, error)
      || (verify && !verify_columns (self, error)))
    return NULL;
  return g_steal_pointer (&self);
}

MsHistory *
ms_history_open_cached (const MsFolderDigest *digest, GError **error)
{
  g_autoptr (MsCacheFolder) cache = ms_cache_folder_new_for_user (error);
  g_autoptr (GError) reason = NULL;
  MsHistory *self;
  int fd;

  if (cache == NULL)
    return NULL;
  fd = ms_cache_folder_open (cache, digest, MS_HISTORY_CACHE_KIND, error);
  if (fd < 0)
    return NULL;
  self = ms_history_open (fd, digest, TRUE, &reason);
  close (fd);
  if (self == NULL)
    {
      ms_cache_folder_remove (cache, digest, MS_HISTORY_CACHE_KIND);
      g_propagate_error (error, g_steal_pointer (&reason));
    }
  return self;
}

gboolean
ms_history_fits (const MsHistory *self, const MsHistoryShape *shape)
{
  return self->header->n_threads == shape->n_threads && self->header->n_stacks == shape->n_stacks
         && self->header->duration_ns == shape->duration_ns;
}

MsHistory *
ms_history_ref (MsHistory *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
ms_history_unref (MsHistory *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  if (self->bytes != NULL)
    munmap ((gpointer) self->bytes, self->n_bytes);
  g_free (self);
}

/* --- columns --------------------------------------------------------------------------------------- */

guint64
ms_history_get_n_events (const MsHistory *self)
{
  return self->header->n_events;
}

gboolean
ms_history_is_sampled (const MsHistory *self)
{
  return (self->header->flags & MS_HISTORY_SAMPLED) != 0;
}

guint
ms_history_get_n_segments (const MsHistory *self)
{
  return self->n_segments;
}

guint
ms_history_find_segment (const MsHistory *self, guint64 event)
{
  guint low = 0, high = self->n_segments;

  if (event >= self->header->n_events)
    return self->n_segments;
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (self->segments[middle].first_event <= event)
        low = middle;
      else
        high = middle;
    }
  return low;
}

guint64
ms_history_get_first_event (const MsHistory *self, guint segment)
{
  return segment < self->n_segments ? self->segments[segment].first_event : self->header->n_events;
}

void
ms_history_get_columns (const MsHistory *self, guint number, MsHistoryColumns *columns)
{
  const MsHistorySegment *segment = &self->segments[number];
  MsHistoryLayout layout = ms_history_layout (segment, self->header->flags);
  const guint8 *base = self->bytes + segment->offset;
  gboolean wide = (self->header->flags & MS_HISTORY_WIDE_THREADS) != 0;
  gboolean sampled = (segment->flags & MS_HISTORY_SAMPLED) != 0;

  *columns = (MsHistoryColumns) {
    .n_events = segment->n_events,
    .n_frees = segment->n_frees,
    .n_reallocs = segment->n_reallocs,
    .first_event = segment->first_event,
    .first_block = segment->first_block,
    .sizes = (gconstpointer) (base + layout.sizes),
    .sites = (gconstpointer) (base + layout.sites),
    .births = (gconstpointer) (base + layout.births),
    .threads = wide ? NULL : (gconstpointer) (base + layout.threads),
    .wide_threads = wide ? (gconstpointer) (base + layout.threads) : NULL,
    .ages = base + layout.ages,
    .old_blocks = (gconstpointer) (base + layout.old_blocks),
    .old_bytes = (gconstpointer) (base + layout.old_bytes),
    .groups = (gconstpointer) (base + layout.groups),
    .times = base + layout.times,
    .n_time_bytes = segment->n_time_bytes,
    .weights = sampled ? (gconstpointer) (base + layout.weights) : NULL,
    .requested = sampled ? (gconstpointer) (base + layout.requested) : NULL,
    .halves = sampled ? base + layout.halves : NULL,
  };
}

gboolean
ms_history_get_sums (const MsHistory *self, guint segment, MsHistorySums *sums)
{
  guint number = (segment + MS_HISTORY_CHECKPOINT_SEGMENTS - 1) / MS_HISTORY_CHECKPOINT_SEGMENTS;
  const MsHistoryCheckpoint *checkpoint;
  MsHistorySumsLayout layout;
  const guint8 *base;

  if (number == 0 || number > self->n_checkpoints)
    return FALSE;
  checkpoint = &self->checkpoints[number - 1];
  layout = ms_history_sums_layout (checkpoint);
  base = self->bytes + checkpoint->offset;
  *sums = (MsHistorySums) {
    .n_sites = checkpoint->n_sites,
    .n_pairs = checkpoint->n_pairs,
    .allocated_bytes = (gconstpointer) (base + layout.allocated_bytes),
    .freed_bytes = (gconstpointer) (base + layout.freed_bytes),
    .allocations = (gconstpointer) (base + layout.allocations),
    .frees = (gconstpointer) (base + layout.frees),
    .temporary = (gconstpointer) (base + layout.temporary),
    .reallocations = (gconstpointer) (base + layout.reallocations),
    .pair_frees = (gconstpointer) (base + layout.pair_frees),
    .pair_bytes = (gconstpointer) (base + layout.pair_bytes),
  };
  return TRUE;
}

guint32
ms_history_get_n_sites (const MsHistory *self)
{
  return (guint32) self->header->sites.n;
}

const MsHistorySite *
ms_history_get_sites (const MsHistory *self)
{
  return self->sites;
}

const MsHistoryMapping *
ms_history_get_mappings (const MsHistory *self, guint64 *n)
{
  *n = self->header->mappings.n;
  return self->mappings;
}

const MsHistoryPair *
ms_history_get_pairs (const MsHistory *self, guint64 *n)
{
  *n = self->header->pairs.n;
  return self->pairs;
}

guint64
ms_history_find_large (const MsHistory *self, guint64 event)
{
  guint64 low = 0, high = self->header->large.n;

  while (low < high)
    {
      guint64 middle = low + (high - low) / 2;

      if (self->large[middle].event < event)
        low = middle + 1;
      else
        high = middle;
    }
  return low < self->header->large.n && self->large[low].event == event ? self->large[low].bytes
                                                                        : 0;
}

/* --- time ------------------------------------------------------------------------------------------ */

/* Runs along group @group until event @until of the segment, or the first at @ns or
 * later.  Returns where it stopped; *@time_ns: of that event. */
static guint32
walk_group (const MsHistoryColumns *columns,
            guint32 group,
            guint32 until,
            gint64 ns,
            gint64 *time_ns)
{
  guint32 at = group * MS_HISTORY_GROUP_EVENTS;
  guint32 end = MIN (at + MS_HISTORY_GROUP_EVENTS, columns->n_events);
  guint64 byte = columns->groups[group].first_time_byte,
          now = (guint64) columns->groups[group].first_ns;

  for (; at < until && (gint64) now < ns; at++)
    {
      guint64 more = 0;

      if (at + 1 == end)
        return end;
      for (guint shift = 0; byte < columns->n_time_bytes && shift < 64; shift += 7)
        {
          guint8 b = columns->times[byte++];

          more |= (guint64) (b & 0x7f) << shift;
          if (b < 0x80)
            break;
        }
      now += more;
    }
  *time_ns = (gint64) now;
  return at;
}

guint64
ms_history_find_time (const MsHistory *self, gint64 ns)
{
  guint low = 0, high = self->n_segments;
  MsHistoryColumns columns;
  gint64 time_ns;

  /* The last segment that begins before @ns, then the last such group of it. */
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (self->segments[middle].first_ns < ns)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return 0;
  ms_history_get_columns (self, low - 1, &columns);
  low = 0;
  high = (columns.n_events + MS_HISTORY_GROUP_EVENTS - 1) / MS_HISTORY_GROUP_EVENTS;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (columns.groups[middle].first_ns < ns)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return columns.first_event;
  return columns.first_event + walk_group (&columns, low - 1, G_MAXUINT32, ns, &time_ns);
}

gint64
ms_history_get_time (const MsHistory *self, guint64 event)
{
  MsHistoryColumns columns;
  gint64 time_ns = 0;
  guint32 at;

  if (self->n_segments == 0)
    return 0;
  event = MIN (event, self->header->n_events - 1);
  ms_history_get_columns (self, ms_history_find_segment (self, event), &columns);
  at = (guint32) (event - columns.first_event);
  walk_group (&columns, at / MS_HISTORY_GROUP_EVENTS, at, G_MAXINT64, &time_ns);
  return time_ns;
}

guint64
ms_history_count_blocks (const MsHistory *self, guint64 event)
{
  guint segment = ms_history_find_segment (self, event);
  MsHistoryColumns columns;
  guint64 n;

  if (segment == self->n_segments)
    return self->header->n_blocks;
  ms_history_get_columns (self, segment, &columns);
  n = columns.first_block;
  for (guint32 i = 0; i < (guint32) (event - columns.first_event); i++)
    n += !(columns.sizes[i] & MS_HISTORY_FREE);
  return n;
}
