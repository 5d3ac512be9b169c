/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The explicit API, used by programs of their own (tests/victims/victim-api*): each checks every result
 * that it gets; here is checked what its trace says.
 *
 *   test-victim-api PRELOAD TRACKER FOLDER-OF-VICTIMS
 */
#include <glib/gstdio.h>

#include "victim-run.h"

typedef struct {
  const char *program, *name;
  const char *folder; /* where the trace must be, in the working folder */
  guint marks, leaked_marks, n_threads;
} ApiCase;

static const ApiCase api_cases[] = {
  { "api", "presets", NULL, 0, 0, 0 },
  { "api", "errors", "declared", 1, 1, 1 },
  { "api", "resumed", "declared", 3, 1, 1 },
  { "api", "together", "declared", 800, 0, 8 },
  { "api", "cancelled", "declared", 8, 0, 8 },
  { "api", "forked", "declared", 1, 0, 1 },
  { "api", "forked", "declared-by-child", 1, 1, 1 },
  { "api-cxx", "arena", "declared", 200, 4, 4 },
  { "api-weak", "weak", NULL, 0, 0, 0 },
  { "loader", "tracked-plugin", "declared-by-plugin", 0, 0, 1 },
};

static void
check_declared (const char *folder, guint marks, guint leaked_marks, guint n_threads)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (folder, NULL, NULL, NULL, &error);
  const MsTotals *totals;

  g_assert_no_error (error);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_DECLARED);
  g_assert_cmpuint (victim_count_marks (trace, MS_DOMAIN_DECLARED), ==, marks);
  g_assert_cmpuint (totals->leaked_bytes / VICTIM_MARK_BYTES, ==, leaked_marks);
  g_assert_cmpuint (totals->unmatched_frees + ms_trace_get_dropped_events (trace), ==, 0);
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
  if (n_threads > 0)
    {
      g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, n_threads);
      g_assert_cmpint (ms_trace_get_main_domain (trace), ==, MS_DOMAIN_DECLARED);
    }
}

static void
test_api (gconstpointer data)
{
  const ApiCase *self = data;
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);

  g_assert_cmpint (victim_finish (victim_start (self->program, self->name, top, NULL)), ==, 0);
  if (self->folder)
    {
      g_autofree char *folder = g_build_filename (top, self->folder, NULL);
      check_declared (folder, self->marks, self->leaked_marks, self->n_threads);
    }
  victim_remove_tree (top);
}

/* Annotations of a program that is not linked with the tracker: nothing without it, a trace with it. */
static void
test_api_weak (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (top, "declared", NULL);
  g_autofree char *absent = NULL, *present = NULL;

  g_assert_cmpint (victim_finish (victim_start ("api-weak", "weak", top, NULL)), ==, 0);
  absent = victim_read_output (top, "stdout");
  g_assert_cmpstr (absent, ==, "absent\n");
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));

  g_assert_cmpint (victim_finish (
                       victim_start_with ("api-weak", "weak", top, victim_tracker, NULL)),
                   ==, 0);
  present = victim_read_output (top, "stdout");
  g_assert_cmpstr (present, ==, "present\n");
  check_declared (folder, 1, 1, 1);
  victim_remove_tree (top);
}

/* Under the preload the recording's folder counts, and both domains are in it. */
static void
test_api_recorded (void)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *output = g_build_filename (top, "output", NULL);
  g_autofree char *folder = g_build_filename (top, "declared", NULL);
  g_autoptr (GPtrArray) traces = NULL;

  g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
  g_assert_cmpint (victim_finish (victim_start ("api-cxx", "arena", top, output)), ==, 0);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  traces = victim_load_traces (output);
  g_assert_cmpuint (traces->len, ==, 1);
  check_declared (ms_trace_get_folder (traces->pdata[0]), 200, 4, 0);
  g_assert_cmpint (ms_trace_get_main_domain (traces->pdata[0]), ==, MS_DOMAIN_HEAP);
  g_assert_cmpuint (ms_trace_get_totals (traces->pdata[0], MS_DOMAIN_HEAP)->allocations, >, 4);
  victim_remove_tree (top);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);

  for (guint i = 0; i < G_N_ELEMENTS (api_cases); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/api/%s/%s/%s", api_cases[i].program, api_cases[i].name,
                           api_cases[i].folder ? api_cases[i].folder : "untraced");
      g_test_add_data_func (path, &api_cases[i], test_api);
    }
  g_test_add_func ("/api/weak/both", test_api_weak);
  g_test_add_func ("/api/cxx/recorded", test_api_recorded);
  return g_test_run ();
}
