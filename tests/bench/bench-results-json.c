/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "bench-results.h"

static void
add_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_doubles (JsonBuilder *builder, const char *name, const GArray *values)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < values->len; i++)
    json_builder_add_double_value (builder, g_array_index (values, double, i));
  json_builder_end_array (builder);
}

static void
add_times (JsonBuilder *builder, const char *name, const BenchSeries *series, BenchTime time)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < series->n_samples; i++)
    json_builder_add_double_value (builder, bench_series_get (series, i, time));
  json_builder_end_array (builder);
}

static void
write_variant (JsonBuilder *builder, const BenchResult *result, BenchVariantId variant)
{
  const BenchSeries *series = &result->series[variant];
  BenchRatio ratio = bench_series_get_ratio (series, &result->series[BENCH_UNTRACED],
                                             bench_result_get_time (variant));
  BenchRatio cpu_ratio =
      bench_series_get_ratio (series, &result->series[BENCH_UNTRACED], BENCH_CPU);

  json_builder_set_member_name (builder, bench_variants[variant].name);
  json_builder_begin_object (builder);
  add_double (builder, "slowdown_median", ratio.median);
  add_double (builder, "slowdown_least", ratio.least);
  add_double (builder, "slowdown_most", ratio.most);
  add_double (builder, "slowdown_of_minima", ratio.of_minima);
  add_double (builder, "slowdown_of_cpu_median", cpu_ratio.median);
  if (result->workload->goals[variant] > 0)
    {
      add_double (builder, "goal", result->workload->goals[variant]);
      json_builder_set_member_name (builder, "goal_met");
      json_builder_add_boolean_value (builder,
                                      bench_result_is_met (&ratio,
                                                           result->workload->goals[variant]));
    }
  add_times (builder, "wall_ns", series, BENCH_WALL);
  add_times (builder, "cpu_ns", series, BENCH_CPU);
  if (result->workload->has_one_apart)
    add_times (builder, "first_thread_cpu_ns", series, BENCH_FIRST_CPU);
  json_builder_end_object (builder);
}

static void
write_disk (JsonBuilder *builder, const BenchDisk *disk)
{
  json_builder_set_member_name (builder, "closed_recording");
  if (disk->n_events == 0)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  add_int (builder, "events", disk->n_events);
  add_int (builder, "threads", disk->n_threads);
  add_int (builder, "bytes", disk->n_bytes);
  add_int (builder, "freq_bytes", disk->n_freq_bytes);
  add_int (builder, "files", disk->n_files);
  add_double (builder, "bytes_an_event_beyond_256_a_thread", bench_disk_get_bytes_an_event (disk));
  json_builder_end_object (builder);
}

static void
write_result (JsonBuilder *builder, const BenchResult *result)
{
  json_builder_set_member_name (builder, result->workload->name);
  json_builder_begin_object (builder);
  add_int (builder, "steps", result->n_steps);
  add_int (builder, "timed_events", result->n_timed_events);
  add_int (builder, "threads", result->n_threads);
  write_disk (builder, &result->disk);
  json_builder_set_member_name (builder, "variants");
  json_builder_begin_object (builder);
  for (guint v = 0; v < BENCH_N_VARIANTS; v++)
    if (result->series[v].n_samples > 0)
      write_variant (builder, result, v);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
write_figures (JsonBuilder *builder, const BenchResults *self)
{
  double scaling = bench_results_get_scaling (self);

  if (scaling > 0)
    add_double (builder, "scaling_1_to_2", scaling);
  add_doubles (builder, "resident_bytes_a_tracked_thread", self->thread_bytes);
  json_builder_set_member_name (builder, "memscope_track_allocation");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->declares->len; i++)
    {
      const BenchDeclare *times = &g_array_index (self->declares, BenchDeclare, i);

      json_builder_begin_object (builder);
      add_double (builder, "allocation_ns", times->allocation_ns);
      add_double (builder, "deallocation_ns", times->deallocation_ns);
      add_double (builder, "without_ns", times->without_ns);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

gboolean
bench_results_write (const BenchResults *self, const char *build, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  json_builder_add_string_value (builder, MEMSCOPE_VERSION);
  bench_write_machine (builder);
  add_doubles (builder, "loads", self->loads);
  json_builder_set_member_name (builder, "workloads");
  json_builder_begin_object (builder);
  for (guint i = 0; i < self->results->len; i++)
    write_result (builder, g_ptr_array_index (self->results, i));
  json_builder_end_object (builder);
  write_figures (builder, self);
  json_builder_end_object (builder);
  return bench_write_file (builder, build, "recorder", error);
}
