/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Do two figures go together?  Points are one a thread, or one a sample in time.
 *
 *   Pearson r   Σ (x − x̄)(y − ȳ) / √(Σ (x − x̄)² Σ (y − ȳ)²)
 *   Spearman ρ  Pearson r of the ranks; equal values share the mean of their ranks
 *   effective n n (1 − ρx ρy) / (1 + ρx ρy) for samples in time, where ρx, ρy are the correlations of each
 *               sample with the next one (Bartlett); never more than n.  n for independent points
 *   95 %        tanh (atanh r ± 1.96 / √(effective n − 3)) (Fisher); none below an effective n of 10
 *   line        y = slope x + intercept, least squares in y
 *
 * Nothing is said about fewer than eight points (of four, two in a hundred pairs of unrelated figures have an r
 * beyond 0.98), values that are not finite, or a figure that does not vary.
 */
#pragma once

#include "ms-analysis-settings.h"
#include "ms-resources.h"
#include "ms-trace.h"
#include "ms-view.h"

G_BEGIN_DECLS

/* Fewer points give no figure at all, fewer effective ones no interval. */
#define MS_CORRELATION_MIN_POINTS 8
#define MS_CORRELATION_MIN_EFFECTIVE 10.0

typedef enum {
  MS_POINTS_INDEPENDENT, /* one a thread */
  MS_POINTS_IN_TIME      /* samples at equal distances, oldest first */
} MsPointOrder;

/* How far two columns go together, and how certain that is. */
typedef struct {
  guint n;
  const char *refusal; /* NULL: all below is set.  Else why nothing is said; static */
  double pearson;
  double spearman;
  double slope, intercept; /* in y's unit for one of x's; in y's unit */
  double effective_n;
  MsMeasured interval_low, interval_high; /* of r, 95 %; known together */
} MsCorrelation;

/* Returns FALSE if it refused. */
MS_API gboolean ms_correlation_compute (MsCorrelation *self,
                                        const double *x,
                                        const double *y,
                                        guint n,
                                        MsPointOrder order);

/* What a thread, or a stretch of time, is busy with.  CPU and allocation rate are put on the scale of the
 * axes' defaults, u = cpu_percent / pattern_cpu_percent, v = rate / pattern_bytes_per_second. */
typedef enum {
  MS_PATTERN_IDLE,              /* both u and v below pattern_floor_percent */
  MS_PATTERN_COMPUTE_INTENSIVE, /* u ≥ pattern_ratio v */
  MS_PATTERN_DATA_MOVEMENT,     /* v ≥ pattern_ratio u */
  MS_PATTERN_MIXED,             /* neither */
  MS_N_PATTERNS
} MsPattern;

/* @settings NULL: the defaults. */
MS_API MsPattern ms_pattern_get (double cpu_percent,
                                 double bytes_per_second,
                                 const MsAnalysisSettings *settings);
/* "idle", "compute_intensive", "data_movement", "mixed" */
MS_API const char *ms_pattern_to_string (MsPattern pattern);

/* A thread as a point. */
typedef struct {
  guint thread_id;
  double cpu_percent;       /* x */
  double bytes_per_second;  /* y */
  MsMeasured io_operations; /* colour */
  MsPattern pattern;
  double bytes_per_second_error; /* its standard error; 0: exact */
} MsThreadPoint;

/* The tracked threads that @view is of and whose CPU share is known, by id; both figures are of the part of their
 * lives that it shows.  @resources: of the view as well, by thread index, or NULL: what the trace itself knows, of
 * whole lives.  @n_unknown (nullable): tracked threads that were left out for want of the share.
 * (transfer full) (element-type MsThreadPoint) */
MS_API GArray *ms_thread_points_new (MsView *view,
                                     MsDomain domain,
                                     const MsThreadResources *resources,
                                     const MsAnalysisSettings *settings,
                                     guint *n_unknown);
MS_API gboolean ms_thread_points_correlate (const GArray *points, MsCorrelation *correlation);

G_END_DECLS
