/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Harmlessness: each victim runs twice, untraced and traced, in a folder of its own, and must print the
 * same, end the same, and leave a trace that says what it did.
 *
 *   test-victims PRELOAD TRACKER FOLDER-OF-VICTIMS
 *
 * What a victim did is counted in marked allocations (victim.h): they are of a size that nothing else has,
 * so the size histograms of the model have their number.
 */
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "victim-run.h"

#define ANY -1

typedef enum {
  MAY_DROP = 1 << 0,     /* events may be lost, and are counted */
  MUST_DROP = 1 << 1,    /* events are lost, and are counted */
  MAY_BE_GONE = 1 << 2,  /* the victim took its trace away */
  MAY_BE_ABSENT = 1 << 3 /* not every machine can build it */
} CaseFlags;

/* clang-format off */
/* Each of these is victim-threads with another allocator; only built where that is installed. */
#define WITH_ALLOCATOR(name) \
  { name, "many-short", 1, 2000, 0, 2001, MAY_BE_ABSENT, check_short_threads }, \
  { name, "race", 1, 16, 0, 17, MAY_BE_ABSENT, check_every_thread_marked }, \
  { name, "key-destructors", 1, 40, 0, 6, MAY_BE_ABSENT }, \
  { name, "cancel", 1, 40, 0, 21, MAY_BE_ABSENT }, \
  { name, "left-running", 1, 3, 3, 4, MAY_BE_ABSENT }, \
  { "malloc-" name, "any", 1, ANY, 0, 1, MAY_BE_ABSENT }, \
  { "malloc-" name, "errno", 1, 0, 0, 1, MAY_BE_ABSENT }, \
  { "malloc-" name, "rare-frees", 1, 3, 0, 1, MAY_BE_ABSENT }
/* clang-format on */

/* All traces of one run. */
typedef struct {
  GPtrArray *traces; /* of MsTrace, by process number */
  pid_t pid;
  int status; /* as a shell has it */
} Run;

typedef struct {
  const char *program, *name;
  int n_folders;
  int marks, leaked_marks;
  int n_threads; /* of the first process */
  guint flags;
  void (*check) (const Run *run);
} Case;

/* --- what only some cases have ---------------------------------------------------------------- */

static void
check_names (const Run *run)
{
  MsThread *thread = ms_trace_find_thread (run->traces->pdata[0], 1);
  guint n_names;
  const MsNameSpan *names = ms_thread_get_names (thread, &n_names);

  g_assert_cmpuint (n_names, ==, 3);
  g_assert_cmpstr (names[0].name, ==, "victim-threads");
  g_assert_cmpstr (names[1].name, ==, "first name");
  g_assert_cmpstr (names[2].name, ==, "second \xef\xbf\xbd name");
}

static void
check_inherited (const Run *run)
{
  MsTrace *child = run->traces->pdata[1];

  g_assert_true (ms_trace_is_forked (child));
  g_assert_false (ms_trace_is_forked (run->traces->pdata[0]));
  g_assert_cmpint (ms_trace_get_exit_status (child), ==, 7);
  g_assert_cmpuint (ms_trace_get_totals (child, MS_DOMAIN_HEAP)->inherited_frees, ==, 1);
  g_assert_cmpint (ms_trace_get_parent_pid (child), ==, run->pid);
}

/* 20 000 threads or 2 000: no file for each.  Two go when the folder is closed. */
static void
check_few_files (const Run *run)
{
  g_autoptr (GDir) dir = g_dir_open (ms_trace_get_folder (run->traces->pdata[0]), 0, NULL);
  guint n_files = 0;

  while (g_dir_read_name (dir))
    n_files++;
  g_assert_cmpuint (n_files, <=, 7);
}

static void
check_every_thread_marked (const Run *run)
{
  MsTrace *trace = run->traces->pdata[0];

  for (guint i = 1; i < ms_trace_get_n_threads (trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, i);
      const guint64 *bins = ms_thread_get_size_histogram (thread, MS_DOMAIN_HEAP);

      g_assert_nonnull (bins);
      g_assert_cmpuint (bins[VICTIM_MARK_BIN], ==, 1);
    }
}

/* Hooks that were never finished: what is in the files is whole all the same. */
static void
check_undamaged (const Run *run)
{
  for (guint i = 0; i < run->traces->len; i++)
    {
      GPtrArray *diagnostics = ms_trace_get_diagnostics (run->traces->pdata[i]);

      for (guint j = 0; j < diagnostics->len; j++)
        {
          const MsDiagnostic *diagnostic = diagnostics->pdata[j];

          if (diagnostic->level == MS_DIAGNOSTIC_DAMAGE)
            g_error ("%s: %s", diagnostic->file, diagnostic->message);
        }
    }
}

/* What was written after the files were cut is there, and that they were is said. */
static void
check_events_left (const Run *run)
{
  MsTrace *trace = run->traces->pdata[0];

  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations, >, 10000);
  g_assert_cmpuint (ms_trace_get_diagnostics (trace)->len, >, 0);
}

/* Of the 256 places that mark after the output takes data again, each has its frames. */
static void
check_stacks_known (const Run *run)
{
  MsTrace *trace = run->traces->pdata[0];
  guint n_known = 0;

  for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
    {
      guint n_frames;

      (void) ms_trace_get_stack_frames (trace, i, &n_frames, NULL);
      if (ms_trace_get_stack_totals (trace, i, MS_DOMAIN_HEAP)->peak_bytes >= VICTIM_MARK_BYTES)
        n_known += n_frames > 0;
    }
  g_assert_cmpuint (n_known, ==, 256);
}

static void
check_short_threads (const Run *run)
{
  check_few_files (run);
  check_every_thread_marked (run);
}

/* --- the table -------------------------------------------------------------------------------- */

/* clang-format off */
static const Case cases[] = {
  /* program, case, folders, marks, leaked marks, threads */
  { "malloc", "errno", 1, 0, 0, 1 },
  { "malloc", "alignment", 1, 44, 0, 1 },
  { "malloc", "realloc", 1, 3, 0, 1 },
  { "malloc", "overflow", 1, 1, 0, 1 },
  { "malloc", "rare-frees", 1, 3, 0, 1 },
  { "malloc", "any", 1, ANY, 0, 1 },
  { "malloc", "libc", 1, 0, 0, 1 },

  { "threads", "many-short", 1, 2000, 0, 2001, 0, check_short_threads },
  { "threads", "very-many-short", 1, 20000, 0, 20001, 0, check_few_files },
  { "threads", "crowd", 1, 2000, 0, 2001, 0, check_short_threads },
  { "threads", "errno", 1, 1, 0, 2 },
  { "threads", "many-at-once", 1, 300, 0, 301, 0, check_every_thread_marked },
  { "threads", "race", 1, 16, 0, 17, 0, check_every_thread_marked },
  { "threads", "cancel", 1, 40, 0, 21 },
  { "threads", "key-destructors", 1, 40, 0, 6 },
  { "threads", "left-running", 1, 3, 3, 4 },
  { "threads", "main-ends-first", 1, 2, 1, 2 },
  { "threads", "c11", 1, 1, 0, 2 },
  { "threads", "renamed", 1, 3, 0, 2, 0, check_names },
  { "threads", "small-stacks", 1, 10, 0, 11 },
  { "threads", "refused", 1, 1, 0, ANY },

  { "process", "child-allocates", 2, 4, 2, 1, 0, check_inherited },
  { "process", "child-exits", 1, 2, 1, 1 },
  { "process", "fork-with-threads", 31, 30, 0, 4 },
  { "process", "daemon", 2, 1, 1, 1 },
  { "process", "vfork-exec", 2, 3, 1, 1 },
  { "process", "spawn", 3, 2, 2, 1 },
  { "process", "exec", 2, 2, 2, 1 },
  { "process", "exec-list", 2, 2, 2, 1 },
  { "process", "exec-without-environment", 1, 1, 1, 1 },
  { "process", "exec-fails", 1, 2, 2, 1 },
  { "process", "errno", 2, 1, 1, 1 },
  { "process", "exit-now", 1, 1, 1, 1 },
  { "process", "quick-exit", 1, 1, 1, 1 },
  { "process", "abort", 1, 1, 1, 1 },
  { "process", "fault", 1, 1, 1, 1 },
  { "process", "kill", 1, 1, 1, 1 },
  { "process", "terminate", 1, 1, 1, 1 },
  { "process", "at-exit", 1, 2, 0, 1 },
  { "process", "exit-in-thread", 1, 1, 1, 2 },

  { "limits", "plain", 1, 2, 0, 2 },
  { "limits", "chdir", 1, 1, 0, 1 },
  { "limits", "file-size", 1, ANY, ANY, 1, MUST_DROP },
  { "limits", "file-size-zero", 1, ANY, ANY, 1, MUST_DROP },
  { "limits", "file-size-raised", 1, ANY, 0, 1, MUST_DROP, check_stacks_known },
  { "limits", "no-descriptors", 1, ANY, ANY, ANY, MUST_DROP },
  { "limits", "address-space", 1, 2, 0, 2 },
  { "limits", "closefrom", 1, 1, 0, 1 },
  { "limits", "close-all", 1, 1, 0, 1 },
  { "limits", "close-beside-others", 1, 1, 0, 4, MAY_DROP },
  { "limits", "select", 1, 1, 0, 1 },
  { "limits", "chroot", 1, ANY, ANY, ANY, MUST_DROP },
  { "limits", "mount-namespace", 1, 1, 0, 1 },
  { "limits", "other-user", 1, ANY, ANY, ANY, MUST_DROP },
  { "filters", "strict-seccomp", 1, 1, 0, 1, MUST_DROP | MAY_BE_GONE },
  { "filters", "filter-by-prctl", 1, 1, 0, ANY, MUST_DROP | MAY_BE_GONE },
  { "filters", "filter-by-syscall", 1, 1, 0, ANY, MUST_DROP | MAY_BE_GONE },
  { "filters", "filter-all-threads", 1, 1, ANY, ANY, MUST_DROP | MAY_BE_GONE },
  { "filters", "filter-busy-threads", ANY, ANY, ANY, 1, MAY_DROP },
  { "filters", "filter-rare-calls", ANY, ANY, ANY, 1, MAY_DROP },
  { "filters", "filter-spares", 1, 1, 0, 1 },
  { "filters", "filter-usage", 1, 1, 0, 2 },
  { "filters", "filter-clocks", 1, 1, 0, 2 },
  { "filters", "filter-looks", 1, 1, 0, 1, MAY_DROP | MAY_BE_GONE },
  { "filters", "no-time-stamps", 1, 1, 0, ANY },
  { "limits", "umask", 1, 1, 0, 2 },
  { "limits", "output-truncated", ANY, ANY, ANY, ANY, MAY_DROP | MAY_BE_GONE, check_events_left },
  { "limits", "output-removed", ANY, ANY, ANY, ANY, MAY_DROP | MAY_BE_GONE },

  { "loader", "constructors", 1, 3, 1, 1 },
  { "late", "constructors", 1, 6, 1, 1 },
  { "loader", "open-and-close", 1, 302, 0, 1 },
  { "loader", "waiting-constructor", 1, 3, 0, 2 },
  { "loader", "throwing-plugin", 1, 22, 0, 1 },
  { "loader", "tracked-plugin", 1, 2, 0, 1 },
  { "loader", "other-namespace", 1, 2, 0, 1 },
  { "loader", "plugin-in-namespace", 1, 3, 0, 1 },
  { "loader", "errno", 1, 4, 0, 1 },

  { "cxx", "exceptions", 1, 101, 0, 1 },
  { "cxx", "operators", 1, 2, 0, 1 },
  { "cxx", "thread-local", 1, 11, 0, 11 },

  { "signals", "interrupted", 1, 1, 0, 1, MAY_DROP },
  { "signals", "alternate-stack", 1, 1, 0, 1, MAY_DROP },
  { "signals", "first-in-handler", 1, 1, 0, 1 },
  { "signals", "jumped", 1, 1, 0, 1 },

  { "broken-off", "fork", ANY, 1, 0, ANY, MAY_DROP, check_undamaged },
  { "broken-off", "fork-and-allocate", ANY, 1, 0, ANY, MAY_DROP, check_undamaged },
  { "broken-off", "jump", 1, 20, ANY, 1, MAY_DROP, check_undamaged },
  { "broken-off", "exit", 1, 20, 0, 1, MAY_DROP, check_undamaged },
  { "broken-off", "pthread-exit", 1, 20, 0, 21, MAY_DROP, check_undamaged },

  WITH_ALLOCATOR ("jemalloc"),
  WITH_ALLOCATOR ("tcmalloc"),
  WITH_ALLOCATOR ("mimalloc"),
};
/* clang-format on */

/* --- judging ---------------------------------------------------------------------------------- */

/* The trace of the program itself ends as it did. */
static void
check_end (const Run *run)
{
  for (guint i = run->traces->len; i > 0; i--)
    {
      MsTrace *trace = run->traces->pdata[i - 1];

      if (ms_trace_get_pid (trace) != run->pid)
        continue;
      if (run->status >= 128)
        {
          g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_KILLED);
          return;
        }
      g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
      if (ms_trace_get_exit_status (trace) != -1) /* -1: replaced by a program without a tracer */
        g_assert_cmpint (ms_trace_get_exit_status (trace), ==, run->status);
      return;
    }
  g_assert_not_reached ();
}

static void
check_traces (const Case *self, const Run *run)
{
  guint64 marks = 0, leaked_bytes = 0, dropped = 0, unmatched = 0;

  for (guint i = 0; i < run->traces->len; i++)
    {
      MsTrace *trace = run->traces->pdata[i];
      const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);

      marks += victim_count_marks (trace, MS_DOMAIN_HEAP);
      leaked_bytes += totals->leaked_bytes;
      unmatched += totals->unmatched_frees;
      dropped += ms_trace_get_dropped_events (trace);
    }
  g_test_message ("%u folders, %" G_GUINT64_FORMAT " marks, %" G_GUINT64_FORMAT
                  " leaked, %" G_GUINT64_FORMAT " dropped, %" G_GUINT64_FORMAT " unmatched",
                  run->traces->len, marks, leaked_bytes / VICTIM_MARK_BYTES, dropped, unmatched);

  if (self->n_folders != ANY)
    g_assert_cmpuint (run->traces->len, ==, (guint) self->n_folders);
  if (self->marks != ANY)
    g_assert_cmpuint (marks, ==, (guint64) self->marks);
  if (self->leaked_marks != ANY)
    g_assert_cmpuint (leaked_bytes / VICTIM_MARK_BYTES, ==, (guint64) self->leaked_marks);
  if (self->n_threads != ANY)
    g_assert_cmpuint (ms_trace_get_n_threads (run->traces->pdata[0]), ==, (guint) self->n_threads);
  if (self->flags & MUST_DROP)
    g_assert_cmpuint (dropped, >, 0);
  else if (!(self->flags & MAY_DROP))
    g_assert_cmpuint (dropped, ==, 0);
  if (dropped == 0 && !(self->flags & MAY_BE_GONE))
    g_assert_cmpuint (unmatched, ==, 0);
  if (!(self->flags & MAY_BE_GONE))
    check_end (run);
  if (self->check)
    self->check (run);
}

static void
check_same_output (const char *untraced, const char *traced)
{
  static const char *const names[] = { "stdout", "stderr" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *before = victim_read_output (untraced, names[i]);
      g_autofree char *after = victim_read_output (traced, names[i]);

      g_assert_cmpstr (after, ==, before);
    }
}

static void
test_case (gconstpointer data)
{
  const Case *self = data;
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *untraced = g_build_filename (top, "untraced", NULL);
  g_autofree char *traced = g_build_filename (top, "traced", NULL);
  g_autofree char *output = g_build_filename (top, "output", NULL);
  g_autofree char *path = victim_find (self->program);
  int status;
  Run run;

  if (self->flags & MAY_BE_ABSENT && !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("its allocator is not installed");
      victim_remove_tree (top);
      return;
    }
  g_assert_cmpint (g_mkdir (untraced, 0700) | g_mkdir (traced, 0700) | g_mkdir (output, 0700), ==,
                   0);
  status = victim_finish (victim_start (self->program, self->name, untraced, NULL));
  if (status == VICTIM_SKIPPED)
    {
      g_test_skip ("this user may not do that here");
      victim_remove_tree (top);
      return;
    }

  run.pid = victim_start (self->program, self->name, traced, output);
  run.status = victim_finish (run.pid);
  check_same_output (untraced, traced);
  g_assert_cmpint (run.status, ==, status);
  g_assert_cmpint (run.status, !=, VICTIM_FAILED);
  run.traces = victim_load_traces (output);
  check_traces (self, &run);
  g_ptr_array_unref (run.traces);
  victim_remove_tree (top);
}

/* --- output that cannot be written ------------------------------------------------------------ */

/* The program runs as if there were no tracer, and the tracer is silent unless asked. */
static void
test_no_output (gconstpointer data)
{
  const char *output = data;
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *out = NULL, *err = NULL;

  g_assert_cmpint (victim_finish (victim_start ("limits", "plain", top, output)), ==, 6);
  out = victim_read_output (top, "stdout");
  err = victim_read_output (top, "stderr");
  g_assert_cmpstr (out, ==, "plain\n");
  g_assert_cmpstr (err, ==, "");
  victim_remove_tree (top);
}

/* What could not be kept was counted. */
static gboolean
says_what_was_lost (const char *output)
{
  g_autoptr (GDir) dir = g_dir_open (output, 0, NULL);
  g_autofree char *folder = g_build_filename (output, dir ? g_dir_read_name (dir) : NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (folder, NULL, NULL, NULL, &error);

  if (trace)
    return ms_trace_get_dropped_events (trace) > 0;
  return g_error_matches (error, MS_ERROR, MS_ERROR_EMPTY) && strstr (error->message, "were lost");
}

/* In a mount namespace of its own, with @size bytes of storage for the trace. */
static int
run_on_tmpfs (const char *top, const char *size)
{
  g_autofree char *output = g_build_filename (top, "output", NULL);
  g_autofree char *options = g_strdup_printf ("size=%s", size);

  if (unshare (CLONE_NEWNS) < 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
      || g_mkdir (output, 0700) < 0 || mount ("memscope", output, "tmpfs", 0, options) < 0)
    return VICTIM_SKIPPED;
  if (victim_finish (victim_start ("limits", "plain", top, output)) != 6)
    return 1;
  return says_what_was_lost (output) ? 0 : 2;
}

static void
test_full_output (gconstpointer data)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  pid_t pid = fork ();
  int status;

  if (pid == 0)
    _exit (run_on_tmpfs (top, data));
  status = victim_finish (pid);
  victim_remove_tree (top);
  if (status == VICTIM_SKIPPED)
    g_test_skip ("mounting needs root");
  else
    g_assert_cmpint (status, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/victims/%s/%s", cases[i].program, cases[i].name);
      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_data_func ("/victims/output/refused", "/proc/self", test_no_output);
  g_test_add_data_func ("/victims/output/absent", "/nonexistent/folder", test_no_output);
  g_test_add_data_func ("/victims/output/relative", "folder", test_no_output);
  g_test_add_data_func ("/victims/output/empty", "", test_no_output);
  g_test_add_data_func ("/victims/output/full-at-once", "64k", test_full_output);
  g_test_add_data_func ("/victims/output/full-soon", "400k", test_full_output);
  return g_test_run ();
}
