/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * bench-recorder BUILD_FOLDER [ROUNDS]: what recording costs the program that is recorded.
 *
 * Each round runs every workload once in every variant, one after the other, so that whatever else the
 * machine does falls on all of them alike:
 *
 *   untraced     nothing preloaded
 *   tracked      libmemscope-preload, default configuration (32 frames)
 *   tracked-10   the same with 10 frames
 *   untracked    preloaded, but no thread is tracked
 *   heaptrack    heaptrack's preload writing its raw file, without its interpreter; if installed
 *
 * A workload's own clock gives the time (tests/bench/churn.c), without start, load and exit.  The slowdown of a
 * variant is the median over the rounds of its time divided by the untraced time of the same round.
 * Prints a table and writes every sample to BUILD_FOLDER/bench/recorder.json.
 */
#include <stdlib.h>

#include "bench-run.h"

#define DEFAULT_ROUNDS 5
#define MAX_ROUNDS 101

typedef struct {
  const char *name;
  const char *arguments[4]; /* program in tests/bench/, and its arguments */
} Workload;

static const Workload workloads[] = {
  { "churn, 1 thread", { "churn", "1", "2000000" } },
  { "churn, 2 threads", { "churn", "2", "2000000" } },
  { "churn, 4 threads", { "churn", "4", "1000000" } },
  { "std::list, 1 thread", { "list-churn", "1", "2000000" } },
  { "std::list, 4 threads", { "list-churn", "4", "1000000" } },
  { "20 000 threads", { "thread-churn", "20000" } },
};

static const BenchVariant variants[] = {
  { "untraced", BENCH_TOOL_NONE, NULL },
  { "tracked", BENCH_TOOL_MEMSCOPE, NULL },
  { "tracked-10", BENCH_TOOL_MEMSCOPE, "MEMSCOPE_STACK_DEPTH=10" },
  { "untracked", BENCH_TOOL_MEMSCOPE, "MEMSCOPE_THREADS=none" },
  { "heaptrack", BENCH_TOOL_HEAPTRACK, NULL },
};

typedef struct {
  double ns_per_step;
  guint64 n_events;
  guint64 n_output_bytes;
  guint n_output_files;
  guint64 max_rss_bytes;
} Sample;

/* The samples of one workload in one variant, and their medians. */
typedef struct {
  Sample samples[MAX_ROUNDS];
  double slowdowns[MAX_ROUNDS];
  guint n_samples;
} Series;

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static gboolean
run_once (const Workload *workload,
          const BenchVariant *variant,
          const char *build,
          Sample *sample,
          GError **error)
{
  g_auto (BenchRun) run = { 0 };

  if (!bench_run (build, workload->arguments, variant, &run, error))
    return FALSE;
  sample->ns_per_step = json_object_get_double_member_with_default (run.report, "wall_ns", 0)
                        / json_object_get_double_member_with_default (run.report, "steps", 1);
  sample->n_events = (guint64) json_object_get_int_member_with_default (run.report, "events", 0);
  sample->n_output_bytes = run.n_output_bytes;
  sample->n_output_files = run.n_output_files;
  sample->max_rss_bytes = run.max_rss_bytes;
  if (sample->ns_per_step > 0 && sample->n_events > 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it printed no time");
  return FALSE;
}

static void
print_series (const Workload *workload, const BenchVariant *variant, const Series *series)
{
  double times[MAX_ROUNDS] = { 0 };
  const Sample *last = &series->samples[series->n_samples - 1];

  for (guint i = 0; i < series->n_samples; i++)
    times[i] = series->samples[i].ns_per_step;
  qsort (times, series->n_samples, sizeof times[0], compare_doubles);

  g_print ("%-22s %-11s %9.1f %9.1f %9.1f", workload->name, variant->name,
           bench_median (times, series->n_samples), times[0], times[series->n_samples - 1]);
  if (variant->tool == BENCH_TOOL_NONE)
    g_print ("\n");
  else
    g_print (" %9.2f %9.2f %6u\n", bench_median (series->slowdowns, series->n_samples),
             (double) last->n_output_bytes / (double) last->n_events, last->n_output_files);
}

static void
write_series (JsonBuilder *builder, const Series *series)
{
  double times[MAX_ROUNDS] = { 0 };
  const Sample *last = &series->samples[series->n_samples - 1];

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "ns_per_step");
  json_builder_begin_array (builder);
  for (guint i = 0; i < series->n_samples; i++)
    {
      times[i] = series->samples[i].ns_per_step;
      json_builder_add_double_value (builder, times[i]);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "median_ns_per_step");
  json_builder_add_double_value (builder, bench_median (times, series->n_samples));
  json_builder_set_member_name (builder, "median_slowdown");
  json_builder_add_double_value (builder, bench_median (series->slowdowns, series->n_samples));
  json_builder_set_member_name (builder, "events");
  json_builder_add_int_value (builder, (gint64) last->n_events);
  json_builder_set_member_name (builder, "output_bytes");
  json_builder_add_int_value (builder, (gint64) last->n_output_bytes);
  json_builder_set_member_name (builder, "output_files");
  json_builder_add_int_value (builder, last->n_output_files);
  json_builder_set_member_name (builder, "max_rss_bytes");
  json_builder_add_int_value (builder, (gint64) last->max_rss_bytes);
  json_builder_end_object (builder);
}

static gboolean
write_results (Series (*all)[G_N_ELEMENTS (variants)],
               guint n_rounds,
               const char *build,
               GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  json_builder_add_string_value (builder, MEMSCOPE_VERSION);
  json_builder_set_member_name (builder, "rounds");
  json_builder_add_int_value (builder, n_rounds);
  bench_write_machine (builder);
  json_builder_set_member_name (builder, "workloads");
  json_builder_begin_object (builder);
  for (guint w = 0; w < G_N_ELEMENTS (workloads); w++)
    {
      json_builder_set_member_name (builder, workloads[w].name);
      json_builder_begin_object (builder);
      for (guint v = 0; v < G_N_ELEMENTS (variants); v++)
        if (all[w][v].n_samples > 0)
          {
            json_builder_set_member_name (builder, variants[v].name);
            write_series (builder, &all[w][v]);
          }
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  json_builder_end_object (builder);

  return bench_write_file (builder, build, "recorder", error);
}

/* One round of one workload; FALSE once something could not be run. */
static gboolean
run_round (const Workload *workload, Series *series, const char *build)
{
  double untraced = 0;

  for (guint v = 0; v < G_N_ELEMENTS (variants); v++)
    {
      Sample sample = { 0 };
      g_autoptr (GError) error = NULL;

      if (!bench_variant_is_there (&variants[v]))
        continue;
      if (!run_once (workload, &variants[v], build, &sample, &error))
        {
          g_printerr ("bench-recorder: %s, %s: %s\n", workload->name, variants[v].name,
                      error->message);
          return FALSE;
        }
      if (variants[v].tool == BENCH_TOOL_NONE)
        untraced = sample.ns_per_step;
      series[v].samples[series[v].n_samples] = sample;
      series[v].slowdowns[series[v].n_samples++] = sample.ns_per_step / untraced;
    }
  return TRUE;
}

int
main (int argc, char **argv)
{
  static Series all[G_N_ELEMENTS (workloads)][G_N_ELEMENTS (variants)];
  guint64 n_rounds = DEFAULT_ROUNDS;
  g_autofree char *build = NULL;
  g_autoptr (GError) error = NULL;

  if (argc < 2 || argc > 3
      || (argc == 3 && !g_ascii_string_to_unsigned (argv[2], 10, 1, MAX_ROUNDS, &n_rounds, &error)))
    {
      g_printerr ("Usage: bench-recorder BUILD_FOLDER [ROUNDS, at most %d]\n", MAX_ROUNDS);
      return 2;
    }
  build = g_canonicalize_filename (argv[1], NULL);

  g_print ("%-22s %-11s %9s %9s %9s %9s %9s %6s\n", "", "", "ns a step", "least", "most",
           "slowdown", "B/event", "files");
  for (guint w = 0; w < G_N_ELEMENTS (workloads); w++)
    {
      for (guint64 round = 0; round < n_rounds; round++)
        if (!run_round (&workloads[w], all[w], build))
          return 1;
      for (guint v = 0; v < G_N_ELEMENTS (variants); v++)
        if (all[w][v].n_samples > 0)
          print_series (&workloads[w], &variants[v], &all[w][v]);
    }

  if (!write_results (all, (guint) n_rounds, build, &error))
    {
      g_printerr ("bench-recorder: cannot write the results: %s\n", error->message);
      return 1;
    }
  return 0;
}
