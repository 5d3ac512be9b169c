/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * bench-recorder BUILD_FOLDER [--rounds N] [--quick] [WORKLOAD…]: what recording costs the program that
 * is recorded.
 *
 * Each round runs every workload once in every variant (bench-workloads.h), one variant right after the
 * other, so that whatever else the machine does falls on all of them alike.  A single run is short, about
 * half a second: many short rounds find more quiet moments than few long ones.
 *
 * A workload's own clocks give its times (measured-part.h), without start, load and exit; those of a
 * program of the system's are of the whole run.  Each workload runs once more under `memscope record`, for
 * what it leaves on disk.  Prints tables and writes every sample to BUILD_FOLDER/bench/recorder.json.
 */
#include <unistd.h>

#include "bench-results.h"

#define DEFAULT_ROUNDS 7
#define QUICK_ROUNDS 2
#define QUICK_DIVISOR 5

/* These have names like workloads do. */
#define THREAD_MEMORY "thread-memory"
#define DECLARE "declare"

typedef struct {
  int n_rounds;
  gboolean quick;
  char **names; /* nullable: all */
  char *build;
} Options;

static gboolean
is_wanted (const Options *options, const char *name)
{
  return options->names == NULL || g_strv_contains ((const char *const *) options->names, name);
}

static gboolean
is_workload_wanted (const Options *options, const BenchWorkload *workload)
{
  gboolean wanted = options->names == NULL;

  for (guint i = 0; !wanted && options->names[i] != NULL; i++)
    wanted = bench_workload_is_called (workload, options->names[i]);
  return wanted;
}

static gboolean
is_name (const char *name)
{
  gboolean is = g_str_equal (name, THREAD_MEMORY) || g_str_equal (name, DECLARE);

  for (guint i = 0; !is && i < bench_n_workloads; i++)
    is = bench_workload_is_called (&bench_workloads[i], name);
  return is;
}

/* --- one run --------------------------------------------------------------------------------- */

static double
get_double (JsonObject *report, const char *member)
{
  return json_object_get_double_member_with_default (report, member, 0);
}

/* From the workload's report, or from the run as a whole. */
static gboolean
read_sample (const BenchRun *run, BenchResult *result, BenchSample *sample, GError **error)
{
  if (run->report == NULL)
    {
      *sample = (BenchSample) { (double) run->wall_ns, (double) run->cpu_ns, 0 };
      result->n_timed_events = result->disk.n_events;
      result->n_threads = 1;
    }
  else
    {
      sample->wall_ns = get_double (run->report, "wall_ns");
      sample->cpu_ns = get_double (run->report, "cpu_ns");
      sample->first_cpu_ns = get_double (run->report, "first_cpu_ns");
      result->n_timed_events = (guint64) get_double (run->report, "timed_events");
      result->n_threads = (guint) get_double (run->report, "threads");
    }
  if (sample->wall_ns > 0 && result->n_timed_events > 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it told no time");
  return FALSE;
}

static gboolean
run_variant (BenchResult *result, BenchVariantId variant, const char *build, GError **error)
{
  g_auto (GStrv) command = bench_workload_get_command (result->workload, result->n_steps);
  g_auto (BenchRun) run = { 0 };
  BenchSeries *series = &result->series[variant];
  BenchSample *sample = &series->samples[series->n_samples];

  if (!bench_run (build, (const char *const *) command, &bench_variants[variant], &run, error)
      || !read_sample (&run, result, sample, error))
    {
      g_prefix_error (error, "%s, %s: ", result->workload->name, bench_variants[variant].name);
      return FALSE;
    }
  series->n_samples++;
  return TRUE;
}

/* In place, on a terminal; nothing elsewhere. */
G_GNUC_PRINTF (1, 2)
static void
show_progress (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (!isatty (STDERR_FILENO))
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("\r\033[K%s", text);
}

/* --- rounds ---------------------------------------------------------------------------------- */

static gboolean
run_figures (BenchResults *results, const Options *options, GError **error)
{
  if (is_wanted (options, THREAD_MEMORY))
    {
      double n_bytes;

      if (!bench_measure_thread_bytes (options->build, options->quick, &n_bytes, error))
        return FALSE;
      g_array_append_val (results->thread_bytes, n_bytes);
    }
  if (is_wanted (options, DECLARE))
    {
      BenchDeclare times;

      if (!bench_measure_declare (options->build, options->quick, &times, error))
        return FALSE;
      g_array_append_val (results->declares, times);
    }
  return TRUE;
}

static gboolean
run_round (BenchResults *results, const Options *options, GError **error)
{
  double load = bench_get_load ();

  g_array_append_val (results->loads, load);
  for (guint i = 0; i < results->results->len; i++)
    {
      BenchResult *result = g_ptr_array_index (results->results, i);

      for (guint v = 0; v < BENCH_N_VARIANTS; v++)
        if (bench_workload_has (result->workload, v) && !(options->quick && v == BENCH_HEAPTRACK)
            && !run_variant (result, v, options->build, error))
          return FALSE;
    }
  return run_figures (results, options, error);
}

/* The wanted workloads, with what they leave on disk. */
static gboolean
prepare (BenchResults *results, const Options *options, GError **error)
{
  for (guint i = 0; i < bench_n_workloads; i++)
    {
      const BenchWorkload *workload = &bench_workloads[i];
      BenchResult *result;

      if (!is_workload_wanted (options, workload))
        continue;
      if (!bench_workload_is_there (workload, options->build))
        {
          g_print ("%s is left out: there is no %s\n", workload->name, workload->arguments[0]);
          continue;
        }
      result = g_new0 (BenchResult, 1);
      g_ptr_array_add (results->results, result);
      result->workload = workload;
      result->n_steps = options->quick ? workload->n_steps / QUICK_DIVISOR : workload->n_steps;
      show_progress ("On disk: %s", workload->name);
      if (!bench_disk_measure (&result->disk, workload, result->n_steps, options->build, error))
        {
          g_prefix_error (error, "%s under memscope record: ", workload->name);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
run_all (BenchResults *results, const Options *options, GError **error)
{
  if (!prepare (results, options, error))
    return FALSE;
  for (int round = 0; round < options->n_rounds; round++)
    {
      show_progress ("Round %d of %d, load %.1f", round + 1, options->n_rounds, bench_get_load ());
      if (!run_round (results, options, error))
        return FALSE;
    }
  show_progress ("%s", "");
  return TRUE;
}

/* --- options --------------------------------------------------------------------------------- */

static void
print_names (void)
{
  g_printerr ("Workloads:");
  for (guint i = 0; i < bench_n_workloads; i++)
    g_printerr (" %s", bench_workloads[i].name);
  g_printerr (" %s %s; or the beginning of several, as churn\n", THREAD_MEMORY, DECLARE);
}

static gboolean
parse_options (Options *options, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "rounds", 'r', 0, G_OPTION_ARG_INT, &options->n_rounds, "How often (7)", "N" },
    { "quick", 'q', 0, G_OPTION_ARG_NONE, &options->quick,
      "2 rounds of a fifth of the steps, without heaptrack: to see whether it works", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("BUILD_FOLDER [WORKLOAD...]");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      g_printerr ("bench-recorder: %s\n", error->message);
      return FALSE;
    }
  if (options->n_rounds == 0)
    options->n_rounds = options->quick ? QUICK_ROUNDS : DEFAULT_ROUNDS;
  if (*argc < 2 || options->n_rounds < 1 || options->n_rounds > BENCH_MAX_ROUNDS)
    {
      g_printerr ("Usage: bench-recorder BUILD_FOLDER [--rounds 1 to %d] [--quick] [WORKLOAD...]\n",
                  BENCH_MAX_ROUNDS);
      return FALSE;
    }
  for (int i = 2; i < *argc; i++)
    if (!is_name ((*argv)[i]))
      {
        g_printerr ("bench-recorder: no workload is called %s\n", (*argv)[i]);
        print_names ();
        return FALSE;
      }
  options->names = *argc > 2 ? *argv + 2 : NULL;
  options->build = g_canonicalize_filename ((*argv)[1], NULL);
  return TRUE;
}

int
main (int argc, char **argv)
{
  Options options = { 0 };
  g_autoptr (BenchResults) results = bench_results_new ();
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (!parse_options (&options, &argc, &argv))
    return 2;
  done = run_all (results, &options, &error);
  if (done)
    {
      bench_results_print (results);
      done = bench_results_write (results, options.build, &error);
    }
  if (!done)
    g_printerr ("\nbench-recorder: %s\n", error->message);
  g_free (options.build);
  return done ? 0 : 1;
}
