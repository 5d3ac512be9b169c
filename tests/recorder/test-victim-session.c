/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Profiling sessions, used by programs of their own (tests/victims/victim-session*): each checks every result
 * that it gets; here is checked what its folders say, closed by memscope-agent.
 *
 *   test-victim-session PRELOAD TRACKER FOLDER-OF-VICTIMS
 */
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include "ms-manifest.h"
#include "ms-resource-samples.h"
#include "victim-run.h"

/* Long enough for an agent on a busy machine to close a folder. */
#define PATIENCE_US (30 * G_USEC_PER_SEC)

static gboolean
has_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static MsTrace *
load (const char *folder)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load (folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

/* Who is not waited for closes it some time. */
static void
wait_until_closed (const char *folder)
{
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;

  while (has_file (folder, "memscope_pool.bin") && g_get_monotonic_time () < deadline_us)
    g_usleep (10000);
  g_assert_false (has_file (folder, "memscope_pool.bin"));
}

static MsTrace *
check_closed (const char *folder, guint marks)
{
  MsTrace *trace;

  g_assert_false (has_file (folder, "memscope_pool.bin"));
  trace = load (folder);
  g_assert_cmpuint (victim_count_marks (trace, MS_DOMAIN_DECLARED), ==, marks);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 0);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_DECLARED)->unmatched_frees, ==, 0);
  g_assert_cmpint (ms_trace_get_main_domain (trace), ==, MS_DOMAIN_DECLARED);
  return trace;
}

static void
check_sampled (MsTrace *trace)
{
  MsResources *resources = ms_trace_get_resources (trace);

  g_assert_nonnull (resources);
  g_assert_cmpuint (ms_resources_get_n_sources (resources), >, 0);
}

static void
run (const char *program, const char *name, const char *top, int status)
{
  g_assert_cmpint (victim_finish (victim_start (program, name, top, NULL)), ==, status);
}

/* --- cases ------------------------------------------------------------------------------------ */

static void
test_turns (gconstpointer program)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);

  run (program, "turns", top, 0);
  for (guint turn = 0; turn < 4; turn++)
    {
      g_autofree char *name = g_strdup_printf ("turn-%u", turn);
      g_autofree char *folder = g_build_filename (top, name, NULL);
      g_autoptr (MsTrace) trace = check_closed (folder, 10 + turn + 1);

      g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
      g_assert_cmpint (ms_trace_get_exit_status (trace), ==, -1);
      g_assert_true (ms_trace_ends_early (trace));
      g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, 2);
      g_assert_cmpint (ms_trace_get_duration_ns (trace), >, 200000000);
      check_sampled (trace);
    }
  victim_remove_tree (top);
}

/* A session in which nothing was declared. */
static void
test_resources (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (top, "resources", NULL);
  g_autoptr (MsTrace) trace = NULL;

  run ("session", "resources", top, 0);
  trace = load (folder);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, 1);
  g_assert_false (ms_thread_is_tracked (ms_trace_get_thread (trace, 0)));
  check_sampled (trace);
  victim_remove_tree (top);
}

static void
test_errors (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *other = g_build_filename (top, "other", NULL);
  g_autofree char *folder = g_build_filename (top, "errors", NULL);

  run ("session", "errors", top, 0);
  g_assert_false (g_file_test (other, G_FILE_TEST_EXISTS));
  g_assert_false (has_file (folder, "memscope_pool.bin"));
  victim_remove_tree (top);
}

static void
test_interrupted (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);

  run ("session", "interrupted", top, 0);
  victim_remove_tree (top);
}

/* The library alone, as a copy that has no programs beside it. */
static void
test_alone (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *copy = g_build_filename (top, "libmemscope-tracker.so.0", NULL);
  g_autofree char *never = g_build_filename (top, "never", NULL);
  g_autofree char *folder = g_build_filename (top, "alone", NULL);
  g_autofree char *contents = NULL;
  g_autoptr (MsTrace) trace = NULL;
  gsize n_bytes;

  /* Where it was to be installed it is looked for last. */
  if (g_file_test (INSTALLED_AGENT, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("memscope-agent is installed");
      return;
    }
  g_assert_true (g_file_get_contents (victim_tracker, &contents, &n_bytes, NULL));
  g_assert_true (g_file_set_contents (copy, contents, (gssize) n_bytes, NULL));
  g_assert_cmpint (victim_finish (victim_start_with ("session", "alone", top, copy, NULL)), ==, 0);
  g_assert_false (g_file_test (never, G_FILE_TEST_EXISTS));
  g_assert_true (has_file (folder, "memscope_pool.bin"));
  trace = load (folder);
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
  g_assert_true (ms_trace_ends_early (trace));
  g_assert_cmpuint (victim_count_marks (trace, MS_DOMAIN_DECLARED), ==, 10);
  victim_remove_tree (top);
}

/* No event is lost or torn where a session ends under its threads. */
static void
test_threads (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);

  run ("session", "threads", top, 0);
  for (guint turn = 0; turn < 4; turn++)
    {
      g_autofree char *name = g_strdup_printf ("turn-%u", turn);
      g_autofree char *folder = g_build_filename (top, name, NULL);
      g_autoptr (MsTrace) trace = check_closed (folder, 0);
      const MsTotals *totals = ms_trace_get_totals (trace, MS_DOMAIN_DECLARED);

      g_assert_cmpuint (totals->allocations, >, 0);
      /* Each thread has at most the one block that it was about to give back. */
      g_assert_cmpuint (totals->allocations - totals->deallocations, <=, 4);
      g_assert_cmpuint (ms_trace_get_diagnostics (trace)->len, ==, 0);
    }
  victim_remove_tree (top);
}

static void
test_forked (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *parent = g_build_filename (top, "parent", NULL);
  g_autofree char *child = g_build_filename (top, "child", NULL);
  g_autoptr (MsTrace) of_parent = NULL, of_child = NULL;

  run ("session", "forked", top, 0);
  of_parent = check_closed (parent, 1);
  of_child = check_closed (child, 5);
  g_assert_cmpint (ms_trace_get_pid (of_child), !=, ms_trace_get_pid (of_parent));
  victim_remove_tree (top);
}

/* The agent was killed: its folder is not closed, and whole. */
static void
test_orphaned (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *orphaned = g_build_filename (top, "orphaned", NULL);
  g_autofree char *after = g_build_filename (top, "after", NULL);
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsTrace) next = NULL;

  run ("session", "orphaned", top, 0);
  g_assert_true (has_file (orphaned, "memscope_pool.bin"));
  trace = load (orphaned);
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
  g_assert_true (ms_trace_ends_early (trace));
  g_assert_cmpuint (victim_count_marks (trace, MS_DOMAIN_DECLARED), ==, 11);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_DECLARED)->allocations, ==, 200011);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 0);
  next = check_closed (after, 5);
  victim_remove_tree (top);
}

typedef struct {
  const char *name;
  MsState state;
  int status;
} End;

static const End ends[] = { { "left", MS_STATE_EXITED, 7 }, { "killed", MS_STATE_KILLED, 137 } };

static void
test_end (gconstpointer data)
{
  const End *end = data;
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (top, end->name, NULL);
  g_autoptr (MsTrace) trace = NULL;

  run ("session", end->name, top, end->status);
  wait_until_closed (folder);
  trace = check_closed (folder, 10);
  g_assert_cmpint (ms_trace_get_state (trace), ==, end->state);
  g_assert_false (ms_trace_ends_early (trace));
  if (end->state == MS_STATE_EXITED)
    g_assert_cmpint (ms_trace_get_exit_status (trace), ==, end->status);
  check_sampled (trace);
  victim_remove_tree (top);
}

static void
test_exported (gconstpointer program)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (top, "exported", "run_comprehensive.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();

  run (program, "exported", top, 0);
  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  victim_remove_tree (top);
}

static void
test_cxx (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (top, "session", NULL);
  g_autoptr (MsTrace) trace = NULL;

  run ("session-cxx", "pool", top, 0);
  trace = check_closed (folder, 200);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, 5); /* and the one that began it */
  g_assert_true (has_file (folder, "cxx_comprehensive.json"));
  victim_remove_tree (top);
}

/* Under the preload the recording's folder counts; what the program names gets the export alone. */
static void
test_cxx_recorded (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *output = g_build_filename (top, "output", NULL);
  g_autofree char *folder = g_build_filename (top, "session", NULL);
  g_autoptr (GPtrArray) traces = NULL;

  g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
  g_assert_cmpint (victim_finish (victim_start ("session-cxx", "pool", top, output)), ==, 0);
  g_assert_true (has_file (folder, "cxx_comprehensive.json"));
  g_assert_false (has_file (folder, "memscope_trace.json"));
  traces = victim_load_traces (output);
  g_assert_cmpuint (traces->len, ==, 1);
  g_assert_cmpuint (victim_count_marks (traces->pdata[0], MS_DOMAIN_DECLARED), ==, 200);
  g_assert_cmpuint (ms_trace_get_totals (traces->pdata[0], MS_DOMAIN_HEAP)->allocations, >, 4);
  victim_remove_tree (top);
}

int
main (int argc, char **argv)
{
  g_autofree char *asan = NULL;

  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);
  asan = victim_find ("session-asan");

  g_test_add_data_func ("/session/turns", "session", test_turns);
  g_test_add_func ("/session/resources", test_resources);
  g_test_add_func ("/session/errors", test_errors);
  g_test_add_func ("/session/alone", test_alone);
  g_test_add_func ("/session/interrupted", test_interrupted);
  g_test_add_func ("/session/threads", test_threads);
  g_test_add_func ("/session/forked", test_forked);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strdup_printf ("/session/%s", ends[i].name);
      g_test_add_data_func (path, &ends[i], test_end);
    }
  g_test_add_func ("/session/orphaned", test_orphaned);
  g_test_add_data_func ("/session/exported", "session", test_exported);
  if (g_file_test (asan, G_FILE_TEST_EXISTS))
    {
      g_test_add_data_func ("/session/asan/turns", "session-asan", test_turns);
      g_test_add_data_func ("/session/asan/exported", "session-asan", test_exported);
    }
  g_test_add_func ("/session/cxx", test_cxx);
  g_test_add_func ("/session/cxx/recorded", test_cxx_recorded);
  return g_test_run ();
}
