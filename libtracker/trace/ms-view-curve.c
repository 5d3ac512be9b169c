/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Live bytes of chosen blocks over time, of all or of each thread at once, by a scan that many can share: each piece of the events gives the
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

/* The same of several threads at once: @bins by lane, and those of a site are @lanes'.  Lane 0 is of what nobody
 * asked for. */
static void
walk_lanes (const MsHistory *history,
            const MsHistoryColumns *columns,
            const guint16 *lanes,
            guint32 from,
            guint32 to,
            Bin *bins)
{
  const guint32 *sizes = columns->sizes, *sites = columns->sites;
  guint32 n_sites = ms_history_get_n_sites (history);

  for (guint32 i = from; i < to; i++)
    {
      guint64 bytes = sizes[i] & MS_HISTORY_SIZE;
      gint64 is_free = -(gint64) (sizes[i] >> 31);
      Bin *bin = &bins[lanes[MIN (sites[i], n_sites)]];

      ms_stretch_look_ahead (sizes, i);
      ms_stretch_look_ahead (sites, i);
      if (G_UNLIKELY (bytes == MS_HISTORY_LARGE))
        bytes = ms_history_bytes (history, columns, i);
      bin->allocated += bytes & (guint64) ~is_free;
      bin->end += ((gint64) bytes ^ is_free) - is_free;
      bin->max = MAX (bin->max, bin->end);
      bin->min = MIN (bin->min, bin->end);
    }
}

/* --- series ---------------------------------------------------------------------------------------- */

typedef struct {
  guint first_bin, n_bins;
  Bin *bins; /* by bin, then by lane */
} Piece;

typedef struct {
  const MsView *view;
  const guint8 *marks;  /* NULL: lanes */
  const guint16 *lanes; /* by site */
  guint n_lanes;
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

static Bin *
begin_next_bin (const SeriesScan *self, Piece *piece)
{
  const Bin *last = &piece->bins[(gsize) (piece->n_bins - 1) * self->n_lanes];
  Bin *next = &piece->bins[(gsize) piece->n_bins++ * self->n_lanes];

  for (guint lane = 0; lane < self->n_lanes; lane++)
    next[lane] = (Bin) { last[lane].end, last[lane].end, last[lane].end, 0 };
  return next;
}

static void
scan_segment (SeriesScan *self, Piece *piece, guint segment)
{
  const MsView *view = self->view;
  Bin *bins = &piece->bins[(gsize) (piece->n_bins - 1) * self->n_lanes];
  MsStretch stretch;
  guint64 at, end;

  ms_history_get_stretch (view->history, view->first, view->end, segment, &stretch);
  at = stretch.columns.first_event + stretch.from;
  end = stretch.columns.first_event + stretch.to;
  while (at < end)
    {
      guint bin = piece->first_bin + piece->n_bins - 1;
      guint32 from = (guint32) (at - stretch.columns.first_event), to;

      for (; self->bounds[bin + 1] <= at; bin++)
        bins = begin_next_bin (self, piece);
      at = MIN (end, self->bounds[bin + 1]);
      to = (guint32) (at - stretch.columns.first_event);
      if (self->marks == NULL)
        walk_lanes (view->history, &stretch.columns, self->lanes, from, to, bins);
      else
        (self->is_sparse ? walk_sparse : walk) (view->history, &stretch.columns, self->marks, from,
                                                to, bins);
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
  piece->bins =
      g_new0 (Bin, (gsize) (find_bin (self, end_event - 1) - piece->first_bin + 1) * self->n_lanes);
  piece->n_bins = 1;
  for (guint i = first; i < end; i++)
    scan_segment (self, piece, i);
}

/* Bins up to @bin begin with what is live now. */
static void
begin_bins (MsViewCurve *self, guint n_bins, guint bin)
{
  for (; self->n_begun <= bin && self->n_begun < n_bins; self->n_begun++)
    self->max[self->n_begun] = self->min[self->n_begun] = self->live;
}

static void
add_piece (MsViewCurve *self, guint n_bins, const Piece *piece, guint lane, guint n_lanes)
{
  guint64 base = self->live;

  for (guint i = 0; i < piece->n_bins; i++)
    {
      guint bin = piece->first_bin + i;
      const Bin *part = &piece->bins[(gsize) i * n_lanes + lane];

      begin_bins (self, n_bins, bin);
      self->max[bin] = MAX (self->max[bin], base + (guint64) part->max);
      self->min[bin] = MIN (self->min[bin], base + (guint64) part->min);
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

/* Into curves by lane. */
static void
add_live_at_start (const MsView *self,
                   const guint8 *marks,
                   const guint16 *lanes,
                   MsViewCurve *curves)
{
  guint32 n = ms_history_get_n_sites (self->history);
  MsSiteFigures figures;

  for (guint32 i = 0; i < n && self->first > 0; i++)
    if (marks != NULL ? marks[i] : lanes[i])
      {
        ms_view_get_site_figures (self, i, &figures);
        curves[marks ? 0 : lanes[i]].live += figures.bytes[MS_LIVE_AT_START];
      }
}

static guint
count_pieces (const MsView *self)
{
  return (ms_history_count_pieces (self->history, self->first, self->end) + SEGMENTS_A_PIECE - 1)
         / SEGMENTS_A_PIECE;
}

static void
scan_events (const MsView *self,
             const guint8 *marks,
             const guint16 *lanes,
             guint n_lanes,
             guint n_bins,
             MsViewCurve *curves)
{
  guint n_pieces = count_pieces (self);
  g_autofree guint64 *bounds = g_new (guint64, n_bins + 1);
  g_autofree Piece *pieces = g_new0 (Piece, n_pieces + 1);
  SeriesScan scan = { .view = self,
                      .marks = marks,
                      .lanes = lanes,
                      .n_lanes = n_lanes,
                      .is_sparse = marks != NULL && ms_view_is_sparse (self, marks),
                      .bounds = bounds,
                      .n_bins = n_bins,
                      .first_segment = ms_history_find_segment (self->history, self->first),
                      .pieces = pieces };

  bounds[0] = self->first;
  for (guint i = 1; i < n_bins; i++)
    bounds[i] = CLAMP (ms_history_find_time (self->history, bin_start_ns (self, i, n_bins)),
                       bounds[i - 1], self->end);
  bounds[n_bins] = self->end;
  add_live_at_start (self, marks, lanes, curves);
  ms_history_run (n_pieces, scan_piece, &scan, NULL, NULL);
  for (guint i = 0; i < n_pieces; i++)
    {
      for (guint lane = marks == NULL; lane < n_lanes; lane++)
        add_piece (&curves[lane], n_bins, &pieces[i], lane, n_lanes);
      g_free (pieces[i].bins);
    }
  for (guint lane = 0; lane < n_lanes; lane++)
    begin_bins (&curves[lane], n_bins, n_bins - 1);
}

void
ms_view_scan_curve (const MsView *self, const guint8 *marks, guint n_bins, MsViewCurve *curve)
{
  scan_events (self, marks, NULL, 1, n_bins, curve);
}

gsize
ms_view_count_curve_bins (const MsView *self, guint n_bins)
{
  return (gsize) n_bins + 2 * (gsize) count_pieces (self);
}

void
ms_view_scan_curves (const MsView *self,
                     const guint16 *lanes,
                     guint n_lanes,
                     guint n_bins,
                     MsViewCurve *curves)
{
  scan_events (self, NULL, lanes, n_lanes, n_bins, curves);
}

/* --- mappings ---------------------------------------------------------------------------------------- */

typedef struct {
  const MsView *view;
  guint n_bins;
  MsViewCurve *curve;
} MappingScan;

static void
add_mapping (gint64 ns, guint64 bytes, gboolean made, guint32 site, gpointer data)
{
  MappingScan *self = data;
  const MsView *view = self->view;
  MsViewCurve *curve = self->curve;
  gint64 length_ns = MAX (view->end_ns - view->start_ns, 1);
  guint bin;

  (void) site;
  if (ns < view->start_ns)
    {
      curve->live += made ? bytes : 0 - bytes;
      return;
    }
  bin =
      (guint) MIN ((__int128_t) (ns - view->start_ns) * self->n_bins / length_ns, self->n_bins - 1);
  begin_bins (curve, self->n_bins, bin);
  curve->live += made ? bytes : 0 - bytes;
  curve->max[bin] = MAX (curve->max[bin], curve->live);
  curve->min[bin] = MIN (curve->min[bin], curve->live);
  if (made)
    curve->allocated[bin] += bytes;
}

void
ms_view_scan_mapping_curve (const MsView *self,
                            const guint8 *marks,
                            guint n_bins,
                            MsViewCurve *curve)
{
  MappingScan scan = { self, n_bins, curve };

  ms_view_walk_mappings (self, marks, add_mapping, &scan);
  begin_bins (curve, n_bins, n_bins - 1);
}
