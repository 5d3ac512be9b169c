/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A series of bins (maximum and minimum of each stretch of time) becomes a line of points: never
 * more than two a pixel column, and no maximum lost on the way.
 */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  double x, y;
} MsPoint;

typedef struct {
  double x, y, width, height;
} MsRect;

/* At most two points a whole pixel of @rect's width, or two a bin if those are fewer. */
guint ms_series_line_max_points (guint n_bins, const MsRect *rect);

/* Lays the bins out over @rect, 0 at its bottom and @top at its top.  @min may be NULL (one point a
 * column).  @points has room for ms_series_line_max_points(); returns how many were written. */
guint ms_series_line_layout (const guint64 *max,
                             const guint64 *min,
                             guint n_bins,
                             guint64 top,
                             const MsRect *rect,
                             MsPoint *points);

/* Adds the line to the path, or (@closed) the area between it and @rect's bottom. */
void ms_series_line_path (cairo_t *cr,
                          const MsPoint *points,
                          guint n_points,
                          const MsRect *rect,
                          gboolean closed);

/* A straight one, in the width and colour that @cr has. */
void ms_line_stroke (cairo_t *cr, double x0, double y0, double x1, double y1);

G_END_DECLS
