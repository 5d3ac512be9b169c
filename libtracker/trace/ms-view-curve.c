/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Live bytes of chosen blocks over time, by a scan that many can share: each piece of the events gives the
 * curve relative to its own beginning, and what was live there is known once the pieces before it are.
 *
 *   piece 0   ╱╲___  +40      piece 1   ╲__╱╲  −10      piece 2  …
 *             from 0                    from 40
 */
#include "ms-trace-private.h"
#include "ms-view-private.h"

#include <string.h>

#define SEGMENTS_A_PIECE 4U

/* --- of one stretch -------------------------------------------------------------------------------- */

typedef struct {
  gint64 max, min, end; /* relative */
  guint64 allocated;
} Bin;

/* Until @to, or the first event whose size is elsewhere, which it returns.  No call in the loop: it would cost
 * the registers that the sums are in. */
static guint32
walk_plain (const MsHistoryColumns *columns,
            const guint8 *marks,
            guint32 n_sites,
            guint32 from,
            guint32 to,
            Bin *bin)
{
  const guint32 *sizes = columns->sizes, *sites = columns->sites;
  gint64 live = bin->end, max = bin->max, min = bin->min;
  guint64 allocated = bin->allocated;
  guint32 i;

  for (i = from; i < to; i++)
    {
      guint64 bytes = sizes[i] & MS_HISTORY_SIZE;
      gint64 is_free = -(gint64) (sizes[i] >> 31);

      ms_stretch_look_ahead (sizes, i);
      ms_stretch_look_ahead (sites, i);
      if (G_UNLIKELY (bytes == MS_HISTORY_LARGE))
        break;
      bytes &= 0 - (guint64) marks[MIN (sites[i], n_sites)];
      allocated += bytes & (guint64) ~is_free;
      live += ((gint64) bytes ^ is_free) - is_free;
      max = MAX (max, live);
      min = MIN (min, live);
    }
  *bin = (Bin) { max, min, live, allocated };
  return i;
}

/* The same where few events are chosen: a branch that is hardly ever taken is cheaper. */
static void
walk_sparse (const MsHistory *history,
             const MsHistoryColumns *columns,
             const guint8 *marks,
             guint32 from,
             guint32 to,
             Bin *bin)
{
  guint32 n_sites = ms_history_get_n_sites (history);
  Bin now = *bin;

  for (guint32 i = from; i < to; i++)
    {
      guint64 bytes;

      ms_stretch_look_ahead (columns->sites, i);
      if (G_LIKELY (!marks[ms_view_site_of (columns, i, n_sites)]))
        continue;
      bytes = ms_history_bytes (history, columns, i);
      if (columns->sizes[i] & MS_HISTORY_FREE)
        {
          now.end -= (gint64) bytes;
          now.min = MIN (now.min, now.end);
        }
      else
        {
          now.end += (gint64) bytes;
          now.allocated += bytes;
          now.max = MAX (now.max, now.end);
        }
    }
  *bin = now;
}

static void
walk (const MsHistory *history,
      const MsHistoryColumns *columns,
      const guint8 *marks,
      guint32 from,
      guint32 to,
      Bin *bin)
{
  guint32 n_sites = ms_history_get_n_sites (history);

  while ((from = walk_plain (columns, marks, n_sites, from, to, bin)) < to)
    {
      walk_sparse (history, columns, marks, from, from + 1, bin);
      from++;
    }
}

/* --- series ---------------------------------------------------------------------------------------- */

typedef struct {
  guint first_bin, n_bins;
  Bin *bins;
} Piece;

typedef struct {
  const MsView *view;
  const guint8 *marks;
  gboolean is_sparse;
  const guint64 *bounds; /* n_bins + 1: the first event of each, and the end */
  guint n_bins, first_segment;
  Piece *pieces;
} SeriesScan;

static guint
find_bin (const SeriesScan *self, guint64 event)
{
  guint low = 0, high = self->n_bins;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (self->bounds[middle] <= event)
        low = middle;
      else
        high = middle;
    }
  return low;
}

static void
scan_segment (SeriesScan *self, Piece *piece, guint segment)
{
  const MsView *view = self->view;
  MsStretch stretch;
  guint64 at, end;

  ms_history_get_stretch (view->history, view->first, view->end, segment, &stretch);
  at = stretch.columns.first_event + stretch.from;
  end = stretch.columns.first_event + stretch.to;
  while (at < end)
    {
      guint bin = piece->first_bin + piece->n_bins - 1;
      guint64 until;

      while (self->bounds[bin + 1] <= at)
        {
          gint64 live = piece->bins[piece->n_bins - 1].end;

          bin++;
          piece->bins[piece->n_bins++] = (Bin) { live, live, live, 0 };
        }
      until = MIN (end, self->bounds[bin + 1]);
      (self->is_sparse ? walk_sparse : walk) (view->history, &stretch.columns, self->marks,
                                              (guint32) (at - stretch.columns.first_event),
                                              (guint32) (until - stretch.columns.first_event),
                                              &piece->bins[piece->n_bins - 1]);
      at = until;
    }
}

static void
scan_piece (guint number, guint worker, gpointer data)
{
  SeriesScan *self = data;
  const MsHistory *history = self->view->history;
  guint first = number * SEGMENTS_A_PIECE;
  guint end = MIN (first + SEGMENTS_A_PIECE,
                   ms_history_count_pieces (history, self->view->first, self->view->end));
  guint64 first_event =
      MAX (self->view->first, ms_history_get_first_event (history, self->first_segment + first));
  guint64 end_event =
      MIN (self->view->end, ms_history_get_first_event (history, self->first_segment + end));
  Piece *piece = &self->pieces[number];

  (void) worker;
  piece->first_bin = find_bin (self, first_event);
  piece->bins = g_new0 (Bin, find_bin (self, end_event - 1) - piece->first_bin + 1);
  piece->n_bins = 1;
  for (guint i = first; i < end; i++)
    scan_segment (self, piece, i);
}

typedef struct {
  guint n_bins, n_begun;
  guint64 live;
  guint64 *max, *min, *allocated; /* each may be NULL */
} Series;

/* Bins up to @bin begin with what is live now. */
static void
begin_bins (Series *self, guint bin)
{
  for (; self->n_begun <= bin && self->n_begun < self->n_bins; self->n_begun++)
    {
      if (self->max != NULL)
        self->max[self->n_begun] = self->live;
      if (self->min != NULL)
        self->min[self->n_begun] = self->live;
    }
}

static void
add_piece (Series *self, const Piece *piece)
{
  guint64 base = self->live;

  for (guint i = 0; i < piece->n_bins; i++)
    {
      guint bin = piece->first_bin + i;
      const Bin *part = &piece->bins[i];

      begin_bins (self, bin);
      if (self->max != NULL)
        self->max[bin] = MAX (self->max[bin], base + (guint64) part->max);
      if (self->min != NULL)
        self->min[bin] = MIN (self->min[bin], base + (guint64) part->min);
      if (self->allocated != NULL)
        self->allocated[bin] += part->allocated;
      self->live = base + (guint64) part->end;
    }
}

/* When bin @i begins: events of a bin are those whose time, as a part of the range, is the bin's. */
static gint64
bin_start_ns (const MsView *self, guint i, guint n_bins)
{
  gint64 length_ns = MAX (self->end_ns - self->start_ns, 1);

  return self->start_ns + (gint64) (((__int128_t) i * length_ns + n_bins - 1) / n_bins);
}

static guint64
live_at_start (const MsView *self, const guint8 *marks)
{
  guint32 n = ms_history_get_n_sites (self->history);
  guint64 bytes = 0;
  MsSiteFigures figures;

  for (guint32 i = 0; i < n && self->first > 0; i++)
    if (marks[i])
      {
        ms_view_get_site_figures (self, i, &figures);
        bytes += figures.bytes[MS_LIVE_AT_START];
      }
  return bytes;
}

typedef struct {
  const MsView *view;
  Series *series;
} MappingSeries;

static void
add_mapping (gint64 ns, guint64 bytes, gboolean made, guint32 site, gpointer data)
{
  MappingSeries *self = data;
  const MsView *view = self->view;
  Series *series = self->series;
  gint64 length_ns = MAX (view->end_ns - view->start_ns, 1);
  guint bin;

  (void) site;
  if (ns < view->start_ns)
    {
      series->live += made ? bytes : 0 - bytes;
      return;
    }
  bin = (guint) MIN ((__int128_t) (ns - view->start_ns) * series->n_bins / length_ns,
                     series->n_bins - 1);
  begin_bins (series, bin);
  series->live += made ? bytes : 0 - bytes;
  if (series->max != NULL)
    series->max[bin] = MAX (series->max[bin], series->live);
  if (series->min != NULL)
    series->min[bin] = MIN (series->min[bin], series->live);
  if (series->allocated != NULL && made)
    series->allocated[bin] += bytes;
}

static void
scan_events (MsView *self, const guint8 *marks, Series *series)
{
  guint n_segments = ms_history_count_pieces (self->history, self->first, self->end);
  guint n_pieces = (n_segments + SEGMENTS_A_PIECE - 1) / SEGMENTS_A_PIECE;
  g_autofree guint64 *bounds = g_new (guint64, series->n_bins + 1);
  g_autofree Piece *pieces = g_new0 (Piece, n_pieces + 1);
  SeriesScan scan = { .view = self,
                      .marks = marks,
                      .is_sparse = ms_view_is_sparse (self, marks),
                      .bounds = bounds,
                      .n_bins = series->n_bins,
                      .first_segment = ms_history_find_segment (self->history, self->first),
                      .pieces = pieces };

  bounds[0] = self->first;
  for (guint i = 1; i < series->n_bins; i++)
    bounds[i] = CLAMP (ms_history_find_time (self->history, bin_start_ns (self, i, series->n_bins)),
                       bounds[i - 1], self->end);
  bounds[series->n_bins] = self->end;
  ms_history_run (n_pieces, scan_piece, &scan, NULL, NULL);
  for (guint i = 0; i < n_pieces; i++)
    {
      add_piece (series, &pieces[i]);
      g_free (pieces[i].bins);
    }
}

void
ms_view_scan_series (MsView *self,
                     MsThread *thread,
                     MsDomain domain,
                     guint n_bins,
                     guint64 *max,
                     guint64 *min,
                     guint64 *allocated)
{
  g_autofree guint8 *marks = ms_view_mark_sites (self, domain, thread);
  Series series = { n_bins, 0, 0, max, min, allocated };
  MappingSeries mappings = { self, &series };

  if (n_bins == 0)
    return;
  if (allocated != NULL)
    memset (allocated, 0, n_bins * sizeof *allocated);
  if (domain == MS_DOMAIN_MAPPING)
    {
      ms_view_walk_mappings (self, marks, add_mapping, &mappings);
    }
  else
    {
      series.live = live_at_start (self, marks);
      scan_events (self, marks, &series);
    }
  begin_bins (&series, n_bins - 1);
}
