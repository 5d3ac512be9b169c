/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What each site did in a range of a sampled trace: every event with its weight and the variance that this
 * brings, from the start of the trace on and in order, since sums of broken numbers depend on it.  A
 * sampled trace has few events for what it stands for.
 */
#include "ms-view-private.h"

static void
change (MsSampledFigures *self,
        MsFigureKind kind,
        double blocks,
        guint64 bytes,
        MsVariance variance)
{
  self->figures.blocks[kind] += blocks;
  self->figures.bytes[kind] += bytes;
  self->variances[kind].blocks += variance.blocks;
  self->variances[kind].bytes += variance.bytes;
}

static void
take_back (MsSampledFigures *self,
           MsFigureKind kind,
           double blocks,
           guint64 bytes,
           MsVariance variance)
{
  self->figures.blocks[kind] -= blocks;
  self->figures.bytes[kind] -= bytes;
  ms_variance_subtract (&self->variances[kind], variance);
  /* Rounding must not leave an error of nothing. */
  if (self->figures.blocks[kind] < 0.5)
    self->variances[kind] = (MsVariance) { 0, 0 };
}

typedef struct {
  gboolean in_range, flagged, of_range; /* the block is from the range */
  double weight;
  guint64 bytes;
} Event;

static void
take_alloc (MsSampledFigures *site, const Event *event)
{
  MsVariance variance = ms_variance_of (event->weight, (double) event->bytes);

  change (site, MS_LIVE, event->weight, event->bytes, variance);
  if (!event->in_range)
    {
      change (site, MS_LIVE_AT_START, event->weight, event->bytes, variance);
      return;
    }
  change (site, MS_ALLOCATED, event->weight, event->bytes, variance);
  change (site, MS_LEAKED, event->weight, event->bytes, variance);
  if (event->flagged)
    change (site, MS_REALLOCATED, event->weight, 0, variance);
}

static void
take_free (MsSampledFigures *site, const Event *event)
{
  MsVariance variance = ms_variance_of (event->weight, (double) event->bytes);

  take_back (site, MS_LIVE, event->weight, event->bytes, variance);
  if (!event->in_range)
    {
      take_back (site, MS_LIVE_AT_START, event->weight, event->bytes, variance);
      return;
    }
  change (site, MS_FREED, event->weight, event->bytes, variance);
  if (event->of_range)
    take_back (site, MS_LEAKED, event->weight, event->bytes, variance);
  if (event->flagged)
    change (site, MS_TEMPORARY, event->weight, 0, variance);
}

gboolean
ms_view_sum_sampled_sites (MsView *self, GCancellable *cancellable, GError **error)
{
  guint32 n_sites = ms_history_get_n_sites (self->history);
  guint n = ms_history_count_pieces (self->history, 0, self->end);
  MsStretch stretch;

  self->sampled = g_new0 (MsSampledFigures, n_sites + 1);
  for (guint piece = 0; piece < n; piece++)
    {
      const MsHistoryColumns *columns = &stretch.columns;
      guint32 n_frees = 0;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      ms_history_get_stretch (self->history, 0, self->end, piece, &stretch);
      for (guint32 i = 0; i < stretch.to && n_frees <= columns->n_frees; i++)
        {
          guint32 word = columns->sizes[i], site = ms_view_site_of (columns, i, n_sites);
          gboolean is_free = (word & MS_HISTORY_FREE) != 0;
          Event event = { .in_range = columns->first_event + i >= self->first,
                          .flagged = (word & MS_HISTORY_FLAG) != 0,
                          .weight = ms_history_weight (columns, i),
                          .bytes = ms_history_bytes (self->history, columns, i) };

          if (is_free && n_frees < columns->n_frees)
            event.of_range = columns->births[n_frees] >= self->first_block;
          n_frees += is_free;
          if (!self->chosen[site])
            continue;
          if (is_free)
            take_free (&self->sampled[site], &event);
          else
            take_alloc (&self->sampled[site], &event);
        }
    }
  return TRUE;
}
