/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How many blocks had which size, or lived how long, in bins that double:
 *
 *        ▂█
 *      ▃▆██▅▂            bin 0 is 0, bin b from 2^(b-1) to 2^b − 1 (of bytes or nanoseconds); empty bins
 *   ▁▂▅██████▃▂▁▁ ▁      at both ends are left out
 *   8 B         1.0 MB
 */
#pragma once

#include "ms-plot-kind.h"
#include "ms-series-line.h"

G_BEGIN_DECLS

#define MS_HISTOGRAM_BINS 65

typedef struct {
  guint64 bins[MS_HISTOGRAM_BINS];
  gboolean is_time; /* else bytes */
  guint64 sum, highest;
  guint first, n; /* bins shown; n 0: all are empty */
  MsRect plot;    /* laid out: one bar a bin side by side */
  double label_y_px, width_px;
} MsHistogramPlot;

extern const MsPlotKind MS_HISTOGRAM_PLOT;

/* @bins: MS_HISTOGRAM_BINS of them; NULL: none. (transfer full) */
MsHistogramPlot *ms_histogram_plot_new (const guint64 *bins, gboolean is_time);

/* "16–31 B", "1.0–2.1 ms". */
char *ms_histogram_dup_range (guint bin, gboolean is_time);
/* The bin's bounds, both included. */
void ms_histogram_get_bounds (guint bin, guint64 *lowest, guint64 *highest);
MsRect ms_histogram_plot_get_bar (const MsHistogramPlot *self, guint item);

G_END_DECLS
