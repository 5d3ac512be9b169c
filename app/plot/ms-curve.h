/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A figure over time: the highest and the lowest of each of n_bins equal stretches of
 * [start_ns, end_ns).  NaN: not measured then.
 *
 *   max  3 3 5 9 8 – – 2 2        a gap is a gap: no line is drawn across it
 *   min  2 3 4 5 8 – – 2 1
 *
 * A plot draws two of them: the whole trace coarsely, and the stretch that is looked at finely
 * where that is known.  So that there is always something, also while a finer one is computed.
 */
#pragma once

#include "ms-time-window.h"

G_BEGIN_DECLS

typedef struct {
  gint64 start_ns, end_ns;
  guint n_bins; /* 0: nothing is known */
  double *max;  /* owned */
  double *min;  /* owned; NULL: as max */
} MsCurve;

/* A column of pixels: where its highest and its lowest value lie.  y NaN: nothing measured there. */
typedef struct {
  double x, y_high, y_low;
} MsCurvePoint;

/* All values NaN. */
void ms_curve_init (MsCurve *self, gint64 start_ns, gint64 end_ns, guint n_bins, gboolean has_min);
void ms_curve_clear (MsCurve *self);

/* The bin of @time_ns; FALSE: outside. */
gboolean ms_curve_find_bin (const MsCurve *self, gint64 time_ns, guint *bin);
/* Puts @value into every bin that a part of [from_ns, to_ns) lies in: what was measured between two
 * readings is true for all the time between them. */
void ms_curve_cover (MsCurve *self, gint64 from_ns, gint64 to_ns, double value);

/* Highest and lowest value of a part of [from_ns, to_ns), of @fine where that reaches, else of
 * @whole; FALSE: nothing was measured there. */
gboolean ms_curve_get_range (const MsCurve *whole,
                             const MsCurve *fine,
                             gint64 from_ns,
                             gint64 to_ns,
                             double *high,
                             double *low);

/* How long a bin is of that of the two which ms_curve_get_range() reads: what is counted in a stretch is a rate of
 * that stretch alone, and the shorter it is, the higher is the highest. */
gint64 ms_curve_get_bin_ns (const MsCurve *whole,
                            const MsCurve *fine,
                            gint64 from_ns,
                            gint64 to_ns);

/* A point a column of @rect, at most rect->width of them (so never more than two vertices a column),
 * 0 at its bottom and @top at its top.  @points has room for that many; returns how many. */
guint ms_curve_layout (const MsCurve *whole,
                       const MsCurve *fine,
                       const MsTimeWindow *window,
                       double top,
                       const MsRect *rect,
                       MsCurvePoint *points);

/* The line through the highest values; @closed: the area between it and the bottom of @rect. */
void ms_curve_path_high (cairo_t *cr,
                         const MsCurvePoint *points,
                         guint n_points,
                         const MsRect *rect,
                         gboolean closed);
/* The area between the lowest values and the bottom. */
void ms_curve_path_low (cairo_t *cr,
                        const MsCurvePoint *points,
                        guint n_points,
                        const MsRect *rect);

G_END_DECLS
