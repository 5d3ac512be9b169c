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
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

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

typedef enum { TOOL_NONE, TOOL_MEMSCOPE, TOOL_HEAPTRACK } Tool;

typedef struct {
  const char *name;
  Tool tool;
  const char *environment; /* one more variable, or NULL */
} Variant;

static const Variant variants[] = {
  { "untraced", TOOL_NONE, NULL },
  { "tracked", TOOL_MEMSCOPE, NULL },
  { "tracked-10", TOOL_MEMSCOPE, "MEMSCOPE_STACK_DEPTH=10" },
  { "untracked", TOOL_MEMSCOPE, "MEMSCOPE_THREADS=none" },
  { "heaptrack", TOOL_HEAPTRACK, NULL },
};

#define HEAPTRACK_PRELOAD "/usr/lib/heaptrack/libheaptrack_preload.so"

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

static double
median (const double *values, guint n_values)
{
  g_autofree double *sorted = g_memdup2 (values, n_values * sizeof *values);

  qsort (sorted, n_values, sizeof *sorted, compare_doubles);
  return n_values % 2 ? sorted[n_values / 2]
                      : (sorted[n_values / 2 - 1] + sorted[n_values / 2]) / 2;
}

/* Sums up what lies under @path.  The pool file is memory that happens to have a name: not counted. */
static void
measure_output (const char *path, guint64 *n_bytes, guint *n_files)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  struct stat info;

  if (dir == NULL)
    {
      if (g_str_has_suffix (path, "/memscope_pool.bin") || stat (path, &info) != 0)
        return;
      *n_bytes += (guint64) info.st_size;
      *n_files += 1;
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      measure_output (child, n_bytes, n_files);
    }
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

/* Reads all that a program printed. (transfer full) */
static char *
read_to_end (int fd)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[4096];
  ssize_t n;

  while ((n = read (fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
    if (n > 0)
      g_string_append_len (text, buffer, n);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
parse_sample (const char *text, Sample *sample, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (text, error);
  JsonObject *object;

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it printed no object: %s", text);
      return FALSE;
    }
  object = json_node_get_object (node);
  sample->ns_per_step = json_object_get_double_member_with_default (object, "wall_ns", 0)
                        / json_object_get_double_member_with_default (object, "steps", 1);
  sample->n_events = (guint64) json_object_get_int_member_with_default (object, "events", 0);
  return sample->ns_per_step > 0;
}

/* The environment of @variant, writing into @output. (transfer full) */
static char **
environment_for (const Variant *variant, const char *build, const char *output)
{
  char **environment = g_get_environ ();
  g_autofree char *preload = NULL, *file = NULL;

  environment = g_environ_unsetenv (environment, "LD_PRELOAD");
  switch (variant->tool)
    {
    case TOOL_NONE:
      break;
    case TOOL_MEMSCOPE:
      preload = g_build_filename (build, "libtracker/preload/libmemscope-preload.so", NULL);
      environment = g_environ_setenv (environment, "LD_PRELOAD", preload, TRUE);
      environment = g_environ_setenv (environment, "MEMSCOPE_OUTPUT", output, TRUE);
      break;
    case TOOL_HEAPTRACK:
      file = g_build_filename (output, "heaptrack.raw", NULL);
      environment = g_environ_setenv (environment, "LD_PRELOAD", HEAPTRACK_PRELOAD, TRUE);
      environment = g_environ_setenv (environment, "DUMP_HEAPTRACK_OUTPUT", file, TRUE);
      break;
    }
  if (variant->environment != NULL)
    {
      g_auto (GStrv) pair = g_strsplit (variant->environment, "=", 2);

      environment = g_environ_setenv (environment, pair[0], pair[1], TRUE);
    }
  return environment;
}

static gboolean
run_once (const Workload *workload,
          const Variant *variant,
          const char *build,
          Sample *sample,
          GError **error)
{
  g_autofree char *program =
      g_build_filename (build, "tests", "bench", workload->arguments[0], NULL);
  g_autofree char *output = g_build_filename (build, "bench", "trace-XXXXXX", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) environment = NULL;
  struct rusage usage;
  int fds[2], status;
  pid_t child;

  if (g_mkdtemp (output) == NULL || pipe2 (fds, O_CLOEXEC) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "cannot begin a run in %s: %s",
                   output, g_strerror (errno));
      return FALSE;
    }
  environment = environment_for (variant, build, output);

  child = fork ();
  if (child == 0)
    {
      dup2 (fds[1], STDOUT_FILENO);
      execve (program, (char **) workload->arguments, environment);
      _exit (127);
    }
  close (fds[1]);
  text = read_to_end (fds[0]);
  close (fds[0]);
  if (child < 0 || wait4 (child, &status, 0, &usage) < 0 || !WIFEXITED (status)
      || WEXITSTATUS (status) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "it did not end well (%s)", program);
      remove_tree (output);
      return FALSE;
    }

  sample->max_rss_bytes = (guint64) usage.ru_maxrss * 1024;
  measure_output (output, &sample->n_output_bytes, &sample->n_output_files);
  remove_tree (output);
  if (variant->tool != TOOL_NONE && !g_str_equal (variant->name, "untracked")
      && sample->n_output_bytes == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "nothing was recorded");
      return FALSE;
    }
  return parse_sample (text, sample, error);
}

static gboolean
variant_is_there (const Variant *variant)
{
  return variant->tool != TOOL_HEAPTRACK || g_file_test (HEAPTRACK_PRELOAD, G_FILE_TEST_EXISTS);
}

static void
print_series (const Workload *workload, const Variant *variant, const Series *series)
{
  double times[MAX_ROUNDS] = { 0 };
  const Sample *last = &series->samples[series->n_samples - 1];

  for (guint i = 0; i < series->n_samples; i++)
    times[i] = series->samples[i].ns_per_step;
  qsort (times, series->n_samples, sizeof times[0], compare_doubles);

  g_print ("%-22s %-11s %9.1f %9.1f %9.1f", workload->name, variant->name,
           median (times, series->n_samples), times[0], times[series->n_samples - 1]);
  if (variant->tool == TOOL_NONE)
    g_print ("\n");
  else
    g_print (" %9.2f %9.2f %6u\n", median (series->slowdowns, series->n_samples),
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
  json_builder_add_double_value (builder, median (times, series->n_samples));
  json_builder_set_member_name (builder, "median_slowdown");
  json_builder_add_double_value (builder, median (series->slowdowns, series->n_samples));
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

static void
write_machine (JsonBuilder *builder)
{
  g_autofree char *cpuinfo = NULL;
  struct utsname names;
  const char *model;

  json_builder_set_member_name (builder, "machine");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "cpus");
  json_builder_add_int_value (builder, sysconf (_SC_NPROCESSORS_ONLN));
  if (g_file_get_contents ("/proc/cpuinfo", &cpuinfo, NULL, NULL)
      && (model = strstr (cpuinfo, "model name")) != NULL && (model = strchr (model, ':')) != NULL)
    {
      g_autofree char *line = g_strndup (model + 1, strcspn (model + 1, "\n"));

      json_builder_set_member_name (builder, "model");
      json_builder_add_string_value (builder, g_strstrip (line));
    }
  if (uname (&names) == 0)
    {
      json_builder_set_member_name (builder, "kernel");
      json_builder_add_string_value (builder, names.release);
    }
  json_builder_end_object (builder);
}

static gboolean
write_results (Series (*all)[G_N_ELEMENTS (variants)],
               guint n_rounds,
               const char *file,
               GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  json_builder_add_string_value (builder, MEMSCOPE_VERSION);
  json_builder_set_member_name (builder, "rounds");
  json_builder_add_int_value (builder, n_rounds);
  write_machine (builder);
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

  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  return json_generator_to_file (generator, file, error);
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

      if (!variant_is_there (&variants[v]))
        continue;
      if (!run_once (workload, &variants[v], build, &sample, &error))
        {
          g_printerr ("bench-recorder: %s, %s: %s\n", workload->name, variants[v].name,
                      error != NULL ? error->message : "no time was printed");
          return FALSE;
        }
      if (variants[v].tool == TOOL_NONE)
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
  g_autofree char *build = NULL, *folder = NULL, *file = NULL;
  g_autoptr (GError) error = NULL;

  if (argc < 2 || argc > 3
      || (argc == 3 && !g_ascii_string_to_unsigned (argv[2], 10, 1, MAX_ROUNDS, &n_rounds, &error)))
    {
      g_printerr ("Usage: bench-recorder BUILD_FOLDER [ROUNDS, at most %d]\n", MAX_ROUNDS);
      return 2;
    }
  build = g_canonicalize_filename (argv[1], NULL);
  folder = g_build_filename (build, "bench", NULL);
  file = g_build_filename (folder, "recorder.json", NULL);
  g_mkdir_with_parents (folder, 0777);

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

  if (!write_results (all, (guint) n_rounds, file, &error))
    {
      g_printerr ("bench-recorder: cannot write %s: %s\n", file, error->message);
      return 1;
    }
  g_print ("Every sample: %s\n", file);
  return 0;
}
