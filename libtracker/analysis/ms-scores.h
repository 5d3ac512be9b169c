/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How well does each thread use what it takes?  0 to 100, higher is better; docs/DASHBOARD.md, "Scores",
 * has the reasons.
 *
 *   kept_percent        100 (1 − temporary / allocations)
 *   used_percent        100 × mean live bytes over its life / highest live bytes
 *   memory_efficiency   √(kept × used)
 *   memory_returned     100 (1 − bytes never freed / highest live bytes), once the process has ended
 *   cpu_efficiency      100 × CPU time / (CPU time + run-queue wait)
 *   score               mean of the last three, with the settings' weights
 *
 * The score of every thread is made of the same parts, those that were measured of any thread; a thread
 * of which one of them is not known has no score.
 */
#pragma once

#include "ms-analysis-settings.h"
#include "ms-resources.h"
#include "ms-view.h"

G_BEGIN_DECLS

typedef enum {
  MS_SCORE_PART_MEMORY = 1 << 0, /* memory_efficiency */
  MS_SCORE_PART_RETURN = 1 << 1, /* memory_returned */
  MS_SCORE_PART_CPU = 1 << 2     /* cpu_efficiency */
} MsScoreParts;

typedef struct {
  guint thread_id;
  MsMeasured kept_percent;
  MsMeasured used_percent;
  double
      used_error_percent; /* used_percent is off by this at most: how far its curve swings between two
                              * of its points */
  MsMeasured memory_efficiency;
  MsMeasured memory_returned;
  MsMeasured cpu_efficiency;
  MsMeasured score;
  guint score_parts; /* MsScoreParts; the same for all threads */
  /* What it does. */
  MsMeasured cpu_ns;
  MsMeasured cpu_percent;
  MsMeasured io_operations;
  MsMeasured run_queue_wait_ns;
  MsMeasured bytes_per_second;           /* allocated, over its life in the view */
  MsMeasured allocations_per_cpu_second; /* how much of its work is malloc */
} MsThreadScores;

/* Of each thread of @view's trace, by index.  @resources: by index too, over the view's range, or NULL: what
 * the trace itself knows.  @settings NULL: the defaults. (transfer full) (element-type MsThreadScores) */
MS_API GArray *ms_thread_scores_new (MsView *view,
                                     MsDomain domain,
                                     const MsThreadResources *resources,
                                     const MsAnalysisSettings *settings);

/* The columns of the table of scores; docs/DASHBOARD.md has the formula of each. */
typedef enum {
  MS_PERFORMANCE_SCORE,
  MS_PERFORMANCE_MEMORY_EFFICIENCY,
  MS_PERFORMANCE_MEMORY_RETURNED,
  MS_PERFORMANCE_CPU_EFFICIENCY,
  MS_PERFORMANCE_CPU_TIME,
  MS_PERFORMANCE_CPU_PERCENT,
  MS_PERFORMANCE_IO_OPERATIONS,
  MS_PERFORMANCE_RUN_QUEUE_WAIT,
  MS_PERFORMANCE_ALLOCATION_RATE,
  MS_PERFORMANCE_ALLOCATIONS_PER_CPU,
  MS_N_PERFORMANCES
} MsPerformance;

/* "score", "memory_efficiency", …; "percent", "ns", … */
MS_API const char *ms_performance_to_string (MsPerformance kind);
MS_API const char *ms_performance_get_unit (MsPerformance kind);
MS_API MsMeasured ms_thread_scores_get (const MsThreadScores *self, MsPerformance kind);

/* Indices into @scores, highest first; those of which it is not known come last, by id.  @n_known: how many
 * come before these. (transfer full) (array length=scores->len) */
MS_API guint *ms_rank_performance (const GArray *scores, MsPerformance kind, guint *n_known);

G_END_DECLS
