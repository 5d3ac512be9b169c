/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-history-writer.h"

#include <string.h>

#include "ms-diagnostic.h"
#include "ms-history-file.h"

/* A batch is written whole: it may not cross the end of a segment. */
#define FULL_EVENTS (MS_HISTORY_SEGMENT_EVENTS - MS_MATCHED_PER_BATCH + 1)
static guint full_events = FULL_EVENTS;

#define MAX_MAPPINGS (4U << 20)
#define MAX_BLOCKS (G_MAXUINT32 - 1)

/* The old block of a realloc that a thread is in. */
typedef struct {
  guint32 block;
  guint64 bytes;
} OldBlock;

struct _MsHistoryWriter {
  MsHistoryFile *file;
  GError *error; /* it stopped */
  guint32 flags;
  guint clock_knot;

  MsHistorySegment segment; /* being filled */
  gint64 last_ns;
  guint32 *sizes, *sites, *births, *old_blocks, *requested;
  guint64 *old_bytes;
  void *threads;
  guint8 *ages, *times, *halves;
  float *weights;
  MsHistoryGroup groups[MS_HISTORY_GROUPS];

  guint64 n_events, n_blocks;
  GArray *segments, *checkpoints, *large, *mappings; /* of what the format has */
  OldBlock *reallocs;                                /* by thread */
  guint n_reallocs;
};

void
ms_history_writer_set_segment_events (guint n)
{
  full_events = n > 0 ? MIN (n, FULL_EVENTS) : FULL_EVENTS;
}

MsHistoryWriter *
ms_history_writer_new (const MsFolderDigest *digest, guint64 expected_bytes, gboolean wide_threads)
{
  MsHistoryWriter *self = g_new0 (MsHistoryWriter, 1);
  const guint n = MS_HISTORY_SEGMENT_EVENTS;

  self->file = ms_history_file_begin (digest, expected_bytes, &self->error);
  self->flags = wide_threads ? MS_HISTORY_WIDE_THREADS : 0;
  self->sizes = g_new (guint32, n);
  self->sites = g_new (guint32, n);
  self->births = g_new (guint32, n);
  self->threads = g_new (guint32, n);
  self->ages = g_new (guint8, n);
  self->old_blocks = g_new (guint32, n);
  self->old_bytes = g_new (guint64, n);
  self->times = g_new (guint8, n * MS_HISTORY_MAX_TIME_BYTES);
  self->segments = g_array_new (FALSE, FALSE, sizeof (MsHistorySegment));
  self->checkpoints = g_array_new (FALSE, FALSE, sizeof (MsHistoryCheckpoint));
  self->large = g_array_new (FALSE, FALSE, sizeof (MsHistoryLarge));
  self->mappings = g_array_new (FALSE, FALSE, sizeof (MsHistoryMapping));
  return self;
}

void
ms_history_writer_free (MsHistoryWriter *self)
{
  g_clear_pointer (&self->file, ms_history_file_free);
  g_clear_error (&self->error);
  g_free (self->sizes);
  g_free (self->sites);
  g_free (self->births);
  g_free (self->threads);
  g_free (self->ages);
  g_free (self->old_blocks);
  g_free (self->old_bytes);
  g_free (self->times);
  g_free (self->weights);
  g_free (self->requested);
  g_free (self->halves);
  g_free (self->reallocs);
  g_array_unref (self->segments);
  g_array_unref (self->checkpoints);
  g_array_unref (self->large);
  g_array_unref (self->mappings);
  g_free (self);
}

static void
stop (MsHistoryWriter *self, const char *reason)
{
  if (self->error == NULL)
    self->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, reason);
}

/* --- one event ----------------------------------------------------------------------------------- */

static inline void
put_time (MsHistoryWriter *self, guint32 at, gint64 ns)
{
  guint8 *byte = self->times + self->segment.n_time_bytes;
  guint64 rest;

  if (at % MS_HISTORY_GROUP_EVENTS == 0)
    {
      self->groups[at / MS_HISTORY_GROUP_EVENTS] =
          (MsHistoryGroup) { ns, self->segment.n_time_bytes };
      if (at == 0)
        self->segment.first_ns = ns;
    }
  else
    {
      for (rest = (guint64) (ns - self->last_ns); rest >= 0x80; rest >>= 7)
        *byte++ = (guint8) (rest | 0x80);
      *byte++ = (guint8) rest;
      self->segment.n_time_bytes = (guint32) (byte - self->times);
    }
  self->last_ns = ns;
}

static inline guint32
size_word (MsHistoryWriter *self, guint64 bytes)
{
  MsHistoryLarge large = { self->n_events, bytes };

  if (G_LIKELY (bytes < MS_HISTORY_LARGE))
    return (guint32) bytes;
  g_array_append_val (self->large, large);
  return MS_HISTORY_LARGE;
}

static inline guint32
requested_word (guint64 bytes)
{
  return (guint32) MIN (bytes, MS_HISTORY_LARGE_REQUEST);
}

/* From the first weight on each segment has columns of weights. */
static void
begin_sampling (MsHistoryWriter *self)
{
  guint large = self->large->len;

  self->flags |= MS_HISTORY_SAMPLED;
  self->segment.flags = MS_HISTORY_SAMPLED;
  self->weights = g_new (float, MS_HISTORY_SEGMENT_EVENTS);
  self->requested = g_new (guint32, MS_HISTORY_SEGMENT_EVENTS);
  self->halves = g_new0 (guint8, MS_HISTORY_SEGMENT_EVENTS);
  /* From the last one on, as the large sizes of this segment are the last ones in their table. */
  for (guint i = self->segment.n_events; i-- > 0;)
    {
      guint64 bytes = self->sizes[i] & MS_HISTORY_SIZE;

      if (bytes == MS_HISTORY_LARGE)
        bytes = g_array_index (self->large, MsHistoryLarge, --large).bytes;
      self->weights[i] = 1;
      self->requested[i] = self->sizes[i] & MS_HISTORY_FREE ? 0 : requested_word (bytes);
    }
}

static void
put_weight (MsHistoryWriter *self, const MsMatched *event, guint32 at)
{
  gboolean is_alloc = event->kind == MS_MATCHED_ALLOC;

  self->weights[at] = event->weight;
  self->requested[at] = is_alloc ? requested_word (event->size) : 0;
  self->halves[at] = event->halves;
}

static OldBlock *
old_block_of (MsHistoryWriter *self, guint32 thread)
{
  if (thread >= self->n_reallocs)
    {
      guint n = MAX (thread + 1, self->n_reallocs * 2);

      self->reallocs = g_renew (OldBlock, self->reallocs, n);
      for (guint i = self->n_reallocs; i < n; i++)
        self->reallocs[i].block = MS_HISTORY_NO_BLOCK;
      self->n_reallocs = n;
    }
  return &self->reallocs[thread];
}

/* @event ends a realloc. */
static G_NO_INLINE void
put_realloc (MsHistoryWriter *self, const MsMatched *event)
{
  OldBlock *old = old_block_of (self, event->thread);
  guint32 at = self->segment.n_reallocs++;

  self->old_blocks[at] = old->block;
  self->old_bytes[at] = old->block == MS_HISTORY_NO_BLOCK ? 0 : old->bytes;
  old->block = MS_HISTORY_NO_BLOCK;
}

/* @event begins one. */
static G_NO_INLINE void
keep_old_block (MsHistoryWriter *self, const MsMatched *event)
{
  *old_block_of (self, event->thread) =
      (OldBlock) { event->number, (guint64) ((double) event->bytes / event->weight + 0.5) };
}

static inline void
put_free (MsHistoryWriter *self, const MsMatched *event, double ns_per_tick)
{
  guint32 at = self->segment.n_frees++;
  double age_ns = (double) (event->ticks - event->birth_ticks) * ns_per_tick;
  guint64 age = (guint64) MIN (age_ns, 0x1p62);

  self->births[at] = event->number;
  if (self->flags & MS_HISTORY_WIDE_THREADS)
    ((guint32 *) self->threads)[at] = event->thread;
  else
    ((guint16 *) self->threads)[at] = (guint16) event->thread;
  self->ages[at] = (guint8) (age ? 64 - __builtin_clzll (age) : 0);
  if (G_UNLIKELY (event->flags & MS_MATCHED_REALLOC))
    keep_old_block (self, event);
}

static inline void
put_event (MsHistoryWriter *self, const MsMatched *event, gint64 ns, double ns_per_tick)
{
  guint32 at = self->segment.n_events, word = size_word (self, event->bytes);

  if (event->kind == MS_MATCHED_ALLOC)
    {
      self->n_blocks++;
      if (G_UNLIKELY (event->flags & MS_MATCHED_REALLOC))
        {
          word |= MS_HISTORY_FLAG;
          put_realloc (self, event);
        }
    }
  else
    {
      word |= MS_HISTORY_FREE | (event->flags & MS_MATCHED_TEMPORARY ? MS_HISTORY_FLAG : 0);
      put_free (self, event, ns_per_tick);
    }
  self->sizes[at] = word;
  self->sites[at] = event->site;
  put_time (self, at, ns);
  if (G_UNLIKELY (self->weights != NULL))
    put_weight (self, event, at);
  self->segment.n_events++;
  self->n_events++;
}

void
ms_history_writer_forget_name (MsHistoryWriter *self)
{
  if (self->file != NULL)
    ms_history_file_forget_name (self->file);
}

void
ms_history_writer_take_mapping (MsHistoryWriter *self, const MsHistoryMapping *mapping)
{
  if (self->error != NULL)
    return;
  if (self->mappings->len == MAX_MAPPINGS)
    stop (self, "the trace has more than four million changes of mappings");
  g_array_append_val (self->mappings, *mapping);
}

/* --- segments and checkpoints --------------------------------------------------------------------- */

static void
write_segment (MsHistoryWriter *self)
{
  MsHistorySegment *segment = &self->segment;
  guint64 n = segment->n_events, n_frees = segment->n_frees, n_reallocs = segment->n_reallocs;
  guint64 n_groups = (n + MS_HISTORY_GROUP_EVENTS - 1) / MS_HISTORY_GROUP_EVENTS;
  guint thread_bytes = self->flags & MS_HISTORY_WIDE_THREADS ? 4 : 2;
  guint64 n_sampled = self->weights ? n : 0;
  const MsHistoryPiece pieces[] = { { self->sizes, n * 4 },
                                    { self->sites, n * 4 },
                                    { self->births, n_frees * 4 },
                                    { self->threads, n_frees * thread_bytes },
                                    { self->ages, n_frees },
                                    { self->old_blocks, n_reallocs * 4 },
                                    { self->old_bytes, n_reallocs * 8 },
                                    { self->groups, n_groups * sizeof (MsHistoryGroup) },
                                    { self->times, segment->n_time_bytes },
                                    { self->weights, n_sampled * 4 },
                                    { self->requested, n_sampled * 4 },
                                    { self->halves, n_sampled } };

  segment->offset = ms_history_file_get_end (self->file);
  ms_history_file_append (self->file, pieces, G_N_ELEMENTS (pieces), &segment->checksum,
                          &self->error);
  g_array_append_val (self->segments, *segment);
  *segment = (MsHistorySegment) { .first_event = self->n_events,
                                  .first_block = self->n_blocks,
                                  .flags = self->flags & MS_HISTORY_SAMPLED };
}

/* The accounting has seen what is in the segments, and no more. */
static void
write_checkpoint (MsHistoryWriter *self, const MsAccounting *accounting)
{
  guint64 n = accounting->n_sites, n_pairs = accounting->pairings->len;
  MsHistoryCheckpoint checkpoint = { .offset = ms_history_file_get_end (self->file),
                                     .segment = self->segments->len,
                                     .n_sites = (guint32) n,
                                     .n_pairs = n_pairs };
  MsHistorySumsLayout layout = ms_history_sums_layout (&checkpoint);
  g_autofree guint8 *sums = g_malloc0 (layout.end + 8);
  guint64 *allocated_bytes = (gpointer) sums, *freed_bytes = (gpointer) (sums + layout.freed_bytes);
  guint32 *allocations = (gpointer) (sums + layout.allocations);
  guint32 *frees = (gpointer) (sums + layout.frees);
  guint32 *temporary = (gpointer) (sums + layout.temporary);
  guint32 *reallocations = (gpointer) (sums + layout.reallocations);
  guint64 *pair_frees = (gpointer) (sums + layout.pair_frees);
  guint64 *pair_bytes = (gpointer) (sums + layout.pair_bytes);
  const MsHistoryPiece piece = { sums, layout.end };

  for (guint64 i = 0; i < n; i++)
    {
      const MsSite *site = &accounting->sites[i];

      allocated_bytes[i] = site->allocated_bytes;
      freed_bytes[i] = site->allocated_bytes - site->live_bytes;
      allocations[i] = (guint32) site->allocations;
      frees[i] = (guint32) (site->allocations - site->live_blocks);
      temporary[i] = (guint32) site->temporary_allocations;
      reallocations[i] = (guint32) site->reallocations;
    }
  for (guint64 i = 0; i < n_pairs; i++)
    {
      const MsPairing *pairing = &g_array_index (accounting->pairings, MsPairing, i);

      pair_frees[i] = (guint64) pairing->frees;
      pair_bytes[i] = pairing->bytes;
    }
  ms_history_file_append (self->file, &piece, 1, &checkpoint.checksum, &self->error);
  g_array_append_val (self->checkpoints, checkpoint);
}

void
ms_history_writer_take (MsHistoryWriter *self,
                        MsAccounting *accounting,
                        const MsMatchedBatch *batch)
{
  const MsClock *clock = accounting->clock;

  if (self->error != NULL)
    return;
  for (guint i = 0; i < batch->n; i++)
    {
      const MsMatched *event = &batch->events[i];

      if (event->kind != MS_MATCHED_ALLOC && event->kind != MS_MATCHED_FREE)
        continue;
      if (G_UNLIKELY (event->flags & MS_MATCHED_SAMPLED) && self->weights == NULL)
        begin_sampling (self);
      put_event (self, event, ms_clock_to_ns_near (clock, &self->clock_knot, event->ticks),
                 clock->ns_per_tick);
    }
  if (self->n_blocks > MAX_BLOCKS)
    stop (self, "the trace has more than four thousand million blocks");
  if (self->segment.n_events < full_events)
    return;
  write_segment (self);
  if (self->segments->len % MS_HISTORY_CHECKPOINT_SEGMENTS == 0
      && !(self->flags & MS_HISTORY_SAMPLED))
    write_checkpoint (self, accounting);
}

/* --- the end -------------------------------------------------------------------------------------- */

static GArray *
list_sites (const MsAccounting *accounting, const guint32 *stack_numbers)
{
  GArray *sites = g_array_sized_new (FALSE, FALSE, sizeof (MsHistorySite), accounting->n_sites);

  for (guint i = 0; i < accounting->n_sites; i++)
    {
      const MsSite *site = &accounting->sites[i];
      MsHistorySite said = { site->tally->thread, stack_numbers[site->stack], site->tally->domain };

      g_array_append_val (sites, said);
    }
  return sites;
}

static GArray *
list_pairs (const MsAccounting *accounting)
{
  GArray *pairs = g_array_new (FALSE, FALSE, sizeof (MsHistoryPair));

  for (guint i = 0; i < accounting->pairings->len; i++)
    {
      const MsPairing *pairing = &g_array_index (accounting->pairings, MsPairing, i);
      MsHistoryPair pair = { pairing->owner->thread, pairing->thread, pairing->owner->domain };

      g_array_append_val (pairs, pair);
    }
  return pairs;
}

static void
write_table (MsHistoryWriter *self,
             const GArray *elements,
             MsHistoryTable *table,
             guint64 *checksum)
{
  MsHistoryPiece piece = { elements->data,
                           (gsize) elements->len * g_array_get_element_size ((GArray *) elements) };

  *table = (MsHistoryTable) { ms_history_file_get_end (self->file), elements->len };
  ms_history_file_append (self->file, &piece, 1, NULL, &self->error);
  *checksum = ms_history_checksum (*checksum, piece.bytes, piece.n);
}

static void
write_tables (MsHistoryWriter *self,
              MsHistoryHeader *header,
              const MsAccounting *accounting,
              const guint32 *stack_numbers)
{
  g_autoptr (GArray) sites = list_sites (accounting, stack_numbers);
  g_autoptr (GArray) pairs = list_pairs (accounting);

  write_table (self, self->segments, &header->segments, &header->tables_checksum);
  write_table (self, self->checkpoints, &header->checkpoints, &header->tables_checksum);
  write_table (self, sites, &header->sites, &header->tables_checksum);
  write_table (self, self->large, &header->large, &header->tables_checksum);
  write_table (self, self->mappings, &header->mappings, &header->tables_checksum);
  write_table (self, pairs, &header->pairs, &header->tables_checksum);
}

MsHistory *
ms_history_writer_finish (MsAccounting *accounting,
                          const guint32 *stack_numbers,
                          const MsHistoryShape *shape,
                          GPtrArray *diagnostics)
{
  MsHistoryWriter *self = accounting->history;
  MsHistory *history = NULL;
  MsHistoryHeader header = { .version = MS_HISTORY_VERSION,
                             .header_bytes = sizeof header,
                             .n_threads = shape->n_threads,
                             .n_stacks = shape->n_stacks,
                             .duration_ns = shape->duration_ns };

  if (self == NULL)
    return NULL;
  header.flags = self->flags;
  header.n_events = self->n_events;
  header.n_blocks = self->n_blocks;

  if (self->error == NULL && self->segment.n_events > 0)
    write_segment (self);
  if (self->error == NULL && !(self->flags & MS_HISTORY_SAMPLED))
    write_checkpoint (self, accounting);
  if (self->error == NULL)
    write_tables (self, &header, accounting, stack_numbers);
  if (self->error == NULL)
    history = ms_history_file_finish (self->file, &header, &self->error);
  if (history == NULL)
    ms_diagnostics_add (diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
                        "Parts of the trace cannot be looked at by themselves: %s.",
                        self->error->message);
  return history;
}
