/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * bench-app BUILD_FOLDER [--rounds N] [--most EVENTS]
 *
 * The application on a trace of 10⁸ events and on one of 1 000 threads: from its start to the first frame,
 * how long frames take while somebody looks around, and what memory that takes beyond the document's own.
 * Each figure is of a process of its own (app-probe.c), rounds one after the other; printed are the median
 * over the rounds of the median and of the 95th percentile, and of the longest frame the worst of all.
 *
 * Needs a display: `./dev bench app` makes a virtual one.  The traces are made once, 600 MB, and kept with
 * what was derived from them in BUILD_FOLDER/bench/app, or in $MEMSCOPE_BENCH_FOLDER/app; every sample goes
 * to BUILD_FOLDER/bench/app.json.
 */
#include <glib/gstdio.h>
#include <stdlib.h>

#include "bench-run.h"

#define MAX_ROUNDS 101

typedef struct {
  const char *name;
  const char *n_events, *n_threads, *n_live; /* as make-trace takes them; NULL: no trace */
} Kind;

static const Kind kinds[] = {
  { "empty", NULL, NULL, NULL },
  { "1e8 events", "100000000", "16", "4096" },
  { "1000 threads", "2000000", "1000", "256" },
};

static const char *const moves[] = { "zoom", "pan", "hover", "scroll", "focus" };
static const char *const figures[] = { "median_ms", "p95_ms", "longest_ms", "wall_p95_ms",
                                       "wall_longest_ms" };

typedef struct {
  double window_ms[MAX_ROUNDS], figures_ms[MAX_ROUNDS], beyond_mb[MAX_ROUNDS];
  double frames[G_N_ELEMENTS (moves)][G_N_ELEMENTS (figures)][MAX_ROUNDS];
} Results;

static char *probe_path, *make_trace_path;

/* --- one process ------------------------------------------------------------------------------ */

static JsonObject *
run_probe (const char *mode, const char *folder, GError **error)
{
  char *arguments[] = { probe_path, (char *) mode, (char *) folder, NULL };
  g_autofree char *output = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  int status;

  if (!g_spawn_sync (NULL, arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status,
                     error)
      || !g_spawn_check_wait_status (status, error)
      || !json_parser_load_from_data (parser, output, -1, error))
    {
      g_prefix_error (error, "app-probe %s %s: ", mode, folder != NULL ? folder : "");
      return NULL;
    }
  return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
}

/* The trace of a kind, made when it is not there yet. */
static gboolean
prepare (const Kind *kind, const char *folder, GError **error)
{
  g_autofree char *manifest = g_build_filename (folder, "memscope_trace.json", NULL);
  char *arguments[] = { make_trace_path,
                        "--events",
                        (char *) kind->n_events,
                        "--threads",
                        (char *) kind->n_threads,
                        "--live",
                        (char *) kind->n_live,
                        (char *) folder,
                        NULL };
  int status;

  if (g_file_test (manifest, G_FILE_TEST_EXISTS))
    return TRUE;
  g_print ("Writing %s …\n", folder);
  return g_spawn_sync (NULL, arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                       &status, error)
         && g_spawn_check_wait_status (status, error);
}

/* --- a round ---------------------------------------------------------------------------------- */

static gboolean
take_frames (Results *results, const char *folder, guint round, GError **error)
{
  g_autoptr (JsonObject) frames = run_probe ("frames", folder, error);
  g_autoptr (JsonObject) model = frames != NULL ? run_probe ("model", folder, error) : NULL;

  if (model == NULL)
    return FALSE;
  for (guint m = 0; m < G_N_ELEMENTS (moves); m++)
    for (guint f = 0; f < G_N_ELEMENTS (figures); f++)
      results->frames[m][f][round] =
          json_object_get_double_member (json_object_get_object_member (frames, moves[m]),
                                         figures[f]);
  results->beyond_mb[round] = json_object_get_double_member (frames, "anonymous_mb")
                              - json_object_get_double_member (model, "anonymous_mb");
  return TRUE;
}

static gboolean
run_round (const Kind *kind, Results *results, const char *folder, guint round, GError **error)
{
  g_autoptr (JsonObject) start = run_probe ("start", folder, error);

  if (start == NULL)
    return FALSE;
  results->window_ms[round] = json_object_get_double_member (start, "window_ms");
  if (folder == NULL)
    return TRUE;
  results->figures_ms[round] = json_object_get_double_member (start, "figures_ms");
  return take_frames (results, folder, round, error);
}

/* --- what came out ---------------------------------------------------------------------------- */

static double
get_worst (const double *values, guint n)
{
  double worst = values[0];

  for (guint i = 1; i < n; i++)
    worst = MAX (worst, values[i]);
  return worst;
}

static void
print_kind (const Kind *kind, const Results *results, guint n)
{
  g_print ("\n%s\n  first frame %.0f ms (goal 300)", kind->name,
           bench_median (results->window_ms, n));
  if (kind->n_events == NULL)
    {
      g_print ("\n");
      return;
    }
  g_print (", with figures %.0f ms (goal 1000); %.0f MB beyond the document's (goal 200)\n",
           bench_median (results->figures_ms, n), get_worst (results->beyond_mb, n));
  g_print (
      "  processor time of a frame, ms   median    95 %%   longest     (wall: 95 %%   longest)\n");
  for (guint m = 0; m < G_N_ELEMENTS (moves); m++)
    g_print ("    %-28s %9.1f %7.1f %9.1f %16.1f %9.1f\n", moves[m],
             bench_median (results->frames[m][0], n), bench_median (results->frames[m][1], n),
             get_worst (results->frames[m][2], n), bench_median (results->frames[m][3], n),
             get_worst (results->frames[m][4], n));
}

static void
write_values (JsonBuilder *builder, const char *name, const double *values, guint n)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    json_builder_add_double_value (builder, values[i]);
  json_builder_end_array (builder);
}

static void
write_kind (JsonBuilder *builder, const Kind *kind, const Results *results, guint n)
{
  json_builder_set_member_name (builder, kind->name);
  json_builder_begin_object (builder);
  write_values (builder, "window_ms", results->window_ms, n);
  if (kind->n_events != NULL)
    {
      write_values (builder, "figures_ms", results->figures_ms, n);
      write_values (builder, "beyond_mb", results->beyond_mb, n);
      for (guint m = 0; m < G_N_ELEMENTS (moves); m++)
        {
          json_builder_set_member_name (builder, moves[m]);
          json_builder_begin_object (builder);
          for (guint f = 0; f < G_N_ELEMENTS (figures); f++)
            write_values (builder, figures[f], results->frames[m][f], n);
          json_builder_end_object (builder);
        }
    }
  json_builder_end_object (builder);
}

/* --- all together ----------------------------------------------------------------------------- */

static gboolean
run_kind (const Kind *kind,
          const char *parent,
          guint n_rounds,
          JsonBuilder *builder,
          GError **error)
{
  g_autofree Results *results = g_new0 (Results, 1);
  g_autofree char *folder =
      kind->n_events != NULL ? g_build_filename (parent, kind->name, NULL) : NULL;

  if (folder != NULL)
    {
      /* Measured is what people wait for every day, not the one time that the events are read. */
      g_autoptr (JsonObject) first = NULL;

      if (!prepare (kind, folder, error) || (first = run_probe ("frames", folder, error)) == NULL)
        return FALSE;
    }
  for (guint round = 0; round < n_rounds; round++)
    if (!run_round (kind, results, folder, round, error))
      return FALSE;
  print_kind (kind, results, n_rounds);
  write_kind (builder, kind, results, n_rounds);
  return TRUE;
}

int
main (int argc, char **argv)
{
  int n_rounds = 5;
  gint64 most = G_MAXINT64;
  const GOptionEntry entries[] = {
    { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "How often each is measured (5)", "N" },
    { "most", 0, 0, G_OPTION_ARG_INT64, &most, "Leave out traces with more events", "EVENTS" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("BUILD_FOLDER");
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) error = NULL;
  gboolean done = TRUE;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2 || n_rounds < 1
      || n_rounds > MAX_ROUNDS)
    {
      g_printerr ("bench-app: %s\n",
                  error ? error->message : "give the build folder, and 1 to 101 rounds");
      return 2;
    }
  g_autofree char *build = g_canonicalize_filename (argv[1], NULL);
  g_autofree char *bench = bench_get_folder (build);
  g_autofree char *parent = g_build_filename (bench, "app", NULL);
  g_autofree char *cache = g_build_filename (parent, "cache", NULL);
  probe_path = g_build_filename (build, "tests", "bench", "app-probe", NULL);
  make_trace_path = g_build_filename (build, "tests", "bench", "make-trace", NULL);
  g_mkdir_with_parents (cache, 0777);
  g_setenv ("XDG_CACHE_HOME", cache, TRUE); /* of the probes */

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  json_builder_add_string_value (builder, MEMSCOPE_VERSION);
  bench_write_machine (builder);
  json_builder_set_member_name (builder, "load");
  json_builder_add_double_value (builder, bench_get_load ());
  for (guint i = 0; i < G_N_ELEMENTS (kinds) && done; i++)
    if (kinds[i].n_events == NULL || g_ascii_strtoll (kinds[i].n_events, NULL, 10) <= most)
      done = run_kind (&kinds[i], parent, (guint) n_rounds, builder, &error);
  json_builder_end_object (builder);
  g_free (probe_path);
  g_free (make_trace_path);
  done = done && bench_write_file (builder, build, "app", &error);
  if (!done)
    g_printerr ("bench-app: %s\n", error->message);
  return done ? 0 : 1;
}
