/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Bytes over sockets: what a thread's last reading says is what the victim printed, to the byte, and the
 * victim does untraced what it does traced.
 *
 *   test-victim-sockets PRELOAD TRACKER FOLDER-OF-VICTIMS, with MEMSCOPE_TEST_PROGRAM=memscope
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>

#include "ms-resource-samples.h"
#include "trk-resource-fields.h"
#include "victim-run.h"

typedef struct {
  char *top, *output;
} Run;

static void
run_clear (Run *self)
{
  victim_remove_tree (self->top);
  g_free (self->top);
  g_free (self->output);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* (transfer full) */
static MsTrace *
record (Run *self, const char *name)
{
  g_autoptr (GPtrArray) traces = NULL;

  self->top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  self->output = g_build_filename (self->top, "output", NULL);
  g_assert_cmpint (victim_finish (victim_start ("sockets", name, self->top, NULL)), ==, 0);
  g_assert_cmpint (g_mkdir (self->output, 0700), ==, 0);
  g_assert_cmpint (victim_finish (victim_start ("sockets", name, self->top, self->output)), ==, 0);
  traces = victim_load_traces (self->output);
  g_assert_cmpuint (traces->len, >=, 1);
  return g_object_ref (traces->pdata[0]);
}

static void
check_figure (MsTrace *trace, guint thread, MsExitFigure figure, guint64 expected)
{
  guint64 value = 0;

  g_assert_true (ms_thread_get_exit_figure (ms_trace_find_thread (trace, thread), figure, &value));
  g_assert_cmpuint (value, ==, expected);
}

static void
test_case (gconstpointer data)
{
  g_auto (Run) run = { NULL };
  g_autoptr (MsTrace) trace = record (&run, data);
  g_autofree char *text = victim_read_output (run.top, "stdout");
  g_auto (GStrv) lines = g_strsplit (g_strchomp (text), "\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==, ms_trace_get_n_threads (trace));
  for (guint i = 0; lines[i]; i++)
    {
      guint64 received, sent;
      guint thread;

      g_test_message ("%s", lines[i]);
      g_assert_cmpint (sscanf (lines[i], "%u %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &thread,
                               &received, &sent),
                       ==, 3);
      check_figure (trace, thread, MS_EXIT_SOCKET_RECEIVED_BYTES, received);
      check_figure (trace, thread, MS_EXIT_SOCKET_SENT_BYTES, sent);
    }
}

/* Nothing is measured, which is not the same as nothing. */
static void
test_switched_off (void)
{
  g_auto (Run) run = { NULL };
  g_autoptr (MsTrace) trace = NULL;
  guint64 value;

  g_setenv ("MEMSCOPE_NET", "0", TRUE);
  trace = record (&run, "bytes");
  g_unsetenv ("MEMSCOPE_NET");
  for (guint i = 0; i < 3; i++)
    {
      g_assert_false (ms_thread_get_exit_figure (ms_trace_get_thread (trace, i),
                                                 MS_EXIT_SOCKET_SENT_BYTES, &value));
      g_assert_true (
          ms_thread_get_exit_figure (ms_trace_get_thread (trace, i), MS_EXIT_MINOR_FAULTS, &value));
    }
}

/* What was sampled from outside while the threads were there. */
static void
check_sampled (MsTrace *trace, guint thread, guint field, guint64 expected)
{
  MsResources *resources = ms_trace_get_resources (trace);
  const MsResourceFigure *figure;
  guint source;

  g_assert_nonnull (resources);
  g_assert_true (ms_resources_find_thread (resources, thread, &source));
  figure = ms_resources_get_figure (resources, source, field);
  g_assert_nonnull (figure);
  g_assert_cmpuint (figure->last, ==, expected);
}

static void
test_sampled (gconstpointer data)
{
  const gboolean counted = strcmp (data, "--wait") == 0;
  g_auto (Run) run = { .top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL) };
  g_autofree char *victim = victim_find ("sockets");
  const char *arguments[] = {
    g_getenv ("MEMSCOPE_TEST_PROGRAM"), "record", "-o", NULL, data, victim, "slow-bytes", NULL
  };
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GPtrArray) traces = NULL;
  g_autoptr (GError) error = NULL;

  arguments[3] = run.output = g_build_filename (run.top, "output", NULL);
  g_subprocess_launcher_set_cwd (launcher, run.top);
  process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (process, NULL, &error));
  traces = victim_load_traces (run.output);
  g_assert_cmpuint (traces->len, ==, 1);
  if (counted)
    {
      check_sampled (traces->pdata[0], 1, TRK_THREAD_SOCKET_SENT_BYTES, 10000000);
      check_sampled (traces->pdata[0], 1, TRK_THREAD_SOCKET_RECEIVED_BYTES, 0);
      check_sampled (traces->pdata[0], 2, TRK_THREAD_SOCKET_RECEIVED_BYTES, 10000000);
      check_figure (traces->pdata[0], 1, MS_EXIT_SOCKET_SENT_BYTES, 10000000);
    }
  else
    {
      guint source;

      g_assert_true (
          ms_resources_find_thread (ms_trace_get_resources (traces->pdata[0]), 1, &source));
      g_assert_null (ms_resources_get_figure (ms_trace_get_resources (traces->pdata[0]), source,
                                              TRK_THREAD_SOCKET_SENT_BYTES));
    }
}

int
main (int argc, char **argv)
{
  const char *const cases[] = { "bytes", "reuse", "races", "signals", "fork", "cancel", "errors" };

  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/victim-sockets/", cases[i], NULL);

      g_test_add_data_func (path, cases[i], test_case);
    }
  g_test_add_func ("/victim-sockets/switched-off", test_switched_off);
  g_test_add_data_func ("/victim-sockets/sampled", "--wait", test_sampled);
  g_test_add_data_func ("/victim-sockets/not-sampled", "--no-net", test_sampled);
  return g_test_run ();
}
