/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What each site did before a moment: the nearest checkpoint, and from there on or back the events one
 * by one, two million at most.  What it did in a range is the difference of two such sums.
 *
 * What leaked does not follow from sums: blocks allocated in the range and live at its end are
 *
 *   live at the end − live at the start + freed in the range of those from before it
 *
 * and the last is found by comparing the numbers of freed blocks with one number, until as many were found
 * as there are.
 */
#include "ms-view-private.h"

/* One of so many events. */
#define SPARSE_FACTOR 24

/* --- before a moment ------------------------------------------------------------------------------- */

static void
load_checkpoint (const MsHistory *history, guint segment, MsSiteSums *sums)
{
  MsHistorySums stored;

  if (!ms_history_get_sums (history, segment, &stored))
    return;
  for (guint32 i = 0; i < stored.n_sites; i++)
    sums[i] = (MsSiteSums) { { stored.allocated_bytes[i], stored.freed_bytes[i] },
                             { stored.allocations[i], stored.frees[i] },
                             { stored.reallocations[i], stored.temporary[i] } };
}

/* Without a branch that depends on the event, as every second one is a free. */
static void
replay (const MsView *self, const MsStretch *stretch, guint32 sign, MsSiteSums *sums)
{
  const MsHistoryColumns *columns = &stretch->columns;
  guint32 n_sites = ms_history_get_n_sites (self->history);
  guint64 wide_sign = (guint64) (gint64) (gint32) sign;

  for (guint32 i = stretch->from; i < stretch->to; i++)
    {
      guint32 word = columns->sizes[i], what = word >> 31;
      guint32 site = ms_view_site_of (columns, i, n_sites);
      MsSiteSums *of_site = &sums[site];

      if (!self->chosen[site])
        continue;
      of_site->bytes[what] += wide_sign * ms_history_bytes (self->history, columns, i);
      of_site->n[what] += sign;
      of_site->flagged[what] += sign * (word >> 30 & 1);
    }
}

static void
replay_events (const MsView *self, guint64 first, guint64 end, guint32 sign, MsSiteSums *sums)
{
  guint n = ms_history_count_pieces (self->history, first, end);
  MsStretch stretch;

  for (guint i = 0; i < n; i++)
    {
      ms_history_get_stretch (self->history, first, end, i, &stretch);
      replay (self, &stretch, sign, sums);
    }
}

MsSiteSums *
ms_view_sums_before (const MsView *self, guint64 event)
{
  const MsHistory *history = self->history;
  MsSiteSums *sums = g_new0 (MsSiteSums, ms_history_get_n_sites (history) + 1);
  guint n_segments = ms_history_get_n_segments (history);
  guint segment = ms_history_find_segment (history, event);
  guint before = segment / MS_HISTORY_CHECKPOINT_SEGMENTS * MS_HISTORY_CHECKPOINT_SEGMENTS;
  guint after = MIN (before + MS_HISTORY_CHECKPOINT_SEGMENTS, n_segments);
  guint64 back = ms_history_get_first_event (history, after) - event;
  guint64 forth = event - ms_history_get_first_event (history, before);
  MsHistorySums stored;

  if (back < forth && ms_history_get_sums (history, after, &stored))
    {
      load_checkpoint (history, after, sums);
      replay_events (self, event, event + back, (guint32) -1, sums);
    }
  else
    {
      load_checkpoint (history, before, sums);
      replay_events (self, event - forth, event, 1, sums);
    }
  return sums;
}

/* --- frees of older blocks ------------------------------------------------------------------------- */

typedef struct {
  MsView *view;
  MsSiteSums **by_worker;
  gint64 n_left; /* older blocks that are not found freed; atomic */
} OldFrees;

static guint32
count_older (const guint32 *births, guint32 from, guint32 to, guint32 first_block)
{
  guint32 n = 0;

  for (guint32 i = from; i < to; i++)
    n += births[i] < first_block;
  return n;
}

static void
find_old_frees (guint piece, guint worker, gpointer data)
{
  OldFrees *self = data;
  const MsView *view = self->view;
  guint32 n_sites = ms_history_get_n_sites (view->history), k, n, n_found;
  guint32 first_block = (guint32) MIN (view->first_block, G_MAXUINT32);
  MsStretch stretch;

  if (__atomic_load_n (&self->n_left, __ATOMIC_RELAXED) <= 0)
    return;
  ms_history_get_stretch (view->history, view->first, view->end, piece, &stretch);
  k = ms_stretch_count_frees_before (&stretch);
  /* Beyond a stretch that ends early are some frees too many: it costs a walk, no more. */
  n = n_found = count_older (stretch.columns.births, k, stretch.columns.n_frees, first_block);
  if (n == 0)
    return;
  if (self->by_worker[worker] == NULL)
    self->by_worker[worker] = g_new0 (MsSiteSums, n_sites + 1);
  for (guint32 i = stretch.from; i < stretch.to && n > 0; i++)
    {
      guint32 word = stretch.columns.sizes[i];

      if (!(word & MS_HISTORY_FREE))
        continue;
      if (k == stretch.columns.n_frees)
        break;
      if (stretch.columns.births[k++] < first_block)
        {
          MsSiteSums *sums =
              &self->by_worker[worker][ms_view_site_of (&stretch.columns, i, n_sites)];

          sums->bytes[1] += ms_history_bytes (view->history, &stretch.columns, i);
          sums->n[1]++;
          n--;
        }
    }
  __atomic_sub_fetch (&self->n_left, n_found - n, __ATOMIC_RELAXED);
}

static gboolean
sum_old_frees (MsView *self, GCancellable *cancellable, GError **error)
{
  guint n_workers = ms_history_get_n_workers ();
  g_autofree MsSiteSums **by_worker = g_new0 (MsSiteSums *, n_workers);
  guint64 n_frees_before = self->first - self->first_block;
  OldFrees old = { self, by_worker, (gint64) (self->first_block - n_frees_before) };
  guint32 n_sites = ms_history_get_n_sites (self->history);
  gboolean done;

  if (self->first == 0)
    return TRUE;
  done = ms_history_run (ms_history_count_pieces (self->history, self->first, self->end),
                         find_old_frees, &old, cancellable, error);
  for (guint w = 0; w < n_workers; w++)
    {
      if (self->old_frees == NULL || by_worker[w] == NULL)
        {
          if (by_worker[w] != NULL)
            self->old_frees = by_worker[w];
          continue;
        }
      for (guint32 i = 0; i < n_sites; i++)
        {
          self->old_frees[i].bytes[1] += by_worker[w][i].bytes[1];
          self->old_frees[i].n[1] += by_worker[w][i].n[1];
        }
      g_free (by_worker[w]);
    }
  return done;
}

/* --- in the range ---------------------------------------------------------------------------------- */

static void
sum_before (guint piece, guint worker, gpointer data)
{
  MsView *self = data;

  (void) worker;
  if (piece == 0)
    self->end_sums = ms_view_sums_before (self, self->end);
  else
    self->start_sums = ms_view_sums_before (self, self->first);
}

gboolean
ms_view_sum_sites (MsView *self, GCancellable *cancellable, GError **error)
{
  ms_view_sum_mappings (self);
  if (ms_history_is_sampled (self->history))
    return ms_view_sum_sampled_sites (self, cancellable, error);
  return ms_history_run (self->first > 0 ? 2 : 1, sum_before, self, cancellable, error)
         && sum_old_frees (self, cancellable, error);
}

void
ms_view_get_site_figures (const MsView *self, guint32 site, MsSiteFigures *figures)
{
  static const MsSiteSums none;
  const MsSiteSums *start, *end, *old;
  guint64 live_at_start, live;
  guint32 n_live_at_start, n_live;

  if (self->chosen[site] == 1 + MS_DOMAIN_MAPPING)
    {
      *figures = self->mapped[self->mapped_numbers[site]];
      return;
    }
  if (self->sampled != NULL)
    {
      *figures = self->sampled[site].figures;
      return;
    }
  start = self->start_sums ? &self->start_sums[site] : &none;
  end = &self->end_sums[site];
  old = self->old_frees ? &self->old_frees[site] : &none;
  live_at_start = start->bytes[0] - start->bytes[1];
  n_live_at_start = start->n[0] - start->n[1];
  live = end->bytes[0] - end->bytes[1];
  n_live = end->n[0] - end->n[1];
  *figures = (MsSiteFigures) {
    .blocks = { [MS_ALLOCATED] = end->n[0] - start->n[0],
                [MS_FREED] = end->n[1] - start->n[1],
                [MS_REALLOCATED] = end->flagged[0] - start->flagged[0],
                [MS_TEMPORARY] = end->flagged[1] - start->flagged[1],
                [MS_LIVE_AT_START] = n_live_at_start,
                [MS_LIVE] = n_live,
                [MS_LEAKED] = n_live - n_live_at_start + old->n[1] },
    .bytes = { [MS_ALLOCATED] = end->bytes[0] - start->bytes[0],
               [MS_FREED] = end->bytes[1] - start->bytes[1],
               [MS_LIVE_AT_START] = live_at_start,
               [MS_LIVE] = live,
               [MS_LEAKED] = live - live_at_start + old->bytes[1] },
  };
}

gboolean
ms_view_is_sparse (const MsView *self, const guint8 *marks)
{
  guint32 n_sites = ms_history_get_n_sites (self->history);
  MsSiteFigures figures;
  double n = 0;

  for (guint32 i = 0; i < n_sites; i++)
    if (marks[i])
      {
        ms_view_get_site_figures (self, i, &figures);
        n += figures.blocks[MS_ALLOCATED] + figures.blocks[MS_FREED];
      }
  return n * SPARSE_FACTOR < (double) (self->end - self->first);
}
