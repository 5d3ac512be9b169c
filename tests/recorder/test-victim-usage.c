/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What threads read of themselves at their end is what they did.
 *
 *   test-victim-usage PRELOAD TRACKER FOLDER-OF-VICTIMS
 */
#include <glib/gstdio.h>

#include "victim-run.h"

#define SKIPPED 77

/* NULL: its case cannot be tried here. (transfer full) (nullable) */
static MsTrace *
record (const char *victim, const char *name, const char *threads)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *output = g_build_filename (top, "output", NULL);
  g_autoptr (GPtrArray) traces = NULL;
  int status;

  g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
  g_setenv ("MEMSCOPE_THREADS", threads, TRUE);
  status = victim_finish (victim_start (victim, name, top, output));
  if (status != SKIPPED)
    g_assert_cmpint (status, ==, 0);
  traces = victim_load_traces (output);
  victim_remove_tree (top);
  if (status == SKIPPED)
    return NULL;
  g_assert_cmpuint (traces->len, ==, 1);
  return g_object_ref (traces->pdata[0]);
}

static guint64
get (MsTrace *trace, guint thread, MsExitFigure figure)
{
  guint64 value = 0;

  g_assert_true (ms_thread_get_exit_figure (ms_trace_find_thread (trace, thread), figure, &value));
  return value;
}

/* @data: the rule, by which none, some or all are tracked: they all say the same. */
static void
test_usage (gconstpointer data)
{
  g_autoptr (MsTrace) trace = record ("usage", "usage", data);
  MsThread *brief = ms_trace_find_thread (trace, 4);
  guint64 value;

  /* To the byte, whatever the recorder has written in that thread. */
  g_assert_cmpuint (get (trace, 1, MS_EXIT_WRITE_CALLS), ==, 250);
  g_assert_cmpuint (get (trace, 1, MS_EXIT_WRITTEN_BYTES), ==, 1000000);
  g_assert_cmpuint (get (trace, 1, MS_EXIT_READ_CALLS), ==, 1000);
  g_assert_cmpuint (get (trace, 1, MS_EXIT_READ_BYTES), ==, 1000000);
  g_assert_cmpuint (get (trace, 1, MS_EXIT_RUNS), >=, 1);

  g_assert_cmpuint (get (trace, 2, MS_EXIT_VOLUNTARY_SWITCHES), >=, 40);
  g_assert_cmpuint (get (trace, 2, MS_EXIT_VOLUNTARY_SWITCHES), <=, 80);
  g_assert_cmpuint (get (trace, 3, MS_EXIT_MINOR_FAULTS), >=, 512);

  g_assert_cmpstr (ms_thread_get_name (brief), ==, "short");
  g_assert_cmpint (ms_thread_get_cpu_ns (brief), >, 0);
  g_assert_cmpuint (get (trace, 4, MS_EXIT_MINOR_FAULTS), <, 512);
  /* Unless the machine was so busy that this thread, too, lived for 100 ms. */
  if (ms_thread_get_end_ns (brief) - ms_thread_get_start_ns (brief) < 80 * 1000 * 1000)
    g_assert_false (ms_thread_get_exit_figure (brief, MS_EXIT_READ_CALLS, &value));
}

/* Refused is not zero. */
static void
test_no_clock (void)
{
  g_autoptr (MsTrace) trace = record ("filters", "filter-clocks", "all");
  MsThread *thread = trace ? ms_trace_find_thread (trace, 1) : NULL;

  if (!trace)
    {
      g_test_skip ("no filters of system calls here");
      return;
    }
  g_assert_cmpint (ms_thread_get_end_ns (thread), !=, MS_TIME_NONE);
  g_assert_cmpint (ms_thread_get_cpu_ns (thread), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);
  g_test_add_func ("/victim-usage/no-clock", test_no_clock);
  g_test_add_data_func ("/victim-usage/all-tracked", "all", test_usage);
  g_test_add_data_func ("/victim-usage/none-tracked", "none", test_usage);
  g_test_add_data_func ("/victim-usage/some-tracked", "odd", test_usage);
  return g_test_run ();
}
