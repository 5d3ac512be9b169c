/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * bench-collectors [BUILD-FOLDER [THREADS [WAY]]]: what one sample costs whoever takes it, in µs of
 * processor time and of wall time.
 *
 * A child process has 1, 100 or 1 000 threads, which sleep (idle) or wake every 90 ms for a small write
 * (working: all of them ran between any two samples).  They are sampled at 10 Hz, with the descriptors
 * kept, and with each file opened anew.  The first sample, which opens everything, stands by itself.
 * Beside them: the process, its cgroup, its open files and connections, the machine.  ./dev bench
 * collectors runs it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trk-cgroup.h"
#include "trk-disks.h"
#include "trk-interfaces.h"
#include "trk-machine-memory.h"
#include "trk-process-figures.h"
#include "trk-processors.h"
#include "trk-sockets.h"
#include "trk-threads.h"

#define N_SAMPLES 30
#define TICK_US 100000
#define N_REST 20

static TrkReader reader;

static double
now_us (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

static int
compare_doubles (const void *left, const void *right)
{
  double a = *(const double *) left, b = *(const double *) right;

  return (a > b) - (a < b);
}

static double
median (double *values, unsigned n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return values[n / 2];
}

/* --- what is sampled -------------------------------------------------------------------------------- */

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
      usleep (90000);
      if (write (fd, "x", 1) != 1)
        _exit (1);
    }
  return NULL;
}

static pid_t
start_threads (unsigned n_threads, bool are_working)
{
  int ready[2];
  char byte;
  pid_t child;

  if (pipe (ready) != 0 || (child = fork ()) < 0)
    return -1;
  if (child == 0)
    {
      pthread_attr_t attributes;
      pthread_t thread;

      pthread_attr_init (&attributes);
      pthread_attr_setstacksize (&attributes, 32768);
      for (unsigned i = 1; i < n_threads; i++)
        if (pthread_create (&thread, &attributes, are_working ? wake_and_write : sleep_for_ever,
                            NULL))
          _exit (1);
      if (write (ready[1], "x", 1) != 1)
        _exit (1);
      (are_working ? wake_and_write : sleep_for_ever) (NULL);
    }
  close (ready[1]);
  if (read (ready[0], &byte, 1) != 1)
    child = -1;
  close (ready[0]);
  return child;
}

static void
end_threads (pid_t child)
{
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
}

/* --- threads ------------------------------------------------------------------------------------------ */

static void
measure_threads (unsigned n_threads, bool are_working, bool are_kept)
{
  TrkThreadsLimits limits = trk_threads_default_limits ();
  double cpu_us[N_SAMPLES], wall_us[N_SAMPLES], first_us = 0, mean_us = 0;
  pid_t child = start_threads (n_threads, are_working);
  TrkThreads *threads;
  uint32_t n = 0;

  if (!are_kept)
    limits.max_descriptors = 0;
  if (child < 0 || !(threads = trk_threads_new (&reader, child, limits)))
    {
      fprintf (stderr, "bench-collectors: %u threads: %s\n", n_threads, strerror (errno));
      exit (1);
    }
  for (int i = -1; i < N_SAMPLES; i++)
    {
      double cpu = now_us (CLOCK_THREAD_CPUTIME_ID), wall = now_us (CLOCK_MONOTONIC);

      trk_threads_read (threads);
      if (i < 0)
        first_us = now_us (CLOCK_THREAD_CPUTIME_ID) - cpu;
      else
        {
          cpu_us[i] = now_us (CLOCK_THREAD_CPUTIME_ID) - cpu;
          wall_us[i] = now_us (CLOCK_MONOTONIC) - wall;
          mean_us += cpu_us[i] / N_SAMPLES;
        }
      usleep (TICK_US);
    }
  trk_threads_get (threads, &n);
  printf ("%6u %-8s %-7s %6u %10.0f %10.0f %10.0f %10.0f %9.2f %8.2f\n", n,
          are_working ? "working" : "idle", are_kept ? "kept" : "opened",
          trk_threads_n_descriptors (threads), first_us, mean_us, median (cpu_us, N_SAMPLES),
          median (wall_us, N_SAMPLES), mean_us / n, mean_us * 100.0 / TICK_US);
  fflush (stdout);
  trk_threads_free (threads);
  end_threads (child);
}

/* --- the rest ----------------------------------------------------------------------------------------- */

static struct {
  TrkProcessCollector process;
  TrkProcessFigures process_figures;
  TrkCgroupCollector cgroup;
  TrkCgroupFigures cgroup_figures;
  TrkOpenFiles open_files;
  TrkSocketDiag diag;
  TrkSockets sockets;
  TrkProcessorFiles processor_files;
  TrkProcessors processors;
  TrkLoad load;
  TrkKeptFile memory_file, interface_file;
  TrkMachineMemory memory;
  TrkDiskFiles disk_files;
  TrkDisks disks;
  TrkInterfaces interfaces;
} rest;

static void
read_process (void)
{
  rest.process.rollup_due_ns = INT64_MAX;
  trk_process_collector_read (&rest.process, &rest.process_figures);
}

static void
read_process_and_rollup (void)
{
  rest.process.rollup_due_ns = 0;
  trk_process_collector_read (&rest.process, &rest.process_figures);
}

static void
read_cgroup (void)
{
  trk_cgroup_read (&rest.cgroup, &rest.cgroup_figures);
}

static void
read_sockets (void)
{
  trk_open_files_read (&reader, getpid (), &rest.open_files);
  trk_sockets_read (&reader, &rest.diag, getpid (), &rest.open_files, &rest.sockets);
}

static void
read_machine (void)
{
  trk_processors_read (&reader, &rest.processor_files, &rest.processors);
  trk_load_read (&reader, &rest.processor_files, &rest.load);
  trk_machine_memory_read (&reader, &rest.memory_file, &rest.memory);
  trk_disks_read (&reader, &rest.disk_files, &rest.disks);
  trk_interfaces_read (&reader, &rest.interface_file, 0, &rest.interfaces);
}

static void
measure_rest (void)
{
  static const struct {
    const char *name;
    void (*read) (void);
  } parts[] = { { "process: stat, status, io", read_process },
                { "process with smaps_rollup", read_process_and_rollup },
                { "cgroup", read_cgroup },
                { "open files and connections", read_sockets },
                { "machine", read_machine } };

  trk_process_collector_init (&rest.process, &reader, getpid (), 0);
  trk_cgroup_init (&rest.cgroup, &reader, getpid ());
  printf ("\n%-30s %10s\n", "", "median µs");
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    {
      double us[N_REST];

      parts[i].read ();
      for (int j = 0; j < N_REST; j++)
        {
          double before = now_us (CLOCK_THREAD_CPUTIME_ID);

          parts[i].read ();
          us[j] = now_us (CLOCK_THREAD_CPUTIME_ID) - before;
          usleep (5000);
        }
      printf ("%-30s %10.0f\n", parts[i].name, median (us, N_REST));
    }
}

int
main (int argc, char **argv)
{
  static const unsigned counts[] = { 1, 100, 1000 };
  struct rlimit files;

  if (trk_reader_init (&reader, NULL) != TRK_REASON_NONE)
    return 77;
  /* As the agent does: a descriptor costs nobody else anything. */
  if (getrlimit (RLIMIT_NOFILE, &files) == 0)
    {
      files.rlim_cur = files.rlim_max;
      setrlimit (RLIMIT_NOFILE, &files);
    }
  printf ("%6s %-8s %-7s %6s %10s %10s %10s %10s %9s %8s\n", "", "", "", "", "first", "mean",
          "median", "wall", "a thread", "% of a");
  printf ("%6s %-8s %-7s %6s %10s %10s %10s %10s %9s %8s\n", "thr.", "", "", "descr.", "µs", "µs",
          "µs", "median µs", "µs", "core");
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    for (int way = 0; way < 4; way++)
      if ((argc < 3 || (unsigned) atoi (argv[2]) == counts[i])
          && (argc < 4 || atoi (argv[3]) == way))
        measure_threads (counts[i], way & 1, !(way & 2));
  if (argc < 3)
    measure_rest ();
  return 0;
}
