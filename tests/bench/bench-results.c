/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "bench-results.h"

#include <stdlib.h>

BenchResults *
bench_results_new (void)
{
  BenchResults *self = g_new0 (BenchResults, 1);

  self->results = g_ptr_array_new_with_free_func (g_free);
  self->loads = g_array_new (FALSE, FALSE, sizeof (double));
  self->thread_bytes = g_array_new (FALSE, FALSE, sizeof (double));
  self->declares = g_array_new (FALSE, FALSE, sizeof (BenchDeclare));
  return self;
}

void
bench_results_free (BenchResults *self)
{
  g_ptr_array_unref (self->results);
  g_array_unref (self->loads);
  g_array_unref (self->thread_bytes);
  g_array_unref (self->declares);
  g_free (self);
}

static const char *
verdict (gboolean is_met)
{
  return is_met ? "met" : "NOT MET";
}

BenchTime
bench_result_get_time (BenchVariantId variant)
{
  return variant == BENCH_ONE_UNTRACKED ? BENCH_FIRST_CPU : BENCH_WALL;
}

gboolean
bench_result_is_met (const BenchRatio *ratio, double goal)
{
  return goal > 1 ? ratio->median <= goal : ratio->quarter <= 1;
}

static void
print_variant (const BenchResult *result, BenchVariantId variant)
{
  const BenchSeries *series = &result->series[variant];
  const BenchSeries *untraced = &result->series[BENCH_UNTRACED];
  BenchTime time = bench_result_get_time (variant);
  BenchRatio ratio = bench_series_get_ratio (series, untraced, time);
  BenchRatio cpu_ratio = bench_series_get_ratio (series, untraced, BENCH_CPU);
  double goal = result->workload->goals[variant];
  double n_events = (double) result->n_timed_events;
  guint n_processors = MIN (result->n_threads, g_get_num_processors ()); /* at work in wall time */
  double more_wall_ns =
      bench_series_get_median (series, BENCH_WALL) - bench_series_get_median (untraced, BENCH_WALL);
  double more_cpu_ns =
      bench_series_get_median (series, BENCH_CPU) - bench_series_get_median (untraced, BENCH_CPU);

  g_print ("%-17s %-13s %9.1f", result->workload->name, bench_variants[variant].name,
           bench_series_get_median (series, time) / result->n_steps);
  if (variant == BENCH_UNTRACED)
    {
      g_print ("\n");
      return;
    }
  g_print (" %6.2f (%5.2f - %5.2f) %7.2f", ratio.median, ratio.least, ratio.most, ratio.of_minima);
  if (time == BENCH_WALL)
    g_print (" %6.2f %8.1f %8.1f", cpu_ratio.median, more_wall_ns * n_processors / n_events,
             more_cpu_ns / n_events);
  else
    g_print (" %6s %8s %8s", "", "", "");
  if (goal > 0)
    g_print ("  %.2f %s", goal, verdict (bench_result_is_met (&ratio, goal)));
  g_print ("\n");
}

static void
print_slowdowns (const BenchResults *self)
{
  g_print ("%-17s %-13s %9s %6s %15s %7s %6s %8s %8s\n", "", "", "", "slow-", "", "of", "of",
           "ns/event", "ns/event");
  g_print ("%-17s %-13s %9s %6s %15s %7s %6s %8s %8s  %s\n", "workload", "variant", "ns a step",
           "down", "(least - most)", "minima", "cpu", "wall", "cpu", "goal");
  for (guint i = 0; i < self->results->len; i++)
    {
      const BenchResult *result = g_ptr_array_index (self->results, i);

      for (guint v = 0; v < BENCH_N_VARIANTS; v++)
        if (result->series[v].n_samples > 0)
          print_variant (result, v);
    }
}

static void
print_disk (const BenchResults *self)
{
  g_print ("\nOn disk, closed, default configuration; bytes an event are beyond %d a thread:\n",
           BENCH_BYTES_A_THREAD);
  g_print ("%-17s %10s %8s %12s %10s %9s %-12s %6s %s\n", "workload", "events", "threads", "bytes",
           "of it freq", "B/event", "goal", "files", "goal");
  for (guint i = 0; i < self->results->len; i++)
    {
      const BenchResult *result = g_ptr_array_index (self->results, i);
      const BenchDisk *disk = &result->disk;
      double n = bench_disk_get_bytes_an_event (disk);

      if (disk->n_events == 0)
        continue;
      g_print ("%-17s %10" G_GUINT64_FORMAT " %8" G_GUINT64_FORMAT " %12" G_GUINT64_FORMAT
               " %10" G_GUINT64_FORMAT " %9.2f %.1f %-8s %6u",
               result->workload->name, disk->n_events, disk->n_threads, disk->n_bytes,
               disk->n_freq_bytes, n, BENCH_GOAL_BYTES_AN_EVENT,
               verdict (n <= BENCH_GOAL_BYTES_AN_EVENT), disk->n_files);
      /* Asked of the workload whose threads are too many for a file each. */
      if (disk->n_threads > 1000)
        g_print (" %d %s", BENCH_GOAL_FILES, verdict (disk->n_files <= BENCH_GOAL_FILES));
      g_print ("\n");
    }
}

static const BenchResult *
find_result (const BenchResults *self, const char *name)
{
  for (guint i = 0; i < self->results->len; i++)
    {
      const BenchResult *result = g_ptr_array_index (self->results, i);

      if (g_str_equal (result->workload->name, name))
        return result;
    }
  return NULL;
}

#define GOAL_SCALING 0.95

double
bench_results_get_scaling (const BenchResults *self)
{
  const BenchResult *one = find_result (self, "churn-1"), *two = find_result (self, "churn-2");

  if (one == NULL || two == NULL)
    return 0;
  return bench_series_get_scaling (&one->series[BENCH_TRACKED], &two->series[BENCH_TRACKED],
                                   &one->series[BENCH_UNTRACED], &two->series[BENCH_UNTRACED]);
}

static BenchDeclare
get_median_declare (const BenchResults *self)
{
  double values[3][BENCH_MAX_ROUNDS] = { 0 };
  guint n = self->declares->len;

  for (guint i = 0; i < n; i++)
    {
      const BenchDeclare *times = &g_array_index (self->declares, BenchDeclare, i);

      values[0][i] = times->allocation_ns;
      values[1][i] = times->deallocation_ns;
      values[2][i] = times->without_ns;
    }
  return (BenchDeclare) { bench_median (values[0], n), bench_median (values[1], n),
                          bench_median (values[2], n) };
}

static void
print_figures (const BenchResults *self)
{
  double scaling = bench_results_get_scaling (self);

  g_print ("\n");
  if (scaling > 0)
    g_print ("churn from 1 thread to 2, traced gain / untraced gain: %.3f, goal %.2f %s\n", scaling,
             GOAL_SCALING, verdict (scaling >= GOAL_SCALING));
  if (self->thread_bytes->len > 0)
    {
      double n =
          bench_median ((double *) (void *) self->thread_bytes->data, self->thread_bytes->len);

      g_print ("Resident memory a tracked thread: %.1f KiB, goal %d %s\n", n / 1024,
               BENCH_GOAL_THREAD_BYTES / 1024, verdict (n <= BENCH_GOAL_THREAD_BYTES));
    }
  if (self->declares->len > 0)
    {
      BenchDeclare times = get_median_declare (self);

      g_print ("memscope_track_allocation, 10 frames given: %.1f ns, goal %d %s"
               " (the loop without it: %.1f ns; a deallocation: %.1f ns)\n",
               times.allocation_ns, BENCH_GOAL_DECLARE_NS,
               verdict (times.allocation_ns - times.without_ns <= BENCH_GOAL_DECLARE_NS),
               times.without_ns, times.deallocation_ns);
    }
}

void
bench_results_print (const BenchResults *self)
{
  double least = G_MAXDOUBLE, most = 0;

  if (self->results->len > 0)
    {
      print_slowdowns (self);
      print_disk (self);
    }
  print_figures (self);
  for (guint i = 0; i < self->loads->len; i++)
    {
      least = MIN (least, g_array_index (self->loads, double, i));
      most = MAX (most, g_array_index (self->loads, double, i));
    }
  g_print ("\n%u rounds on %u processors; load meanwhile %.1f to %.1f, ours included.\n",
           self->loads->len, g_get_num_processors (), least, most);
}
