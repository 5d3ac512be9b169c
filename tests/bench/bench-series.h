/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The samples of one workload in one variant, one a round, and what is said of them.
 *
 * A ratio is always of two samples of the same round.  Its median over the rounds is the figure; least
 * and most say how far to trust it; the ratio of the two minima is what it would be on a quiet machine.
 */
#pragma once

#include <glib.h>

#define BENCH_MAX_ROUNDS 1000

typedef struct {
  double wall_ns;      /* of the measured part */
  double cpu_ns;       /* of all threads together */
  double first_cpu_ns; /* of the first thread, if it is timed by itself */
} BenchSample;

/* One that did not run has no samples. */
typedef struct {
  BenchSample samples[BENCH_MAX_ROUNDS];
  guint n_samples;
} BenchSeries;

typedef struct {
  double median, least, most;
  double quarter, three_quarters;
  double of_minima;
} BenchRatio;

typedef enum { BENCH_WALL, BENCH_CPU, BENCH_FIRST_CPU } BenchTime;

double bench_series_get (const BenchSeries *self, guint round, BenchTime time);
double bench_series_get_median (const BenchSeries *self, BenchTime time);
BenchRatio bench_series_get_ratio (const BenchSeries *self,
                                   const BenchSeries *untraced,
                                   BenchTime time);

/* From one thread to two: what the traced program gains, divided by what the untraced one gains in that
 * round.  The median over the rounds. */
double bench_series_get_scaling (const BenchSeries *traced_1,
                                 const BenchSeries *traced_2,
                                 const BenchSeries *untraced_1,
                                 const BenchSeries *untraced_2);
