/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Everything that bench-recorder measured, and how it is told: tables with verdicts, and JSON. */
#pragma once

#include "bench-disk.h"
#include "bench-figures.h"
#include "bench-series.h"
#include "bench-workloads.h"

/* One workload.  Its times are of runs with n_steps steps a thread. */
typedef struct {
  const BenchWorkload *workload;
  guint n_steps;
  guint64 n_timed_events; /* in the measured part, of all threads */
  guint n_threads;        /* at once */
  BenchDisk disk;
  BenchSeries series[BENCH_N_VARIANTS];
} BenchResult;

typedef struct {
  GPtrArray *results;   /* BenchResult, in the table's order */
  GArray *loads;        /* double, at the beginning of each round */
  GArray *thread_bytes; /* double, one a round; empty: not measured */
  GArray *declares;     /* BenchDeclare */
} BenchResults;

BenchResults *bench_results_new (void);
void bench_results_free (BenchResults *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchResults, bench_results_free)

/* What is compared with the untraced run: the program's time, or that of its one untracked thread,
 * which shares processors with the others. */
BenchTime bench_result_get_time (BenchVariantId variant);

/* A goal of 1 is that no difference can be seen: 1 is at or above the ratios' lower quartile. */
gboolean bench_result_is_met (const BenchRatio *ratio, double goal);

/* From churn-1 to churn-2; 0 where not both were run. */
double bench_results_get_scaling (const BenchResults *self);

void bench_results_print (const BenchResults *self);
gboolean bench_results_write (const BenchResults *self, const char *build, GError **error);
