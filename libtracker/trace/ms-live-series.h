/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Live bytes over time, in bounded memory.
 *
 * The trace is cut into equal bins.  A point says what happened in one bin; a bin without a point is
 * one in which nothing changed.  Bytes: at most 40 a bin and thread, whatever the number of events.
 *
 *   bin       0     1     2     3     4
 *   point    [max min last]    [max min last]
 *   live      ╱╲────────────────╲╱────
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint64 max, min;  /* of live bytes within the bin, its first and last moment included */
  guint64 last;      /* live at the bin's end */
  guint64 allocated; /* bytes allocated in it */
  guint32 bin;
} MsSeriesPoint;

typedef struct {
  MsSeriesPoint *points;
  guint32 n_points, capacity;
} MsLiveSeries;

void ms_live_series_clear (MsLiveSeries *self);

/* Begins a point for @bin, which comes after all others. */
MsSeriesPoint *ms_live_series_append (MsLiveSeries *self, guint32 bin, guint64 live);

/* Live bytes became @after in @bin (never an earlier one than before). */
static inline void
ms_live_series_change (MsLiveSeries *self,
                       guint32 bin,
                       guint64 before,
                       guint64 after,
                       guint64 allocated)
{
  MsSeriesPoint *point = NULL;

  if (G_LIKELY (self->n_points > 0))
    point = &self->points[self->n_points - 1];
  if (G_UNLIKELY (point == NULL || point->bin != bin))
    point = ms_live_series_append (self, bin, before);
  /* Stored in any case: nobody can foretell which it is. */
  point->max = MAX (point->max, after);
  point->min = MIN (point->min, after);
  point->last = after;
  point->allocated += allocated;
}

/* Bins become twice as long: 2 k and 2 k + 1 are k now. */
void ms_live_series_halve (MsLiveSeries *self);
MsLiveSeries ms_live_series_copy (const MsLiveSeries *self);

/* The @n_stored bins of @self drawn together, or apart, into @n_bins.  Each array may be NULL. */
void ms_live_series_resample (const MsLiveSeries *self,
                              guint n_stored,
                              guint n_bins,
                              guint64 *max,
                              guint64 *min,
                              guint64 *allocated);

G_END_DECLS
