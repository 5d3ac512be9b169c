/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "bench-series.h"

#include <stdlib.h>

#include "bench-run.h"

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

double
bench_series_get (const BenchSeries *self, guint round, BenchTime time)
{
  const BenchSample *sample = &self->samples[round];

  switch (time)
    {
    case BENCH_CPU:
      return sample->cpu_ns;
    case BENCH_FIRST_CPU:
      return sample->first_cpu_ns;
    case BENCH_WALL:
    default:
      return sample->wall_ns;
    }
}

double
bench_series_get_median (const BenchSeries *self, BenchTime time)
{
  double values[BENCH_MAX_ROUNDS] = { 0 };

  for (guint i = 0; i < self->n_samples; i++)
    values[i] = bench_series_get (self, i, time);
  return bench_median (values, self->n_samples);
}

static double
get_least (const BenchSeries *self, BenchTime time)
{
  double least = bench_series_get (self, 0, time);

  for (guint i = 1; i < self->n_samples; i++)
    least = MIN (least, bench_series_get (self, i, time));
  return least;
}

BenchRatio
bench_series_get_ratio (const BenchSeries *self, const BenchSeries *untraced, BenchTime time)
{
  double ratios[BENCH_MAX_ROUNDS] = { 0 };
  guint n = MIN (self->n_samples, untraced->n_samples);

  if (n == 0)
    return (BenchRatio) { 0 };
  for (guint i = 0; i < n; i++)
    ratios[i] = bench_series_get (self, i, time) / bench_series_get (untraced, i, time);
  qsort (ratios, n, sizeof ratios[0], compare_doubles);
  return (BenchRatio) {
    .median = bench_median (ratios, n),
    .least = ratios[0],
    .most = ratios[n - 1],
    .quarter = ratios[(n - 1) / 4],
    .three_quarters = ratios[n - 1 - (n - 1) / 4],
    .of_minima = get_least (self, time) / get_least (untraced, time),
  };
}

double
bench_series_get_scaling (const BenchSeries *traced_1,
                          const BenchSeries *traced_2,
                          const BenchSeries *untraced_1,
                          const BenchSeries *untraced_2)
{
  double gains[BENCH_MAX_ROUNDS] = { 0 };
  guint n = MIN (MIN (traced_1->n_samples, traced_2->n_samples),
                 MIN (untraced_1->n_samples, untraced_2->n_samples));

  for (guint i = 0; i < n; i++)
    gains[i] = (traced_1->samples[i].wall_ns / traced_2->samples[i].wall_ns)
               / (untraced_1->samples[i].wall_ns / untraced_2->samples[i].wall_ns);
  return n > 0 ? bench_median (gains, n) : 0;
}
