/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where everything of a timeline lies.
 *
 *   Live memory     ▁▂▃▅▆▇▇▆▆▇█▇▆▅     each lane: what it is called and its reading, and its plot
 *   max 181.6 MB
 *   ─────────────────────────────
 *   Cores           ░▒▓▒░░▒▓▓▓▒░
 *   ─────────────────────────────
 *   GPU             not available: …    what was not measured takes one line
 *   ─────────────────────────────
 *   Threads           ▇▇▇▇▇▇▇▇▇▇       a row a thread
 *                       ▇▇▇▇▇
 *   ═════════════════════════════
 *                   12 s    14 s       one axis, always in sight
 *
 * Lanes and threads scroll under the axis together: y is of the content, from 0 to content_px; only
 * the axis is where the view's bottom is.  Where it is narrow, labels stand above their plots.
 */
#pragma once

#include "ms-time-axis.h"
#include "ms-timeline-data.h"

G_BEGIN_DECLS

/* Sizes that depend on the font. */
typedef struct {
  double name_line_px, small_line_px;
  double label_width_px; /* the widest title or reading */
} MsTimelineMetrics;

typedef struct {
  const MsLane *lane;
  const MsLane *fine; /* the same of the stretch looked at, or NULL */
  double label_y;
  MsRect row;  /* all of it, to the line below */
  MsRect plot; /* of an absent one: where its reason stands */
  double top;  /* value at the plot's top */
} MsLaneLayout;

typedef struct {
  double width_px, height_px; /* of the view, axis included */
  gboolean is_narrow;
  MsTimeWindow window;
  double label_x, label_width;
  MsRect plot; /* x and width of every plot; y and height: what is seen above the axis */
  MsTimeAxis axis;
  double axis_y;
  MsLaneLayout *lanes; /* owned */
  guint n_lanes;
  MsRect lives; /* the rows of threads; height 0: none */
  double lives_label_y, life_height_px;
  guint n_lives;
  double content_px;
} MsTimelineLayout;

/* @data and @fine (NULL: none) must outlive the layout. */
void ms_timeline_layout (MsTimelineLayout *self,
                         const MsTimelineData *data,
                         const MsTimelineData *fine,
                         const MsTimeWindow *window,
                         const MsTimelineMetrics *metrics,
                         double width_px,
                         double height_px);
void ms_timeline_layout_clear (MsTimelineLayout *self);

/* The fine curve of a lane's series, or NULL. */
const MsCurve *ms_lane_layout_get_fine (const MsLaneLayout *self, guint series);
/* Whether some of @rect, of the content, is in sight with @scroll_px of it above the view. */
gboolean ms_timeline_layout_sees (const MsTimelineLayout *self,
                                  const MsRect *rect,
                                  double scroll_px);

/* The bar of life @index, without what lies outside the window; FALSE: nothing of it is inside.  A life
 * too short to see is a pixel wide. */
gboolean ms_timeline_layout_get_life (const MsTimelineLayout *self,
                                      const MsTimelineData *data,
                                      guint index,
                                      MsRect *bar);
/* The life at height @y of the content; FALSE: none. */
gboolean ms_timeline_layout_find_life (const MsTimelineLayout *self, double y, guint *index);
/* The lives that can be seen between two heights: first to before end. */
void ms_timeline_layout_get_visible_lives (const MsTimelineLayout *self,
                                           double top_y,
                                           double bottom_y,
                                           guint *first,
                                           guint *end);

/* A stretch of a heat row in one shade, from 0 to MS_HEAT_SHADES. */
#define MS_HEAT_SHADES 12
typedef struct {
  double x, width;
  guint shade;
} MsHeatRun;

/* @runs has room for plot.width + 1; returns how many.  Nothing measured: no run. */
guint ms_heat_layout (const MsCurve *whole,
                      const MsCurve *fine,
                      const MsTimeWindow *window,
                      double top,
                      double x_px,
                      double width_px,
                      MsHeatRun *runs);

G_END_DECLS
