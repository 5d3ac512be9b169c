/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The strip at the bottom of every page: the process's live bytes over the whole trace, with its
 * peak marked and named above it, and a time axis below.
 */
#pragma once

#include "ms-palette.h"
#include "ms-series-line.h"
#include "ms-time-axis.h"

G_BEGIN_DECLS

/* Borrowed from whoever fills it in. */
typedef struct {
  gint64 duration_ns;
  const guint64 *max, *min; /* live bytes of the process in n_bins equal stretches */
  guint n_bins;
  guint64 peak_bytes;
  double peak_standard_error;
  gint64 peak_time_ns;   /* MS_TIME_NONE: there is none */
  const guint64 *thread; /* live bytes of the focused thread, or NULL */
  guint n_thread_bins;
  MsRole thread_role;
} MsStripData;

typedef struct {
  double width_px, height_px;
  MsRect plot;
  MsTimeAxis axis;
  double label_y_px, peak_label_y_px;
  MsPoint *points; /* owned */
  guint n_points;
  MsPoint *thread_points; /* owned */
  guint n_thread_points;
  gboolean has_peak;
  MsPoint peak;
} MsStripLayout;

/* What of a chosen range is at a place: a handle is easier to take than it is wide. */
typedef enum {
  MS_STRIP_OUTSIDE,
  MS_STRIP_START_HANDLE,
  MS_STRIP_END_HANDLE,
  MS_STRIP_INSIDE
} MsStripPart;

/* @label_height_px: height of a tick's label. */
void ms_strip_layout (MsStripLayout *self,
                      const MsStripData *data,
                      double width_px,
                      double height_px,
                      double label_height_px);
void ms_strip_layout_clear (MsStripLayout *self);

/* The bin at @x_px of the plot, clamped to it. */
guint ms_strip_layout_get_bin (const MsStripLayout *self, const MsStripData *data, double x_px);
/* The middle of @bin's stretch. */
gint64 ms_strip_get_bin_time_ns (const MsStripData *data, guint bin);
double ms_strip_layout_get_x (const MsStripLayout *self, const MsStripData *data, gint64 time_ns);
/* The time at @x_px, from 0 to the duration. */
gint64 ms_strip_layout_get_time (const MsStripLayout *self, const MsStripData *data, double x_px);
MsStripPart ms_strip_layout_find_part (const MsStripLayout *self,
                                       const MsStripData *data,
                                       gint64 start_ns,
                                       gint64 end_ns,
                                       double x_px);

G_END_DECLS
