/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads and allocations that are chosen: what is not tracked must not be in the trace, and must not
 * confuse what is.
 *
 *   test-victim-selection PRELOAD TRACKER FOLDER-OF-VICTIMS
 */
#include <glib/gstdio.h>

#include "victim-run.h"

/* Runs the case with these choices. (transfer full) */
static MsTrace *
record (const char *name, const char *threads, const char *rate)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *output = g_build_filename (top, "output", NULL);
  g_autoptr (GPtrArray) traces = NULL;

  g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
  g_setenv ("MEMSCOPE_THREADS", threads, TRUE);
  g_setenv ("MEMSCOPE_SAMPLING_RATE", rate, TRUE);
  g_assert_cmpint (victim_finish (victim_start ("selection", name, top, output)), ==, 0);
  traces = victim_load_traces (output);
  victim_remove_tree (top);
  g_assert_cmpuint (traces->len, ==, 1);
  return g_object_ref (traces->pdata[0]);
}

static void
test_named_by_creator (void)
{
  g_autoptr (MsTrace) trace = record ("named-by-creator", "worker-*", "1");
  MsThread *worker = ms_trace_find_thread (trace, 1);
  guint n_names;
  const MsNameSpan *names = ms_thread_get_names (worker, &n_names);

  g_assert_cmpuint (victim_count_marks (trace, MS_DOMAIN_HEAP), ==, 1);
  g_assert_cmpuint (n_names, ==, 2);
  g_assert_cmpstr (names[1].name, ==, "worker-7");
}

static void
test_moved_elsewhere (void)
{
  g_autoptr (MsTrace) trace = record ("moved-elsewhere", "main", "0.5");
  const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);

  g_assert_cmpuint (totals->unmatched_frees + totals->foreign_frees, ==, 0);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);
  g_test_add_func ("/victim-selection/named-by-creator", test_named_by_creator);
  g_test_add_func ("/victim-selection/moved-elsewhere", test_moved_elsewhere);
  return g_test_run ();
}
