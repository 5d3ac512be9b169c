/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "bench-run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define PRELOAD "libtracker/preload/libmemscope-preload.so"
#define HEAPTRACK_PRELOAD "/usr/lib/heaptrack/libheaptrack_preload.so"

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

double
bench_median (const double *values, guint n_values)
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

void
bench_remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      bench_remove_tree (child);
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

static JsonObject *
parse_report (const char *text, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (text, error);

  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it printed no object: %s", text);
      return NULL;
    }
  return json_node_dup_object (node);
}

/* The environment of @variant, writing into @output. (transfer full) */
static char **
environment_for (const BenchVariant *variant, const char *build, const char *output)
{
  char **environment = g_get_environ ();
  g_autofree char *preload = NULL, *file = NULL;

  environment = g_environ_unsetenv (environment, "LD_PRELOAD");
  environment = g_environ_unsetenv (environment, "MEMSCOPE_OUTPUT");
  switch (variant->tool)
    {
    case BENCH_TOOL_NONE:
    case BENCH_TOOL_RECORD:
      break;
    case BENCH_TOOL_DORMANT:
      preload = g_build_filename (build, PRELOAD, NULL);
      environment = g_environ_setenv (environment, "LD_PRELOAD", preload, TRUE);
      break;
    case BENCH_TOOL_API:
      environment = g_environ_setenv (environment, "MEMSCOPE_OUTPUT", output, TRUE);
      break;
    case BENCH_TOOL_MEMSCOPE:
      preload = g_build_filename (build, PRELOAD, NULL);
      environment = g_environ_setenv (environment, "LD_PRELOAD", preload, TRUE);
      environment = g_environ_setenv (environment, "MEMSCOPE_OUTPUT", output, TRUE);
      break;
    case BENCH_TOOL_HEAPTRACK:
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

/* What is to be executed: the workload, or memscope with it. (transfer full) */
static char **
command_for (const BenchVariant *variant,
             const char *build,
             const char *output,
             const char *const *arguments)
{
  g_autoptr (GStrvBuilder) command = g_strv_builder_new ();
  g_autofree char *folder = g_build_filename (build, "tests", "bench", NULL);
  g_autofree char *program = g_canonicalize_filename (arguments[0], folder);

  if (variant->tool == BENCH_TOOL_RECORD)
    {
      g_autofree char *memscope = g_build_filename (build, "libtracker/tools/memscope", NULL);

      g_strv_builder_add_many (command, memscope, "record", "-o", output, "--", NULL);
    }
  g_strv_builder_add (command, program);
  g_strv_builder_addv (command, (const char **) arguments + 1);
  return g_strv_builder_end (command);
}

/* Starts the command with its output in a pipe. Returns its pid, or -1 with errno. */
static pid_t
start (char **command, char **environment, int *output)
{
  int fds[2];
  pid_t child;

  if (pipe2 (fds, O_CLOEXEC) != 0)
    return -1;
  child = fork ();
  if (child == 0)
    {
      dup2 (fds[1], STDOUT_FILENO);
      if (g_str_has_suffix (command[0], "/memscope")) /* its summary is not what we print */
        dup2 (open ("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
      execve (command[0], command, environment);
      _exit (127);
    }
  close (fds[1]);
  *output = fds[0];
  return child;
}

static guint64
timeval_ns (struct timeval time)
{
  return (guint64) time.tv_sec * 1000000000U + (guint64) time.tv_usec * 1000;
}

/* Runs it to its end. */
static gboolean
execute (char **command, gboolean reports, char **environment, BenchRun *run, GError **error)
{
  g_autofree char *text = NULL;
  struct rusage usage;
  int output, status;
  gint64 begin_us = g_get_monotonic_time ();
  pid_t child = start (command, environment, &output);

  if (child < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "cannot start %s: %s",
                   command[0], g_strerror (errno));
      return FALSE;
    }
  text = read_to_end (output);
  close (output);
  if (wait4 (child, &status, 0, &usage) < 0 || !WIFEXITED (status) || WEXITSTATUS (status) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s did not end well", command[0]);
      return FALSE;
    }
  run->wall_ns = (guint64) (g_get_monotonic_time () - begin_us) * 1000;
  run->cpu_ns = timeval_ns (usage.ru_utime) + timeval_ns (usage.ru_stime);
  run->max_rss_bytes = (guint64) usage.ru_maxrss * 1024;
  if (reports)
    run->report = parse_report (text, error);
  return !reports || run->report != NULL;
}

char *
bench_get_folder (const char *build)
{
  const char *wanted = g_getenv ("MEMSCOPE_BENCH_FOLDER");

  return wanted ? g_canonicalize_filename (wanted, NULL) : g_build_filename (build, "bench", NULL);
}

gboolean
bench_variant_is_there (const BenchVariant *variant)
{
  return variant->tool != BENCH_TOOL_HEAPTRACK
         || g_file_test (HEAPTRACK_PRELOAD, G_FILE_TEST_EXISTS);
}

gboolean
bench_run (const char *build,
           const char *const *arguments,
           const BenchVariant *variant,
           BenchRun *run,
           GError **error)
{
  g_autofree char *folder = bench_get_folder (build);
  g_autofree char *output = g_build_filename (folder, "trace-XXXXXX", NULL);
  g_auto (GStrv) environment = NULL;
  g_auto (GStrv) command = NULL;
  gboolean done;

  memset (run, 0, sizeof *run);
  g_mkdir_with_parents (folder, 0777);
  if (g_mkdtemp (output) == NULL)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "cannot make %s: %s", output,
                   g_strerror (errno));
      return FALSE;
    }
  environment = environment_for (variant, build, output);
  command = command_for (variant, build, output, arguments);
  done = execute (command, !g_path_is_absolute (arguments[0]), environment, run, error);
  measure_output (output, &run->n_output_bytes, &run->n_output_files);
  bench_remove_tree (output);
  if (done && variant->tool > BENCH_TOOL_DORMANT && run->n_output_files == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "nothing was recorded");
      return FALSE;
    }
  return done;
}

void
bench_run_clear (BenchRun *run)
{
  g_clear_pointer (&run->report, json_object_unref);
}

double
bench_get_load (void)
{
  double load;

  return getloadavg (&load, 1) == 1 ? load : -1;
}

void
bench_write_machine (JsonBuilder *builder)
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

gboolean
bench_write_file (JsonBuilder *builder, const char *build, const char *name, GError **error)
{
  g_autofree char *base = g_strconcat (name, ".json", NULL);
  g_autofree char *folder = g_build_filename (build, "bench", NULL);
  g_autofree char *file = g_build_filename (folder, base, NULL);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_builder_get_root (builder);

  g_mkdir_with_parents (folder, 0777);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  if (!json_generator_to_file (generator, file, error))
    return FALSE;
  g_print ("Every sample: %s\n", file);
  return TRUE;
}
