/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The highest live bytes of chosen blocks: branch and bound.
 *
 * Between two checkpoints the curve rises no higher than what was live at the first plus all that was allocated
 * until the second.  These bounds are sums and come at once; the stretches are then walked through from the
 * one with the highest bound on, until the best moment found is higher than every bound that is left.
 */
#include "ms-trace-private.h"
#include "ms-view-private.h"

#include <stdlib.h>

typedef struct {
  guint64 first, end;  /* events */
  guint64 live, upper; /* at its beginning; at most in it */
} Chunk;

typedef struct {
  guint64 bytes, event; /* live before @event, at the earliest such moment */
} Moment;

/* --- bounds ---------------------------------------------------------------------------------------- */

typedef struct {
  guint64 allocated, freed;
} Sums;

typedef struct {
  const MsView *view;
  const guint8 *marks;
  guint first_segment; /* of the first checkpoint within the range */
  Sums *sums;
} BoundScan;

static void
sum_checkpoint (guint number, guint worker, gpointer data)
{
  BoundScan *self = data;
  MsHistorySums stored;
  Sums sums = { 0, 0 };

  (void) worker;
  if (!ms_history_get_sums (self->view->history,
                            self->first_segment + number * MS_HISTORY_CHECKPOINT_SEGMENTS, &stored))
    return;
  for (guint32 i = 0; i < stored.n_sites; i++)
    {
      guint64 mask = 0 - (guint64) self->marks[i];

      sums.allocated += stored.allocated_bytes[i] & mask;
      sums.freed += stored.freed_bytes[i] & mask;
    }
  self->sums[number] = sums;
}

static Sums
sum_sites (const MsView *self, const guint8 *marks, const MsSiteSums *of_sites)
{
  guint32 n = ms_history_get_n_sites (self->history);
  Sums sums = { 0, 0 };

  for (guint32 i = 0; i < n && of_sites != NULL; i++)
    {
      guint64 mask = 0 - (guint64) marks[i];

      sums.allocated += of_sites[i].bytes[0] & mask;
      sums.freed += of_sites[i].bytes[1] & mask;
    }
  return sums;
}

/* The range in order, and an empty chunk at its end. (transfer full) */
static GArray *
list_chunks (const MsView *self, const guint8 *marks)
{
  const MsHistory *history = self->history;
  guint step = MS_HISTORY_CHECKPOINT_SEGMENTS;
  guint first = ms_history_find_segment (history, self->first) / step * step + step;
  guint last = ms_history_find_segment (history, self->end);
  guint n = last > first ? (last - first - 1) / step + 1 : 0;
  g_autofree Sums *sums = g_new0 (Sums, n + 2);
  BoundScan scan = { self, marks, first, sums + 1 };
  GArray *chunks;

  sums[0] = sum_sites (self, marks, self->start_sums);
  ms_history_run (n, sum_checkpoint, &scan, NULL, NULL);
  sums[n + 1] = sum_sites (self, marks, self->end_sums);
  chunks = g_array_sized_new (FALSE, FALSE, sizeof (Chunk), n + 2);
  for (guint i = 0; i < n + 2; i++)
    {
      guint64 live = sums[i].allocated - sums[i].freed;
      Chunk chunk = { self->end, self->end, live, live };

      if (i == 0)
        chunk.first = self->first;
      else if (i <= n)
        chunk.first = ms_history_get_first_event (history, first + (i - 1) * step);
      if (i < n)
        chunk.end = ms_history_get_first_event (history, first + i * step);
      if (i <= n)
        chunk.upper += sums[i + 1].allocated - sums[i].allocated;
      g_array_append_val (chunks, chunk);
    }
  return chunks;
}

static void
find_bounds (const GArray *chunks, guint64 *low, guint64 *high)
{
  *low = *high = 0;
  for (guint i = 0; i < chunks->len; i++)
    {
      *low = MAX (*low, g_array_index (chunks, Chunk, i).live);
      *high = MAX (*high, g_array_index (chunks, Chunk, i).upper);
    }
}

/* --- of mappings ----------------------------------------------------------------------------------- */

typedef struct {
  const MsView *view;
  guint64 live, best;
  gint64 best_ns;
  guint64 *by_thread, *by_stack; /* NULL: the first time, to find the moment */
  guint64 n_done, n_until;       /* changes */
  gboolean in_range;
} MappingPeak;

static void
note_mapping_peak (MappingPeak *self, gint64 ns)
{
  if (self->live <= self->best)
    return;
  self->best = self->live;
  self->best_ns = ns;
  self->n_until = self->n_done;
}

static void
walk_mapping (gint64 ns, guint64 bytes, gboolean made, guint32 site, gpointer data)
{
  MappingPeak *self = data;
  guint64 change = made ? bytes : 0 - bytes;

  if (!self->in_range && ns >= self->view->start_ns)
    {
      self->in_range = TRUE;
      note_mapping_peak (self, self->view->start_ns);
    }
  self->live += change;
  self->n_done++;
  if (self->in_range)
    note_mapping_peak (self, ns);
  (void) site;
}

static void
spread_mapping (gint64 ns, guint64 bytes, gboolean made, guint32 site, gpointer data)
{
  MappingPeak *self = data;
  const MsHistorySite *sites = ms_history_get_sites (self->view->history);
  guint64 change = made ? bytes : 0 - bytes;

  (void) ns;
  if (self->n_done++ >= self->n_until)
    return;
  self->by_thread[sites[site].thread] += change;
  self->by_stack[sites[site].stack] += change;
}

static void
find_mapping_peak (MsView *self, MsPeak *peak, guint64 *by_thread, guint64 *by_stack)
{
  g_autofree guint8 *marks = ms_view_mark_sites (self, MS_DOMAIN_MAPPING, NULL);
  MappingPeak walk = { .view = self, .best_ns = MS_TIME_NONE };

  ms_view_walk_mappings (self, marks, walk_mapping, &walk);
  if (!walk.in_range)
    note_mapping_peak (&walk, self->start_ns);
  peak->bytes = walk.best;
  peak->time_ns = walk.best_ns;
  walk.by_thread = by_thread;
  walk.by_stack = by_stack;
  walk.n_done = 0;
  ms_view_walk_mappings (self, marks, spread_mapping, &walk);
}

/* --- the exact one --------------------------------------------------------------------------------- */

typedef struct {
  const MsView *view;
  const guint8 *marks;
  gboolean is_sparse;
  const GArray *chunks; /* highest bound first */
  GCancellable *cancellable;
  GMutex lock;
  Moment best;
} PeakScan;

static gboolean
is_better (const Moment *a, const Moment *b)
{
  return a->bytes > b->bytes || (a->bytes == b->bytes && a->event < b->event);
}

/* Until the stretch's end, or the first event whose size is elsewhere, which it returns. */
static guint32
walk_plain (const MsStretch *stretch,
            const guint8 *marks,
            guint32 n_sites,
            guint32 from,
            guint64 *live,
            Moment *best)
{
  const guint32 *sizes = stretch->columns.sizes, *sites = stretch->columns.sites;
  gint64 now = (gint64) *live, highest = (gint64) best->bytes;
  guint32 i, to = stretch->to, highest_at = G_MAXUINT32;

  for (i = from; i < to; i++)
    {
      guint64 bytes = sizes[i] & MS_HISTORY_SIZE;
      gint64 is_free = -(gint64) (sizes[i] >> 31);

      ms_stretch_look_ahead (sizes, i);
      ms_stretch_look_ahead (sites, i);
      if (G_UNLIKELY (bytes == MS_HISTORY_LARGE))
        break;
      bytes &= 0 - (guint64) marks[MIN (sites[i], n_sites)];
      now += ((gint64) bytes ^ is_free) - is_free;
      if (G_UNLIKELY (now > highest))
        {
          highest = now;
          highest_at = i;
        }
    }
  *live = (guint64) now;
  if (highest_at != G_MAXUINT32)
    *best = (Moment) { (guint64) highest, stretch->columns.first_event + highest_at + 1 };
  return i;
}

/* Where few events are chosen. */
static void
walk_sparse (const MsHistory *history,
             const MsStretch *stretch,
             const guint8 *marks,
             guint32 from,
             guint32 to,
             guint64 *live,
             Moment *best)
{
  const MsHistoryColumns *columns = &stretch->columns;
  guint32 n_sites = ms_history_get_n_sites (history);
  gint64 now = (gint64) *live;

  for (guint32 i = from; i < to; i++)
    {
      gint64 bytes;

      ms_stretch_look_ahead (columns->sites, i);
      if (G_LIKELY (!marks[ms_view_site_of (columns, i, n_sites)]))
        continue;
      bytes = (gint64) ms_history_bytes (history, columns, i);
      now += columns->sizes[i] & MS_HISTORY_FREE ? -bytes : bytes;
      if (now > (gint64) best->bytes)
        *best = (Moment) { (guint64) now, columns->first_event + i + 1 };
    }
  *live = (guint64) now;
}

/* @live: before the stretch, then after it. */
static void
walk (const MsHistory *history,
      const MsStretch *stretch,
      const guint8 *marks,
      guint64 *live,
      Moment *best)
{
  guint32 n_sites = ms_history_get_n_sites (history), from = stretch->from;

  while ((from = walk_plain (stretch, marks, n_sites, from, live, best)) < stretch->to)
    {
      walk_sparse (history, stretch, marks, from, from + 1, live, best);
      from++;
    }
}

static void
scan_chunk (guint number, guint worker, gpointer data)
{
  PeakScan *self = data;
  const Chunk *chunk = &g_array_index (self->chunks, Chunk, number);
  const MsHistory *history = self->view->history;
  guint n = ms_history_count_pieces (history, chunk->first, chunk->end);
  Moment best = { chunk->live, chunk->first };
  guint64 live = chunk->live;
  gboolean is_worth_it;
  MsStretch stretch;

  (void) worker;
  g_mutex_lock (&self->lock);
  is_worth_it = is_better (&(Moment) { chunk->upper, chunk->first }, &self->best);
  g_mutex_unlock (&self->lock);
  if (!is_worth_it)
    return;
  for (guint i = 0; i < n && !g_cancellable_is_cancelled (self->cancellable); i++)
    {
      ms_history_get_stretch (history, chunk->first, chunk->end, i, &stretch);
      if (self->is_sparse)
        walk_sparse (history, &stretch, self->marks, stretch.from, stretch.to, &live, &best);
      else
        walk (history, &stretch, self->marks, &live, &best);
    }
  g_mutex_lock (&self->lock);
  if (is_better (&best, &self->best))
    self->best = best;
  g_mutex_unlock (&self->lock);
}

static int
compare_chunks (gconstpointer a, gconstpointer b)
{
  const Chunk *x = a, *y = b;

  if (x->upper != y->upper)
    return x->upper > y->upper ? -1 : 1;
  return x->first < y->first ? -1 : x->first > y->first;
}

static void
spread (const MsView *self, const guint8 *marks, guint64 event, guint64 *threads, guint64 *stacks)
{
  const MsHistorySite *sites = ms_history_get_sites (self->history);
  guint32 n = ms_history_get_n_sites (self->history);
  g_autofree MsSiteSums *sums = ms_view_sums_before (self, event);

  for (guint32 i = 0; i < n; i++)
    if (marks[i])
      {
        guint64 bytes = sums[i].bytes[0] - sums[i].bytes[1];

        threads[sites[i].thread] += bytes;
        stacks[sites[i].stack] += bytes;
      }
}

static gboolean
find_peak (MsView *self,
           MsDomain domain,
           MsPeak *peak,
           guint64 *threads,
           guint64 *stacks,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree guint8 *marks = ms_view_mark_sites (self, domain, NULL);
  g_autoptr (GArray) chunks = list_chunks (self, marks);
  PeakScan scan = { .view = self, .marks = marks, .chunks = chunks, .cancellable = cancellable };
  gboolean done;

  scan.is_sparse = ms_view_is_sparse (self, marks);
  scan.best = (Moment) { g_array_index (chunks, Chunk, 0).live, self->first };
  g_array_sort (chunks, compare_chunks);
  g_mutex_init (&scan.lock);
  done = ms_history_run (chunks->len, scan_chunk, &scan, cancellable, error);
  g_mutex_clear (&scan.lock);
  if (!done || scan.best.bytes == 0)
    return done;
  peak->bytes = scan.best.bytes;
  peak->time_ns = scan.best.event == self->first
                      ? self->start_ns
                      : ms_history_get_time (self->history, scan.best.event - 1);
  spread (self, marks, scan.best.event, threads, stacks);
  return TRUE;
}

static void
parts_clear (MsViewPeakParts *self)
{
  g_free (self->threads);
  g_free (self->stacks);
  g_free (self->thread_errors);
  g_free (self->stack_errors);
}

gboolean
ms_view_scan_peak (MsView *self, MsDomain domain, GCancellable *cancellable, GError **error)
{
  MsPeak peak = { .time_ns = MS_TIME_NONE,
                  .n_threads = self->trace->threads->len,
                  .n_stacks = self->trace->n_stacks };
  MsViewPeakParts parts = { .threads = g_new0 (guint64, peak.n_threads + 1),
                            .stacks = g_new0 (guint64, peak.n_stacks + 1) };
  gboolean found = TRUE;

  if (domain == MS_DOMAIN_MAPPING)
    {
      find_mapping_peak (self, &peak, parts.threads, parts.stacks);
    }
  else if (ms_history_is_sampled (self->history))
    {
      parts.thread_errors = g_new0 (double, peak.n_threads + 1);
      parts.stack_errors = g_new0 (double, peak.n_stacks + 1);
      found = ms_view_find_sampled_peak (self, domain, &peak, &parts, cancellable, error);
    }
  else
    {
      found = find_peak (self, domain, &peak, parts.threads, parts.stacks, cancellable, error);
    }
  if (!found)
    {
      parts_clear (&parts);
      return FALSE;
    }
  peak.thread_bytes = parts.threads;
  peak.stack_bytes = parts.stacks;
  peak.thread_errors = parts.thread_errors;
  peak.stack_errors = parts.stack_errors;
  self->domains[domain].peak = peak;
  self->domains[domain].peak_low = self->domains[domain].peak_high = peak.bytes;
  self->domains[domain].bounded = TRUE;
  return TRUE;
}

void
ms_view_bound_peak (MsView *self, MsDomain domain)
{
  MsViewDomain *of_domain = &self->domains[domain];
  g_autofree guint8 *marks = NULL;
  g_autoptr (GArray) chunks = NULL;

  if (domain == MS_DOMAIN_MAPPING || ms_history_is_sampled (self->history))
    {
      ms_view_scan_peak (self, domain, NULL, NULL);
      return;
    }
  marks = ms_view_mark_sites (self, domain, NULL);
  chunks = list_chunks (self, marks);
  find_bounds (chunks, &of_domain->peak_low, &of_domain->peak_high);
  of_domain->bounded = TRUE;
}
