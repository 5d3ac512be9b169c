/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The stretch of a trace that a plot shows, from start_ns to end_ns of [0, duration_ns]: zoomed
 * about a moment that stays where it is, panned, and turned into pixels and back.  Never empty, never
 * outside the trace.
 */
#pragma once

#include "ms-series-line.h"

G_BEGIN_DECLS

/* What no zoom goes below. */
#define MS_TIME_WINDOW_LEAST_NS 1000

typedef struct {
  gint64 duration_ns;
  gint64 start_ns, end_ns;
} MsTimeWindow;

/* The whole trace. */
void ms_time_window_init (MsTimeWindow *self, gint64 duration_ns);
gboolean ms_time_window_is_whole (const MsTimeWindow *self);
/* Cut to the trace, and widened where it is too short. */
void ms_time_window_set (MsTimeWindow *self, gint64 start_ns, gint64 end_ns);
/* @factor above 1 shows more, below 1 less; @at_ns keeps its place. */
void ms_time_window_zoom (MsTimeWindow *self, gint64 at_ns, double factor);
void ms_time_window_pan (MsTimeWindow *self, gint64 by_ns);
/* Moves as little as needed for @time_ns to be seen. */
void ms_time_window_reveal (MsTimeWindow *self, gint64 time_ns);

/* Not clamped: what is outside the window lies outside of @rect. */
double ms_time_window_get_x (const MsTimeWindow *self, const MsRect *rect, gint64 time_ns);
/* Clamped to the window. */
gint64 ms_time_window_get_time (const MsTimeWindow *self, const MsRect *rect, double x_px);

G_END_DECLS
