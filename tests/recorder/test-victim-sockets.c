/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Bytes over sockets: what a thread's last reading says is what the victim printed, to the byte, and the
 * victim does untraced what it does traced.
 *
 *   test-victim-sockets PRELOAD TRACKER FOLDER-OF-VICTIMS
 */
#include <glib/gstdio.h>
#include <stdio.h>

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
  return g_test_run ();
}
