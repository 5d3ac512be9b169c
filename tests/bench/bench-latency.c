/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * bench-latency BUILD_FOLDER [ROUNDS]: the slowest calls, while the disk is busy.
 *
 * Runs latency with four threads, untraced, under `memscope record`, with the preload alone and under
 * heaptrack, one after the other in each round, while stress-ng --hdd (else a process of ours) writes
 * in the same file system.  Prints the median over the rounds of each quantile, twice: of all calls,
 * and of those that the scheduler did not interrupt ("alone"; latency.c says how they are told apart).
 * Four threads on two cores wait for whole time slices, traced or not: the first table is what a program
 * feels, the second what the tracer adds to it.  All samples go to BUILD_FOLDER/bench/latency.json.
 * $MEMSCOPE_BENCH_FOLDER is where traces and the busy file go, to measure another disk.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "bench-run.h"

#define DEFAULT_ROUNDS 3
#define MAX_ROUNDS 101
#define DISK_BLOCK_BYTES (1U << 20)
#define DISK_FILE_BLOCKS 256U

static const char *const workload[] = { "latency", "4", "4000000", NULL };

static const BenchVariant variants[] = {
  { "untraced", BENCH_TOOL_NONE, NULL },
  { "record", BENCH_TOOL_RECORD, NULL },
  { "preload", BENCH_TOOL_MEMSCOPE, NULL },
  { "heaptrack", BENCH_TOOL_HEAPTRACK, NULL },
};

static const char *const calls[] = { "malloc", "free", "malloc_alone", "free_alone" };
static const char *const quantiles[] = { "p50", "p99", "p99.9", "p99.99", "max" };

typedef double Results[G_N_ELEMENTS (variants)][G_N_ELEMENTS (calls)][G_N_ELEMENTS (quantiles)]
                      [MAX_ROUNDS];

/* Without stress-ng: writes and syncs until it is killed. */
static void
write_for_ever (const char *file)
{
  static const char block[DISK_BLOCK_BYTES] = "memscope";
  int fd = open (file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  for (unsigned i = 0; fd >= 0; i++)
    {
      off_t offset = (off_t) (i % DISK_FILE_BLOCKS) * DISK_BLOCK_BYTES;
      if (pwrite (fd, block, sizeof block, offset) < 0 || (i % 16 == 15 && fdatasync (fd) < 0))
        break;
    }
}

/* A process that ends with us, or when it is told to. */
static pid_t
keep_disk_busy (const char *folder, const char *file)
{
  pid_t child = fork ();

  if (child != 0)
    return child;
  prctl (PR_SET_PDEATHSIG, SIGTERM);
  dup2 (STDERR_FILENO, STDOUT_FILENO);
  execlp ("stress-ng", "stress-ng", "--quiet", "--hdd", "1", "--temp-path", folder, NULL);
  g_printerr ("bench-latency: without stress-ng a process of our own keeps the disk busy\n");
  write_for_ever (file);
  _exit (1);
}

static gboolean
run_round (const char *build, guint round, Results results, GError **error)
{
  for (guint v = 0; v < G_N_ELEMENTS (variants); v++)
    {
      g_auto (BenchRun) run = { 0 };

      if (!bench_variant_is_there (&variants[v]))
        continue;
      if (!bench_run (build, workload, &variants[v], &run, error))
        {
          g_prefix_error (error, "%s: ", variants[v].name);
          return FALSE;
        }
      for (guint c = 0; c < G_N_ELEMENTS (calls); c++)
        {
          JsonObject *object = json_object_get_object_member (run.report, calls[c]);

          for (guint q = 0; q < G_N_ELEMENTS (quantiles); q++)
            results[v][c][q][round] = json_object_get_double_member (object, quantiles[q]);
        }
    }
  return TRUE;
}

static void
print_results (Results results, guint n_rounds)
{
  g_print ("%-13s %-10s", "ns", "");
  for (guint q = 0; q < G_N_ELEMENTS (quantiles); q++)
    g_print (" %11s", quantiles[q]);
  g_print ("\n");
  for (guint c = 0; c < G_N_ELEMENTS (calls); c++)
    for (guint v = 0; v < G_N_ELEMENTS (variants); v++)
      {
        if (!bench_variant_is_there (&variants[v]))
          continue;
        g_print ("%-13s %-10s", calls[c], variants[v].name);
        for (guint q = 0; q < G_N_ELEMENTS (quantiles); q++)
          g_print (" %11.0f", bench_median (results[v][c][q], n_rounds));
        g_print ("\n");
      }
}

static void
write_quantiles (JsonBuilder *builder, double (*values)[MAX_ROUNDS], guint n_rounds)
{
  json_builder_begin_object (builder);
  for (guint q = 0; q < G_N_ELEMENTS (quantiles); q++)
    {
      json_builder_set_member_name (builder, quantiles[q]);
      json_builder_begin_array (builder);
      for (guint round = 0; round < n_rounds; round++)
        json_builder_add_double_value (builder, values[q][round]);
      json_builder_end_array (builder);
    }
  json_builder_end_object (builder);
}

static gboolean
write_results (Results results, guint n_rounds, const char *build, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  json_builder_add_string_value (builder, MEMSCOPE_VERSION);
  bench_write_machine (builder);
  for (guint v = 0; v < G_N_ELEMENTS (variants); v++)
    {
      if (!bench_variant_is_there (&variants[v]))
        continue;
      json_builder_set_member_name (builder, variants[v].name);
      json_builder_begin_object (builder);
      for (guint c = 0; c < G_N_ELEMENTS (calls); c++)
        {
          json_builder_set_member_name (builder, calls[c]);
          write_quantiles (builder, results[v][c], n_rounds);
        }
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  return bench_write_file (builder, build, "latency", error);
}

int
main (int argc, char **argv)
{
  static Results results;
  guint64 n_rounds = DEFAULT_ROUNDS;
  g_autofree char *build = NULL, *folder = NULL, *file = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done = TRUE;
  pid_t writer;

  if (argc < 2 || argc > 3
      || (argc == 3 && !g_ascii_string_to_unsigned (argv[2], 10, 1, MAX_ROUNDS, &n_rounds, &error)))
    {
      g_printerr ("Usage: bench-latency BUILD_FOLDER [ROUNDS, at most %d]\n", MAX_ROUNDS);
      return 2;
    }
  build = g_canonicalize_filename (argv[1], NULL);
  folder = bench_get_folder (build);
  file = g_build_filename (folder, "busy-disk", NULL);
  g_mkdir_with_parents (folder, 0777);

  writer = keep_disk_busy (folder, file);
  for (guint round = 0; round < n_rounds && done; round++)
    done = run_round (build, round, results, &error);
  if (writer > 0 && (kill (writer, SIGTERM) != 0 || waitpid (writer, NULL, 0) < 0))
    g_printerr ("bench-latency: the process that kept the disk busy is lost\n");
  g_unlink (file);
  if (done)
    {
      print_results (results, (guint) n_rounds);
      done = write_results (results, (guint) n_rounds, build, &error);
    }
  if (!done)
    g_printerr ("bench-latency: %s\n", error->message);
  return done ? 0 : 1;
}
