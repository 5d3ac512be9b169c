/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the collectors say of processes and threads that the test makes up: hostile and broken ones. */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "resource-tree.h"
#include "trk-process-figures.h"
#include "trk-threads.h"

#define STAT_AFTER_NAME \
  " S 1 1 1 0 -1 4194304 101 7 3 8 250 50 9 9 20 0 3 0 1433565 3133440 414 18446744073709551615 " \
  "1 1 " \
  "1 0 0 0 0 0 0 0 0 0 17 5 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
#define IO \
  "rchar: 11\nwchar: 22\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\n" \
  "cancelled_write_bytes: 7\n"

static void
assert_stat (const char *text, const char *name)
{
  TrkTaskStat stat;

  g_assert_cmpint (trk_task_stat_parse (text_span (text), &stat), ==, TRK_REASON_NONE);
  g_assert_cmpstr (stat.name, ==, name);
  g_assert_cmpint (stat.tid, ==, 41);
  g_assert_cmpint (stat.state, ==, 'S');
  g_assert_cmpuint (stat.minor_faults, ==, 101);
  g_assert_cmpuint (stat.major_faults, ==, 3);
  g_assert_cmpuint (stat.user_ns, ==, 2500000000U);
  g_assert_cmpuint (stat.system_ns, ==, 500000000U);
  g_assert_cmpuint (stat.n_threads, ==, 3);
  g_assert_cmpuint (stat.start_ticks, ==, 1433565);
  g_assert_cmpuint (stat.processor, ==, 5);
}

static void
test_stat_names (void)
{
  assert_stat ("41 (simple)" STAT_AFTER_NAME, "simple");
  assert_stat ("41 (a b) R 1 (c))" STAT_AFTER_NAME, "a b) R 1 (c)");
  assert_stat ("41 (x\n42 (y) S 1\n)" STAT_AFTER_NAME, "x\n42 (y) S 1\n");
  assert_stat ("41 ()" STAT_AFTER_NAME, "");
  assert_stat ("41 (((((()" STAT_AFTER_NAME, "(((((");
  assert_stat ("41 (\xff\x1b[31m)" STAT_AFTER_NAME, "\xff\x1b[31m");
}

static void
test_stat_damage (void)
{
  static const char whole[] = "41 (a) b)" STAT_AFTER_NAME;
  static const char *const bad[] = {
    "",
    "41",
    "41 (",
    "41 )(",
    "41 (x",
    "x (x) S",
    "99999999999 (x)" STAT_AFTER_NAME,
    "41 (x) S 1 1 1 0 -1 4194304 18446744073709551616 7 3 8 250 50 9 9 20 0 3 0 1433565 1\n",
    "41 (x) S 1 1 1 0 -1 4194304 1 7 3 8 18446744073709551615 50 9 9 20 0 3 0 1433565 1\n"
  };
  TrkTaskStat stat;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_cmpint (trk_task_stat_parse (text_span (bad[i]), &stat), ==, TRK_REASON_MALFORMED);
  /* Cut anywhere: malformed, or right as far as it goes. */
  for (gsize n = 1; n < strlen (whole); n++)
    {
      g_autofree char *copy = g_memdup2 (whole, n);

      if (trk_task_stat_parse ((TrkTextSpan) { copy, copy + n }, &stat) == TRK_REASON_NONE)
        g_assert_cmpuint (stat.start_ticks, ==, 1433565);
    }
}

static void
test_schedule_and_io (void)
{
  TrkTaskSchedule schedule;
  TrkTaskIo io;

  g_assert_cmpint (trk_task_schedule_parse (text_span ("171451 3162 2\n"), &schedule), ==, 0);
  g_assert_cmpuint (schedule.run_queue_wait_ns, ==, 3162);
  g_assert_cmpint (trk_task_schedule_parse (text_span ("0 0 0\n"), &schedule), ==,
                   TRK_REASON_NOT_HERE);
  g_assert_cmpint (trk_task_schedule_parse (text_span ("171451 3162 2"), &schedule), ==,
                   TRK_REASON_MALFORMED);
  g_assert_cmpint (trk_task_io_parse (text_span (IO), &io), ==, TRK_REASON_NONE);
  g_assert_cmpuint (io.read_bytes, ==, 11);
  g_assert_cmpuint (io.write_calls, ==, 4);
  g_assert_cmpuint (io.disk_written_bytes, ==, 6);
  g_assert_cmpint (trk_task_io_parse (text_span ("rchar: 11\nwchar: 22\n"), &io), ==,
                   TRK_REASON_MALFORMED);
}

static void
test_process (void)
{
  g_autoptr (ResourceTree) tree = resource_tree_new ();
  TrkProcessCollector process;
  TrkProcessFigures figures;

  trk_process_collector_init (&process, &tree->reader, 41, 0);
  trk_process_collector_read (&process, &figures);
  g_assert_cmpint (figures.reason, ==, TRK_REASON_ENDED);

  resource_tree_write (tree, "proc/41/stat", "41 (x)" STAT_AFTER_NAME, -1);
  resource_tree_write (tree, "proc/41/status",
                       "Name:\tVmRSS:\t9 kB\nVmSize:\t3060 kB\nVmHWM:\t1616 kB\nVmRSS:\t1600 kB\n"
                       "RssAnon:\t112 kB\nRssFile:\t1488 kB\nRssShmem:\t0 kB\n",
                       -1);
  resource_tree_write (tree, "proc/41/io", IO, -1);
  trk_process_collector_read (&process, &figures);
  g_assert_cmpint (figures.reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (figures.cpu_ns, ==, 3000000000U);
  g_assert_true (figures.cpu_is_coarse);
  g_assert_cmpint (figures.memory_reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (figures.resident_bytes, ==, 1600 * 1024);
  g_assert_cmpuint (figures.shmem_bytes, ==, 0);
  g_assert_cmpuint (figures.swapped_bytes, ==, TRK_UNKNOWN);
  g_assert_cmpuint (figures.io.read_calls, ==, 3);
  g_assert_cmpint (figures.rollup_reason, ==, TRK_REASON_NOT_HERE);

  /* The rollup's turn comes once a second only, and between them there is none. */
  resource_tree_write (
      tree, "proc/41/smaps_rollup",
      "0-1 ---p 0 0:0 0 [rollup]\nRss: 1672 kB\nPss: 243 kB\nPrivate_Clean: 40 kB\n"
      "Private_Dirty: 112 kB\n",
      -1);
  trk_process_collector_read (&process, &figures);
  g_assert_cmpint (figures.rollup_reason, ==, TRK_REASON_NOT_DUE);
  process.rollup_due_ns = 0;
  trk_process_collector_read (&process, &figures);
  g_assert_cmpint (figures.rollup_reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (figures.rollup_resident_bytes, ==, 1672 * 1024);
  g_assert_cmpuint (figures.private_bytes, ==, 152 * 1024);

  resource_tree_write (tree, "proc/41/status", "Name:\tx\n", -1);
  trk_process_collector_read (&process, &figures);
  g_assert_cmpint (figures.memory_reason, ==, TRK_REASON_NOT_HERE);
  /* Another process under the number, then a zombie, then a main thread that left before the others. */
  resource_tree_write (tree, "proc/41/stat",
                       "41 (x) S 1 1 1 0 -1 0 1 7 3 8 250 50 9 9 20 0 3 0 999 1\n", -1);
  trk_process_collector_read (&process, &figures);
  g_assert_cmpint (figures.reason, ==, TRK_REASON_ENDED);
  resource_tree_write (tree, "proc/41/stat",
                       "41 (x) Z 1 1 1 0 -1 0 1 7 3 8 250 50 9 9 20 0 1 0 1433565 1\n", -1);
  trk_process_collector_read (&process, &figures);
  g_assert_cmpint (figures.reason, ==, TRK_REASON_ENDED);
  resource_tree_write (tree, "proc/41/stat",
                       "41 (x) Z 1 1 1 0 -1 0 1 7 3 8 250 50 9 9 20 0 2 0 1433565 1\n", -1);
  trk_process_collector_read (&process, &figures);
  g_assert_cmpint (figures.reason, ==, TRK_REASON_NONE);
  trk_process_collector_clear (&process);
}

static void
write_thread (ResourceTree *tree, int tid, const char *leaf, const char *text)
{
  g_autofree char *name = g_strdup_printf ("proc/41/task/%d/%s", tid, leaf);

  resource_tree_write (tree, name, text, -1);
}

static void
write_stat (ResourceTree *tree, int tid, char state, guint64 start)
{
  g_autofree char *stat =
      g_strdup_printf ("%d (w %d) %c 1 1 1 0 -1 0 %d 7 3 8 250 50 9 9 20 0 3 0 %" G_GUINT64_FORMAT
                       " 1\n",
                       tid, tid, state, tid * 10, start);

  write_thread (tree, tid, "stat", stat);
}

static const TrkThreadFigures *
find_thread (TrkThreads *threads, int tid)
{
  guint32 n;
  const TrkThreadFigures *figures = trk_threads_get (threads, &n);

  for (guint32 i = 0; i < n; i++)
    if (figures[i].tid == tid)
      return &figures[i];
  return NULL;
}

/* @max_descriptors 0: each file opened anew, as past the limit. */
static void
test_threads (gconstpointer data)
{
  guint max_descriptors = GPOINTER_TO_UINT (data);
  g_autoptr (ResourceTree) tree = resource_tree_new ();
  TrkThreads *threads =
      trk_threads_new (&tree->reader, 41,
                       (TrkThreadsLimits) { 3, max_descriptors, 3600000000000, false });
  const TrkThreadFigures *figures;

  g_assert_cmpint (trk_threads_read (threads), ==, TRK_REASON_ENDED);
  write_stat (tree, 41, 'S', 100);
  write_thread (tree, 41, "schedstat", "5000 600 7\n");
  write_thread (tree, 41, "io", IO);
  write_thread (tree, 41, "status",
                "Name:\tx\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t13\n");
  write_stat (tree, 42, 'R', 200); /* neither schedstat nor io nor status */
  resource_tree_write (tree, "proc/41/task/nonsense/x", "", -1);
  resource_tree_write (tree, "proc/41/task/99999999999/x", "", -1);
  resource_tree_write (tree, "proc/41/task/77/x", "", -1); /* gone when it is read */
  g_assert_cmpint (trk_threads_read (threads), ==, TRK_REASON_NONE);

  figures = find_thread (threads, 41);
  g_assert_cmpint (figures->reason, ==, TRK_REASON_NONE);
  g_assert_true (figures->is_new);
  g_assert_cmpstr (figures->name, ==, "w 41");
  g_assert_cmpuint (figures->cpu_ns, ==, 5000);
  g_assert_false (figures->cpu_is_coarse);
  g_assert_cmpuint (figures->run_queue_wait_ns, ==, 600);
  g_assert_cmpuint (figures->minor_faults, ==, 410);
  g_assert_cmpint (figures->io_reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (figures->io.written_bytes, ==, 22);
  g_assert_cmpint (figures->switches_reason, ==, TRK_REASON_NONE);
  g_assert_cmpuint (figures->involuntary_switches, ==, 13);
  figures = find_thread (threads, 42);
  g_assert_cmpint (figures->reason, ==, TRK_REASON_NONE);
  g_assert_true (figures->cpu_is_coarse);
  g_assert_cmpuint (figures->cpu_ns, ==, 3000000000U);
  g_assert_cmpuint (figures->run_queue_wait_ns, ==, TRK_UNKNOWN);
  g_assert_cmpint (figures->io_reason, ==, TRK_REASON_NOT_HERE);
  g_assert_null (find_thread (threads, 77));
  g_assert_cmpuint (trk_threads_n_descriptors (threads), <=, max_descriptors);

  /* It did not run: what else its files say cannot be new and is not read. */
  write_stat (tree, 41, 'X', 100);
  trk_threads_read (threads);
  figures = find_thread (threads, 41);
  g_assert_false (figures->is_new);
  g_assert_cmpint (figures->state, ==, 'S');
  write_thread (tree, 41, "schedstat", "5001 600 8\n");
  trk_threads_read (threads);
  g_assert_cmpint (find_thread (threads, 41)->state, ==, 'X');
  g_assert_cmpint (find_thread (threads, 41)->switches_reason, ==, TRK_REASON_NOT_DUE);

  /* The number is given to another thread; a fourth comes; one file says nonsense. */
  resource_tree_remove (tree, "proc/41/task/77");
  write_stat (tree, 42, 'S', 201);
  write_stat (tree, 43, 'S', 300);
  write_stat (tree, 44, 'S', 301);
  write_thread (tree, 43, "schedstat", "18446744073709551616 1 1\n");
  write_thread (tree, 43, "io", "rchar: 18446744073709551615\n");
  trk_threads_read (threads);
  g_assert_cmpint (find_thread (threads, 42)->reason, ==, TRK_REASON_ENDED);
  trk_threads_read (threads);
  figures = find_thread (threads, 42);
  g_assert_true (figures && figures->is_new && figures->start_ticks == 201);
  g_assert_cmpuint (trk_threads_n_left_out (threads), ==, 1);
  figures = find_thread (threads, 43) ? find_thread (threads, 43) : find_thread (threads, 44);
  g_assert_cmpint (figures->reason, ==, TRK_REASON_NONE);
  g_assert_cmpint (figures->io_reason, !=, TRK_REASON_NONE);
  write_thread (tree, 42, "stat", "42 (x");
  trk_threads_read (threads);
  g_assert_cmpint (find_thread (threads, 42)->reason, ==, TRK_REASON_MALFORMED);
  trk_threads_free (threads);
}

/* Cheap samples: stat and io of a thread that runs on have their turns; of one that rests both are there. */
static void
test_turns (void)
{
  const TrkThreadsLimits limits = { 3, 100, 3600000000000, true };
  g_autoptr (ResourceTree) tree = resource_tree_new ();
  TrkThreads *threads = trk_threads_new (&tree->reader, 41, limits);
  const TrkThreadFigures *figures;
  guint n_stats = 0, n_ios = 0;

  write_stat (tree, 41, 'S', 100);
  write_thread (tree, 41, "schedstat", "5000 600 7\n");
  write_thread (tree, 41, "io", IO);
  trk_threads_read (threads);
  figures = find_thread (threads, 41);
  g_assert_cmpint (figures->stat_reason, ==, TRK_REASON_NONE);
  g_assert_cmpint (figures->io_reason, ==, TRK_REASON_NONE);

  for (guint round = 0; round < 8; round++)
    {
      g_autofree char *schedule = g_strdup_printf ("%u 600 %u\n", 6000 + round, 8 + round);

      write_thread (tree, 41, "schedstat", schedule);
      trk_threads_read (threads);
      figures = find_thread (threads, 41);
      g_assert_cmpuint (figures->cpu_ns, ==, 6000 + round);
      n_stats += figures->stat_reason == TRK_REASON_NONE;
      n_ios += figures->io_reason == TRK_REASON_NONE;
    }
  g_assert_cmpuint (n_stats, ==, 2);
  g_assert_cmpuint (n_ios, ==, 4);

  /* At rest: after a while the samples have both, as they were left. */
  write_stat (tree, 41, 'D', 100);
  write_thread (tree, 41, "io",
                "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\n");
  write_thread (tree, 41, "schedstat", "9000 600 99\n");
  for (guint rest = 0; rest < 8; rest++)
    trk_threads_read (threads);
  figures = find_thread (threads, 41);
  g_assert_cmpint (figures->stat_reason, ==, TRK_REASON_NONE);
  g_assert_cmpint (figures->io_reason, ==, TRK_REASON_NONE);
  g_assert_cmpint (figures->state, ==, 'D');
  g_assert_cmpuint (figures->io.written_bytes, ==, 2);
  trk_threads_free (threads);
}

/* Another thread may name one that rests: its stat is read now and then all the same. */
static void
test_named_at_rest (void)
{
  TrkThreadsLimits limits = { 3, 100, 3600000000000, true };
  g_autoptr (ResourceTree) tree = resource_tree_new ();
  TrkThreads *threads = trk_threads_new (&tree->reader, 41, limits);
  static const char renamed[] =
      "41 (worker-7) S 1 1 1 0 -1 4194304 101 7 3 8 250 50 9 9 20 0 3 0 100 3133440 414 "
      "18446744073709551615 1 1 1 0 0 0 0 0 0 0 17 5 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

  write_stat (tree, 41, 'S', 100);
  write_thread (tree, 41, "schedstat", "5000 600 7\n");
  write_thread (tree, 41, "io", IO);
  trk_threads_read (threads);
  trk_threads_read (threads);
  write_thread (tree, 41, "stat", renamed);
  trk_threads_read (threads);
  g_assert_cmpstr (find_thread (threads, 41)->name, !=, "worker-7"); /* not due */
  trk_threads_free (threads);

  limits.status_interval_ns = 0;
  threads = trk_threads_new (&tree->reader, 41, limits);
  write_stat (tree, 41, 'S', 100);
  trk_threads_read (threads);
  trk_threads_read (threads);
  write_thread (tree, 41, "stat", renamed);
  trk_threads_read (threads);
  g_assert_cmpstr (find_thread (threads, 41)->name, ==, "worker-7");
  g_assert_cmpuint (find_thread (threads, 41)->cpu_ns, ==, 5000);
  trk_threads_free (threads);
}

/* What may not be read is said, and the rest is there.  In a child, as root may read everything. */
static void
test_not_permitted (void)
{
  g_autoptr (ResourceTree) tree = resource_tree_new ();
  g_autofree char *io = g_build_filename (tree->path, "proc/41/io", NULL);
  g_autofree char *thread_io = g_build_filename (tree->path, "proc/41/task/41/io", NULL);
  TrkProcessCollector process;
  TrkProcessFigures figures;
  TrkThreads *threads;
  int status;
  pid_t child;

  resource_tree_write (tree, "proc/41/stat", "41 (x)" STAT_AFTER_NAME, -1);
  resource_tree_write (tree, "proc/41/io", IO, -1);
  write_stat (tree, 41, 'S', 100);
  write_thread (tree, 41, "io", IO);
  g_assert_cmpint (g_chmod (io, 0) | g_chmod (thread_io, 0), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      g_autofree char *command = NULL;
      const TrkThreadFigures *thread;

      if (geteuid () == 0)
        {
          command =
              g_strdup_printf ("chmod -R a+rX '%s'; chmod 0 '%s' '%s'", tree->path, io, thread_io);
          if (system (command) != 0 || setgid (65534) != 0 || setuid (65534) != 0)
            _exit (77);
        }
      trk_process_collector_init (&process, &tree->reader, 41, 0);
      trk_process_collector_read (&process, &figures);
      threads = trk_threads_new (&tree->reader, 41, trk_threads_default_limits ());
      trk_threads_read (threads);
      thread = find_thread (threads, 41);
      _exit (figures.reason == TRK_REASON_NONE && figures.io_reason == TRK_REASON_NOT_PERMITTED
                     && thread && thread->reason == TRK_REASON_NONE
                     && thread->io_reason == TRK_REASON_NOT_PERMITTED
                 ? 0
                 : 1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/task/stat-names", test_stat_names);
  g_test_add_func ("/task/stat-damage", test_stat_damage);
  g_test_add_func ("/task/schedule-and-io", test_schedule_and_io);
  g_test_add_func ("/task/process", test_process);
  g_test_add_data_func ("/task/threads-kept", GUINT_TO_POINTER (100), test_threads);
  g_test_add_data_func ("/task/threads-kept-some", GUINT_TO_POINTER (2), test_threads);
  g_test_add_data_func ("/task/threads-opened", GUINT_TO_POINTER (0), test_threads);
  g_test_add_func ("/task/turns", test_turns);
  g_test_add_func ("/task/named-at-rest", test_named_at_rest);
  g_test_add_func ("/task/not-permitted", test_not_permitted);
  return g_test_run ();
}
