/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * bench-agent [BUILD-FOLDER [SECONDS]]: what memscope-agent costs, in percent of a core and resident memory.
 *
 * A program of 10, 100 or 1 000 threads under the preload with MEMSCOPE_LIVE=1: they sleep (idle), or wake every
 * 90 ms for a small write and an allocation (busy: all of them ran between any two samples).  After two seconds
 * the processor time of the agent is read, and SECONDS later again; beside it, in the same minutes and on the
 * same program without the preload, that of `top -H` at the same rate, which reads two files of each thread and
 * keeps nothing.  The last columns are from the trace that the agent left: samples of the process a
 * second, and the longest time between two.  ./dev bench agent runs it.
 */
#include <fcntl.h>
#include <gio/gio.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-resource-samples.h"
#include "ms-trace.h"
#include "trk-format.h"
#include "trk-resource-fields.h"

#define SETTLE_US (2 * G_USEC_PER_SEC)
#define PATIENCE_US (30 * G_USEC_PER_SEC)
#define STACK_BYTES 65536

static char *build;

/* --- the program ------------------------------------------------------------------------------ */

static void *
sleep_for_ever (void *data)
{
  for (;;)
    pause ();
  return NULL;
}

static void *
wake_and_write (void *data)
{
  int fd = open ("/dev/null", O_WRONLY | O_CLOEXEC);

  for (;;)
    {
      void *volatile block = malloc (100);

      g_usleep (90000);
      if (write (fd, "x", 1) != 1)
        _exit (1);
      free (block);
    }
  return NULL;
}

static int
run_program (guint n_threads, gboolean are_busy)
{
  pthread_attr_t attributes;
  pthread_t thread;

  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, STACK_BYTES);
  for (guint i = 1; i < n_threads; i++)
    if (pthread_create (&thread, &attributes, are_busy ? wake_and_write : sleep_for_ever, NULL))
      return 1;
  (are_busy ? wake_and_write : sleep_for_ever) (NULL);
  return 0;
}

/* @recording NULL: without the preload. */
static pid_t
start_program (guint n_threads, gboolean are_busy, const char *recording)
{
  g_autofree char *preload =
      g_build_filename (build, "libtracker", "preload", "libmemscope-preload.so", NULL);
  g_autofree char *count = g_strdup_printf ("%u", n_threads);
  pid_t pid = fork ();

  if (pid != 0)
    return pid;
  if (recording)
    {
      g_setenv ("LD_PRELOAD", preload, TRUE);
      g_setenv ("MEMSCOPE_OUTPUT", recording, TRUE);
      g_setenv ("MEMSCOPE_LIVE", "1", TRUE);
    }
  execl ("/proc/self/exe", "bench-agent", "--program", count, are_busy ? "busy" : "idle", NULL);
  _exit (127);
}

/* --- what it costs ---------------------------------------------------------------------------- */

static guint64
read_cpu_ns (pid_t pid)
{
  g_autofree char *folder = g_strdup_printf ("/proc/%d/task", pid);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint64 sum = 0;
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, "schedstat", NULL);
      g_autofree char *text = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL))
        sum += g_ascii_strtoull (text, NULL, 10);
    }
  return sum;
}

static guint64
read_resident_kb (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents (path, &text, NULL, NULL) || !(line = strstr (text, "VmRSS:")))
    return 0;
  return g_ascii_strtoull (line + strlen ("VmRSS:"), NULL, 10);
}

static char *
find_folder (const char *recording)
{
  g_autoptr (GDir) dir = g_dir_open (recording, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (g_str_has_prefix (name, "0-"))
      return g_build_filename (recording, name, NULL);
  return NULL;
}

static int
find_agent (const char *recording)
{
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;
  TrkPoolHeader header = { 0 };

  while (header.agent == 0 && g_get_monotonic_time () < deadline_us)
    {
      g_autofree char *folder = find_folder (recording);
      g_autofree char *path = folder ? g_build_filename (folder, TRK_POOL_FILE_NAME, NULL) : NULL;
      int fd = path ? open (path, O_RDONLY | O_CLOEXEC) : -1;

      g_usleep (10000);
      if (fd < 0)
        continue;
      if (pread (fd, &header, sizeof header, 0) != sizeof header)
        header.agent = 0;
      close (fd);
    }
  return header.agent;
}

typedef struct {
  double rate, longest_ms;
  guint n_threads;
} Samples;

static void
look_at_samples (const char *recording, Samples *samples)
{
  g_autofree char *folder = find_folder (recording);
  g_autofree char *pool = g_build_filename (folder, TRK_POOL_FILE_NAME, NULL);
  g_autoptr (MsTrace) trace = NULL;
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;
  MsResources *resources;

  while (g_file_test (pool, G_FILE_TEST_EXISTS) && g_get_monotonic_time () < deadline_us)
    g_usleep (10000);
  trace = ms_trace_load (folder, NULL, NULL, NULL, NULL);
  resources = trace ? ms_trace_get_resources (trace) : NULL;
  for (guint i = 0; resources && i < ms_resources_get_n_sources (resources); i++)
    {
      const MsResourceSource *source = ms_resources_get_source (resources, i);
      g_autoptr (GArray) all = NULL;

      samples->n_threads += source->kind == TRK_RESOURCE_THREAD;
      if (source->kind != TRK_RESOURCE_PROCESS || source->n_samples < 2)
        continue;
      all = ms_resources_dup_samples (resources, i);
      samples->rate = (double) (all->len - 1) * 1e9 / (double) (source->last_ns - source->first_ns);
      for (guint at = 1; at < all->len; at++)
        samples->longest_ms =
            MAX (samples->longest_ms,
                 (double) (g_array_index (all, MsResourceSample, at).time_ns
                           - g_array_index (all, MsResourceSample, at - 1).time_ns)
                     / 1e6);
    }
}

static void
measure_agent (guint n_threads, gboolean are_busy, guint seconds)
{
  g_autofree char *recording = g_dir_make_tmp ("bench-agent-XXXXXX", NULL);
  g_autofree char *remove = g_strconcat ("rm -rf ", recording, NULL);
  pid_t program = start_program (n_threads, are_busy, recording);
  int agent = find_agent (recording);
  Samples samples = { 0 };
  guint64 before_ns, cpu_ns, resident_kb;
  gint64 since_us, wall_us;

  g_usleep (SETTLE_US);
  before_ns = read_cpu_ns (agent);
  since_us = g_get_monotonic_time ();
  g_usleep ((gulong) seconds * G_USEC_PER_SEC);
  cpu_ns = read_cpu_ns (agent) - before_ns;
  wall_us = g_get_monotonic_time () - since_us;
  resident_kb = read_resident_kb (agent);
  kill (program, SIGKILL);
  waitpid (program, NULL, 0);
  look_at_samples (recording, &samples);
  g_print ("%6u %-5s %-9s %8.2f %9.1f %8.2f %9.0f %8u\n", n_threads, are_busy ? "busy" : "idle",
           "agent", (double) cpu_ns / 10.0 / (double) wall_us, (double) resident_kb / 1000,
           samples.rate, samples.longest_ms, samples.n_threads);
  g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL);
}

static void
measure_top (guint n_threads, gboolean are_busy, guint seconds)
{
  pid_t program = start_program (n_threads, are_busy, NULL), top;
  g_autofree char *pid = g_strdup_printf ("%d", program);
  g_autofree char *n_rounds = g_strdup_printf ("%u", 10 * seconds);
  struct rusage usage;
  gint64 since_us;
  int status;

  g_usleep (SETTLE_US / 2);
  since_us = g_get_monotonic_time ();
  top = fork ();
  if (top == 0)
    {
      int fd = open ("/dev/null", O_WRONLY);

      dup2 (fd, 1);
      execlp ("top", "top", "-H", "-b", "-d", "0.1", "-n", n_rounds, "-p", pid, NULL);
      _exit (127);
    }
  wait4 (top, &status, 0, &usage);
  kill (program, SIGKILL);
  waitpid (program, NULL, 0);
  if (status == 0)
    g_print ("%6u %-5s %-9s %8.2f %9.1f\n", n_threads, are_busy ? "busy" : "idle", "top -H",
             ((double) usage.ru_utime.tv_sec + (double) usage.ru_stime.tv_sec
              + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6)
                 * 1e8 / (double) (g_get_monotonic_time () - since_us),
             (double) usage.ru_maxrss / 1000);
  else
    g_print ("%6u %-5s %-9s not available\n", n_threads, are_busy ? "busy" : "idle", "top -H");
}

int
main (int argc, char **argv)
{
  static const guint counts[] = { 10, 100, 1000 };
  guint seconds = argc > 2 ? (guint) MAX (1, atoi (argv[2])) : 8;

  if (argc == 4 && strcmp (argv[1], "--program") == 0)
    return run_program ((guint) atoi (argv[2]), strcmp (argv[3], "busy") == 0);
  build = g_canonicalize_filename (argc > 1 ? argv[1] : "build", NULL);
  g_print ("%6s %-5s %-9s %8s %9s %8s %9s %8s\n", "", "", "", "% of a", "resident", "samples",
           "longest", "");
  g_print ("%6s %-5s %-9s %8s %9s %8s %9s %8s\n", "thr.", "", "", "core", "MB", "a second",
           "gap ms", "threads");
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    for (gboolean are_busy = FALSE; are_busy <= TRUE; are_busy++)
      {
        measure_agent (counts[i], are_busy, seconds);
        measure_top (counts[i], are_busy, seconds);
      }
  return 0;
}
