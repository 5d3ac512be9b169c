/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * bench-analysis BUILD_FOLDER [--rounds N] [--most EVENTS] [WORKLOAD…]
 *
 * What it takes to read a trace, beside heaptrack_print on the same workload.  1e6, 1e7 and 1e8 are traces
 * that make-trace wrote, with the same events in heaptrack's format; cc1, python3 and sqlite3 are recorded
 * by both tools here.  In each round every probe runs once, each in a process of its own
 * (analysis-probe.c), one after the other; all figures are medians over the rounds and ratios are of one
 * round.  A table, and every sample in BUILD_FOLDER/bench/analysis.json.  $MEMSCOPE_BENCH_FOLDER is where
 * traces go: about 800 MB for 1e8.
 */
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "bench-run.h"

#define MAX_ROUNDS 101

typedef enum { ANALYSE, HEAPTRACK, CHEAP, LIST, REOPEN, FILTER, N_PROBES } Probe;

/* As analysis-probe calls them. */
static const char *const modes[N_PROBES] = { "analyse", "heaptrack", "cheap",
                                             "list",    "open",      "filter" };

static const char *const filters[] = { "range", "thread", "stack" };

typedef struct {
  const char *name;
  guint64 n_generated; /* events of make-trace; 0: a real program */
  const char *command[6];
} Kind;

/* On one line: heaptrack puts the command into a file of lines. */
#define JSON_PROGRAM \
  "import json; rows = [{'id': i, 'name': 'row %d' % i} for i in range (30000)];" \
  "[json.loads (json.dumps (rows)) for _ in range (5)]"
#define SQL_PROGRAM \
  "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, value REAL);" \
  "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)" \
  " INSERT INTO t SELECT i, 'row ' || i, i * 0.5 FROM n;" \
  "CREATE INDEX by_name ON t (name); SELECT count (*), sum (value) FROM t GROUP BY id % 100;"

static const Kind kinds[] = {
  { "1e6", 1000000, { NULL } },
  { "1e7", 10000000, { NULL } },
  { "1e8", 100000000, { NULL } },
  { "cc1", 0, { "CC1", "-O2", "-quiet", "SOURCE", "-o", "/dev/null" } },
  { "python3", 0, { "/usr/bin/python3", "-c", JSON_PROGRAM } },
  { "sqlite3", 0, { "/usr/bin/sqlite3", ":memory:", SQL_PROGRAM } },
};

typedef struct {
  double wall_ns, cpu_ns, anonymous_bytes;
  double filter_ns[G_N_ELEMENTS (filters)], peak_ns[G_N_ELEMENTS (filters)]; /* FILTER; 0: none */
} Sample;

typedef struct {
  const Kind *kind;
  char *folder, *heaptrack_file; /* NULL: heaptrack is not there */
  guint64 n_events;
  double first_open_ns; /* with the writing of the summary */
  Sample samples[N_PROBES][MAX_ROUNDS];
  guint n_rounds;
} Workload;

/* --- making the traces ---------------------------------------------------------------------------- */

static gboolean
spawn (char **command, GError **error)
{
  int status;

  return g_spawn_sync (NULL, command, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL
                           | G_SPAWN_STDERR_TO_DEV_NULL,
                       NULL, NULL, NULL, NULL, &status, error)
         && g_spawn_check_wait_status (status, error);
}

static gboolean
generate (Workload *self, const char *build, GError **error)
{
  g_autofree char *program = g_build_filename (build, "tests", "bench", "make-trace", NULL);
  g_autofree char *n = g_strdup_printf ("%" G_GUINT64_FORMAT, self->kind->n_generated);
  char *command[] = { program,
                      "--events",
                      n,
                      self->folder,
                      self->heaptrack_file ? "--heaptrack" : NULL,
                      self->heaptrack_file,
                      NULL };

  return spawn (command, error);
}

/* Four hundred functions for the compiler to work on. */
static gboolean
write_source (const char *path, GError **error)
{
  g_autoptr (GString) text = g_string_new ("struct pair { int a, b; };\n");

  for (guint i = 0; i < 400; i++)
    g_string_append_printf (text,
                            "int f%u (struct pair *p, int n)\n{\n  int s = %u;\n"
                            "  for (int i = 0; i < n; i++)\n    s += p[i].a * %u - p[i].b %% 7;\n"
                            "  return s > 100 ? s / %u : s;\n}\n",
                            i, i, i + 3, i + 1);
  return g_file_set_contents (path, text->str, (gssize) text->len, error);
}

/* The compiler itself, not the driver that starts it. (transfer full) */
static char *
find_cc1 (GError **error)
{
  g_autofree char *text = NULL;

  if (!g_spawn_command_line_sync ("gcc -print-prog-name=cc1", &text, NULL, NULL, error))
    return NULL;
  return g_strdup (g_strstrip (text));
}

static gboolean
add_command (GStrvBuilder *command, const Workload *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->kind->command) && self->kind->command[i]; i++)
    {
      const char *word = self->kind->command[i];
      g_autofree char *made = NULL;

      if (strcmp (word, "CC1") == 0 && (made = find_cc1 (error)) == NULL)
        return FALSE;
      if (strcmp (word, "SOURCE") == 0)
        {
          made = g_strconcat (self->folder, ".c", NULL);
          if (!write_source (made, error))
            return FALSE;
        }
      g_strv_builder_add (command, made ? made : word);
    }
  return TRUE;
}

static gboolean
record (Workload *self, const char *build, gboolean by_heaptrack, GError **error)
{
  g_autofree char *memscope = g_build_filename (build, "libtracker/tools/memscope", NULL);
  g_autofree char *base = g_strconcat (self->folder, "-heaptrack", NULL);
  g_autoptr (GStrvBuilder) command = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;

  if (by_heaptrack)
    g_strv_builder_add_many (command, "heaptrack", "-o", base, NULL);
  else
    g_strv_builder_add_many (command, memscope, "record", "-o", self->folder, "--", NULL);
  if (!add_command (command, self, error))
    return FALSE;
  words = g_strv_builder_end (command);
  return spawn (words, error);
}

/* A recording's only process is what the probes read. */
static gboolean
enter_recording (Workload *self, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, error);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      g_autofree char *manifest = g_build_filename (path, "memscope_trace.json", NULL);

      if (!g_file_test (manifest, G_FILE_TEST_EXISTS) || !g_str_has_prefix (name, "0-"))
        continue;
      g_free (self->folder);
      self->folder = g_steal_pointer (&path);
      return TRUE;
    }
  if (dir != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "nothing was recorded in %s", self->folder);
  return FALSE;
}

static gboolean
prepare (Workload *self, const char *build, const char *folder, GError **error)
{
  gboolean has_heaptrack = g_find_program_in_path ("heaptrack_print") != NULL;

  self->folder = g_build_filename (folder, self->kind->name, NULL);
  if (has_heaptrack)
    self->heaptrack_file = g_strconcat (self->folder, "-heaptrack.zst", NULL);
  if (self->kind->n_generated > 0)
    return generate (self, build, error);
  return record (self, build, FALSE, error) && (!has_heaptrack || record (self, build, TRUE, error))
         && enter_recording (self, error);
}

/* --- measuring ------------------------------------------------------------------------------------ */

static double
get_number (JsonObject *report, const char *name)
{
  return json_object_has_member (report, name) ? json_object_get_double_member (report, name) : 0;
}

static gboolean
probe (Workload *self, const char *build, Probe which, Sample *sample, GError **error)
{
  static const BenchVariant plain = { "analysis", BENCH_TOOL_NONE, NULL };
  const char *path = which == HEAPTRACK || which == CHEAP ? self->heaptrack_file : self->folder;
  const char *arguments[] = { "analysis-probe", modes[which], path, NULL };
  g_auto (BenchRun) run = { 0 };

  if (!bench_run (build, arguments, &plain, &run, error))
    {
      g_prefix_error (error, "%s, %s: ", self->kind->name, modes[which]);
      return FALSE;
    }
  sample->wall_ns = get_number (run.report, "wall_ns");
  sample->cpu_ns = get_number (run.report, "cpu_ns");
  sample->anonymous_bytes = get_number (run.report, "anonymous_bytes");
  if (which == ANALYSE)
    self->n_events = (guint64) get_number (run.report, "events");
  for (guint i = 0; i < G_N_ELEMENTS (filters) && which == FILTER; i++)
    {
      g_autofree char *shown = g_strconcat (filters[i], "_ns", NULL);
      g_autofree char *peak = g_strconcat (filters[i], "_peak_ns", NULL);

      sample->filter_ns[i] = get_number (run.report, shown);
      sample->peak_ns[i] = get_number (run.report, peak);
    }
  return TRUE;
}

static gboolean
run_round (Workload *self, const char *build, guint round, GError **error)
{
  Sample first;

  if (round == 0)
    {
      if (!probe (self, build, REOPEN, &first, error))
        return FALSE;
      self->first_open_ns = first.wall_ns;
    }
  for (guint p = 0; p < N_PROBES; p++)
    {
      if ((p == HEAPTRACK || p == CHEAP) && self->heaptrack_file == NULL)
        continue;
      if (!probe (self, build, p, &self->samples[p][round], error))
        return FALSE;
    }
  self->n_rounds = round + 1;
  return TRUE;
}

/* --- telling -------------------------------------------------------------------------------------- */

typedef enum { WALL, CPU, ANONYMOUS } Figure;

static double
get_figure (const Sample *sample, Figure figure)
{
  return figure == WALL  ? sample->wall_ns
         : figure == CPU ? sample->cpu_ns
                         : sample->anonymous_bytes;
}

static double
median_of (const Workload *self, Probe which, Figure figure)
{
  double values[MAX_ROUNDS];

  for (guint i = 0; i < self->n_rounds; i++)
    values[i] = get_figure (&self->samples[which][i], figure);
  return bench_median (values, self->n_rounds);
}

/* How many times longer @which takes than our analysis, in the median of the rounds. */
static double
ratio_of (const Workload *self, Probe which)
{
  double values[MAX_ROUNDS];

  for (guint i = 0; i < self->n_rounds; i++)
    values[i] = self->samples[which][i].wall_ns / self->samples[ANALYSE][i].wall_ns;
  return bench_median (values, self->n_rounds);
}

static double
filter_median (const Workload *self, guint filter, gboolean peak)
{
  double values[MAX_ROUNDS];

  for (guint i = 0; i < self->n_rounds; i++)
    values[i] = peak ? self->samples[FILTER][i].peak_ns[filter]
                     : self->samples[FILTER][i].filter_ns[filter];
  return bench_median (values, self->n_rounds);
}

static void
print_workload (const Workload *self)
{
  double wall_ns = median_of (self, ANALYSE, WALL);

  g_print ("%-8s %11" G_GUINT64_FORMAT " %8.1f %7.1f %7.1f %7.0f", self->kind->name, self->n_events,
           (double) self->n_events / wall_ns * 1e3, wall_ns / (double) MAX (self->n_events, 1),
           median_of (self, ANALYSE, CPU) / (double) MAX (self->n_events, 1),
           median_of (self, ANALYSE, ANONYMOUS) / 1e6);
  if (self->heaptrack_file)
    g_print (" %7.1fx %7.1fx %7.0f", ratio_of (self, HEAPTRACK), ratio_of (self, CHEAP),
             median_of (self, HEAPTRACK, ANONYMOUS) / 1e6);
  else
    g_print (" %8s %8s %7s", "-", "-", "-");
  g_print (" %7.1f %8.1f %8.1f", median_of (self, LIST, WALL) / 1e6, self->first_open_ns / 1e6,
           median_of (self, REOPEN, WALL) / 1e6);
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    if (filter_median (self, i, FALSE) > 0)
      g_print (" %6.1f/%-6.0f", filter_median (self, i, FALSE) / 1e6,
               filter_median (self, i, TRUE) / 1e6);
    else
      g_print (" %13s", "-");
  g_print ("\n");
}

static void
print_head (void)
{
  g_print (
      "Complete analysis; heaptrack_print takes so many times longer by default, and with its "
      "lists "
      "off;\nthen ms: list, first opening, second opening, and filters shown / exact peak.\n\n");
  g_print ("%-8s %11s %8s %7s %7s %7s %8s %8s %7s %7s %8s %8s %13s %13s %13s\n", "", "events",
           "10^6/s", "ns each", "cpu ns", "anon MB", "default", "cheap", "anon MB", "list", "first",
           "second", "range", "thread", "stack");
}

static void
write_samples (JsonBuilder *builder, const Workload *self, const char *name, Probe which, Figure of)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->n_rounds; i++)
    json_builder_add_double_value (builder, get_figure (&self->samples[which][i], of));
  json_builder_end_array (builder);
}

static void
write_filters (JsonBuilder *builder, const Workload *self)
{
  for (guint f = 0; f < G_N_ELEMENTS (filters); f++)
    {
      g_autofree char *name = g_strconcat (filters[f], "_filter_ns", NULL);
      g_autofree char *peak_name = g_strconcat (filters[f], "_peak_ns", NULL);

      for (guint peak = 0; peak < 2; peak++)
        {
          json_builder_set_member_name (builder, peak ? peak_name : name);
          json_builder_begin_array (builder);
          for (guint i = 0; i < self->n_rounds && filter_median (self, f, FALSE) > 0; i++)
            json_builder_add_double_value (builder, peak ? self->samples[FILTER][i].peak_ns[f]
                                                         : self->samples[FILTER][i].filter_ns[f]);
          json_builder_end_array (builder);
        }
    }
}

static void
write_workload (JsonBuilder *builder, const Workload *self)
{
  json_builder_set_member_name (builder, self->kind->name);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "events");
  json_builder_add_int_value (builder, (gint64) self->n_events);
  json_builder_set_member_name (builder, "first_open_ns");
  json_builder_add_double_value (builder, self->first_open_ns);
  for (guint p = 0; p < N_PROBES; p++)
    {
      if ((p == HEAPTRACK || p == CHEAP) && self->heaptrack_file == NULL)
        continue;
      json_builder_set_member_name (builder, modes[p]);
      json_builder_begin_object (builder);
      write_samples (builder, self, "wall_ns", p, WALL);
      write_samples (builder, self, "cpu_ns", p, CPU);
      write_samples (builder, self, "anonymous_bytes", p, ANONYMOUS);
      if (p == FILTER)
        write_filters (builder, self);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
}

/* --- command line --------------------------------------------------------------------------------- */

typedef struct {
  gint n_rounds;
  gint64 most_events;
  GStrv names;
} Options;

static gboolean
is_wanted (const Options *options, const Kind *kind)
{
  if (kind->n_generated > (guint64) options->most_events)
    return FALSE;
  return options->names == NULL
         || g_strv_contains ((const char *const *) options->names, kind->name);
}

static gboolean
parse_options (Options *options, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "rounds", 0, 0, G_OPTION_ARG_INT, &options->n_rounds, "3 by default", "N" },
    { "most", 0, 0, G_OPTION_ARG_INT64, &options->most_events, "Leave out larger traces",
      "EVENTS" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->names, NULL, "WORKLOAD" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (options->n_rounds < 1 || options->n_rounds > MAX_ROUNDS)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "rounds: 1 to %d", MAX_ROUNDS);
      return FALSE;
    }
  for (guint i = 0; options->names != NULL && options->names[i] != NULL; i++)
    {
      gboolean found = FALSE;

      for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
        found |= strcmp (kinds[k].name, options->names[i]) == 0;
      if (!found)
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       "there is no workload %s; there are 1e6, 1e7, 1e8, cc1, python3 and sqlite3",
                       options->names[i]);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
run_workload (const Kind *kind,
              const Options *options,
              const char *build,
              const char *folder,
              JsonBuilder *builder,
              GError **error)
{
  g_autofree Workload *workload = g_new0 (Workload, 1);
  gboolean done;

  workload->kind = kind;
  done = prepare (workload, build, folder, error);
  for (guint i = 0; i < (guint) options->n_rounds && done; i++)
    done = run_round (workload, build, i, error);
  if (done)
    {
      print_workload (workload);
      write_workload (builder, workload);
    }
  g_free (workload->folder);
  g_free (workload->heaptrack_file);
  return done;
}

int
main (int argc, char **argv)
{
  Options options = { .n_rounds = 3, .most_events = G_MAXINT64 };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *build = NULL, *parent = NULL, *folder = NULL, *cache = NULL;
  gboolean done = TRUE;

  if (argc < 2 || !parse_options (&options, argc - 1, argv + 1, &error))
    {
      g_printerr ("bench-analysis: %s\n", error ? error->message : "the build folder is missing");
      return 2;
    }
  build = g_canonicalize_filename (argv[1], NULL);
  parent = bench_get_folder (build);
  folder = g_build_filename (parent, "analysis-XXXXXX", NULL);
  g_mkdir_with_parents (parent, 0777);
  if (g_mkdtemp (folder) == NULL)
    {
      g_printerr ("bench-analysis: cannot make %s\n", folder);
      return 1;
    }
  cache = g_build_filename (folder, "cache", NULL);
  g_setenv ("XDG_CACHE_HOME", cache, TRUE);  /* of the probes */
  g_setenv ("PYTHONMALLOC", "malloc", TRUE); /* every object is an allocation */
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  json_builder_add_string_value (builder, MEMSCOPE_VERSION);
  bench_write_machine (builder);
  json_builder_set_member_name (builder, "load");
  json_builder_add_double_value (builder, bench_get_load ());
  print_head ();
  for (guint i = 0; i < G_N_ELEMENTS (kinds) && done; i++)
    if (is_wanted (&options, &kinds[i]))
      done = run_workload (&kinds[i], &options, build, folder, builder, &error);
  json_builder_end_object (builder);
  bench_remove_tree (folder);
  g_strfreev (options.names);
  done = done && bench_write_file (builder, build, "analysis", &error);
  if (!done)
    g_printerr ("bench-analysis: %s\n", error->message);
  return done ? 0 : 1;
}
