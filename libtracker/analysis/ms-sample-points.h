/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A thread, or the process, as a cloud of points: processor share against allocation rate, one point for each
 * stretch of time as long as samples are apart (ten a second as a rule).  Both figures of a point are of the
 * same stretch: what was allocated in it, and what the processor counter rose by in it.
 */
#pragma once

#include "ms-correlation.h"
#include "ms-view.h"

G_BEGIN_DECLS

/* Seven minutes at ten a second.  Who shows points to a person has no use for more, and whoever says how they go
 * together asks for as many, so that all say the same. */
#define MS_SAMPLE_POINTS_USUAL_MOST 4096

typedef struct {
  gint64 time_ns;           /* its middle */
  double cpu_percent;       /* x */
  double bytes_per_second;  /* y */
  MsMeasured io_operations; /* colour: in this stretch */
  MsPattern pattern;
} MsSamplePoint;

/* Over the view's range, oldest first, at most @most: where there would be more, stretches are longer.
 * @thread NULL: the process.  Stretches that no samples cover have no point.  Empty: *@reason (nullable)
 * says why.  @settings NULL: the defaults. (transfer full) (element-type MsSamplePoint) */
MS_API GArray *ms_sample_points_new (MsView *view,
                                     MsThread *thread,
                                     MsDomain domain,
                                     const MsAnalysisSettings *settings,
                                     guint most,
                                     const char **reason);
/* How many stretches ms_sample_points_new() makes of the view's range; 0 without samples. */
MS_API guint ms_sample_points_count_stretches (MsView *view, guint most);
/* Returns FALSE if it refused. */
MS_API gboolean ms_sample_points_correlate (const GArray *points, MsCorrelation *correlation);

G_END_DECLS
