/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Ticks of a time axis: round numbers of one unit, far enough apart for their labels.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MS_TIME_AXIS_MAX_TICKS 64

typedef struct {
  gint64 time_ns;
  double x_px;
  char label[24];
} MsTick;

typedef struct {
  gint64 step_ns;
  guint n_ticks;
  MsTick ticks[MS_TIME_AXIS_MAX_TICKS];
} MsTimeAxis;

/* From @start_ns to @end_ns over @width_px pixels from @x_px, ticks at least @min_gap_px apart. */
void ms_time_axis_layout (MsTimeAxis *self,
                          gint64 start_ns,
                          gint64 end_ns,
                          double x_px,
                          double width_px,
                          double min_gap_px);

/* @time_ns as a label of an axis that ends at @end_ns has it, fine enough to tell apart what is @step_ns
 * apart. */
char *ms_time_axis_format (gint64 time_ns, gint64 step_ns, gint64 end_ns);

G_END_DECLS
