/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A scatter plot: processor time across, allocation rate upwards, input and output as the shade.
 *
 *   MB/s ┊        ·  ●            a point is a thread, or a stretch of time
 *        ┊   ● ·  - -  ●          - -  the line of least squares
 *        ┊ - -  ●
 *        └─────────────── %
 *
 * Axes end where they do by default, or further out where the data does not fit.
 */
#pragma once

#include <glib.h>
#include "ms-series-line.h"

G_BEGIN_DECLS

typedef struct {
  double x, y;    /* percent of one core; bytes a second */
  double y_error; /* standard error of y; 0: exact, NaN: an estimate, it is not known how good */
  double shade;   /* I/O calls; NaN: not measured */
  guint id;       /* of the thread */
  gint64 time_ns;
  const char *name; /* borrowed: of the thread; NULL: a stretch of time */
} MsScatterPoint;

/* Arrays and texts are whoever's fills it in. */
typedef struct {
  const MsScatterPoint *points;
  guint n_points;
  double x_default, y_default; /* where the axes end without points */
  gboolean is_path;            /* points are one thread's, oldest first: joined */
  gboolean has_line;
  double slope, intercept;
} MsScatterData;

#define MS_SCATTER_MAX_TICKS 12

typedef struct {
  double value, place_px; /* on its axis */
  char label[24];
} MsValueTick;

typedef struct {
  double top;
  guint n_ticks;
  MsValueTick ticks[MS_SCATTER_MAX_TICKS];
} MsValueAxis;

typedef struct {
  double width_px, height_px;
  MsRect plot;
  MsValueAxis x_axis, y_axis;
  double y_unit; /* bytes a second that are 1 on the upright axis */
  double shade_top;
  MsPoint *places; /* owned: of each point */
  guint n_places;
  double radius_px;
  gboolean has_line;
  MsPoint line[2]; /* cut to the plot */
} MsScatterLayout;

/* Round steps, at most as many as fit @least_gap_px apart over @length_px, to a round top at or above
 * @most. */
void ms_value_axis_layout (MsValueAxis *self, double most, double length_px, double least_gap_px);

/* @line_px: height of a small line of text; @y_label_px: the widest label of the upright axis. */
void ms_scatter_layout (MsScatterLayout *self,
                        const MsScatterData *data,
                        double width_px,
                        double height_px,
                        double line_px,
                        double y_label_px);
void ms_scatter_layout_clear (MsScatterLayout *self);

/* The point nearest to a place, if one is within @reach_px. */
gboolean ms_scatter_layout_find (const MsScatterLayout *self,
                                 double x_px,
                                 double y_px,
                                 double reach_px,
                                 guint *index);
/* The points in @rect, which may have negative extents. (transfer full) (element-type guint) */
GArray *ms_scatter_layout_find_in (const MsScatterLayout *self, MsRect rect);

G_END_DECLS
