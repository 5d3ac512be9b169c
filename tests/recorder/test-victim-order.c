/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The order of what different threads do to one address: victim-order, under the real preload and with
 * every allocator that is installed.  Each address is given out, freed and given out again by other
 * threads within microseconds, so that one event in the wrong place shows as a leak, as a free of
 * nothing, or as an address that is live and given out again.
 *
 *   test-victim-order PRELOAD TRACKER FOLDER-OF-VICTIMS
 *
 * ORDER_ROUNDS=20 runs each case as often; the figures stand in the log of the test.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "victim-run.h"

typedef struct {
  const char *program, *name;
} Case;

static const Case cases[] = {
  { "order", "rings" },
  { "order", "one-arena" },
  { "order", "hand-over" },
  { "order-jemalloc", "rings" },
  { "order-jemalloc", "hand-over" },
  { "order-mimalloc", "rings" },
  { "order-mimalloc", "hand-over" },
  { "order-tcmalloc", "rings" },
  { "order-tcmalloc", "hand-over" },
};

/* What the workers say of themselves. */
typedef struct {
  guint64 allocations, reallocations, frees;
} Told;

static Told
read_told (const char *folder)
{
  g_autofree char *text = victim_read_output (folder, "stdout");
  Told told = { 0 };
  char *rest;

  told.allocations = g_ascii_strtoull (text, &rest, 10);
  told.reallocations = g_ascii_strtoull (rest, &rest, 10);
  told.frees = g_ascii_strtoull (rest, &rest, 10);
  g_assert_cmpuint (told.frees, >, 0);
  return told;
}

/* An event out of order that was put in its place is worth a line, one that was not is a failure. */
static void
check_diagnostics (MsTrace *trace)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);

  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *diagnostic = diagnostics->pdata[i];

      g_test_message ("%s", diagnostic->message);
      if (diagnostic->level != MS_DIAGNOSTIC_INFO)
        g_test_fail ();
    }
}

static void
check_trace (MsTrace *trace, const Told *told)
{
  const MsTotals *process = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  MsTotals workers = { 0 };

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, i);
      const MsTotals *totals = ms_thread_get_totals (thread, MS_DOMAIN_HEAP);

      if (ms_thread_get_id (thread) == 0)
        continue;
      workers.allocations += totals->allocations;
      workers.reallocations += totals->reallocations;
      workers.deallocations += totals->deallocations;
      workers.leaked_allocations += totals->leaked_allocations;
    }
  g_test_message ("%" G_GUINT64_FORMAT " allocations, %" G_GUINT64_FORMAT
                  " of them by realloc, %" G_GUINT64_FORMAT " leaked, %" G_GUINT64_FORMAT
                  " unmatched frees",
                  workers.allocations, workers.reallocations, workers.leaked_allocations,
                  process->unmatched_frees);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 0);
  g_assert_cmpuint (process->unmatched_frees, ==, 0);
  g_assert_cmpuint (process->prior_frees + process->foreign_frees, ==, 0);
  g_assert_cmpuint (workers.leaked_allocations, ==, 0);
  g_assert_cmpuint (workers.reallocations, ==, told->reallocations);
  g_assert_cmpuint (workers.allocations, ==, told->allocations);
  g_assert_cmpuint (workers.deallocations, ==, told->frees + told->reallocations);
}

static void
test_order (gconstpointer data)
{
  const Case *self = data;
  g_autofree char *path = victim_find (self->program);
  const char *rounds = g_getenv ("ORDER_ROUNDS");
  guint n_rounds = rounds ? (guint) g_ascii_strtoull (rounds, NULL, 10) : 1;

  if (!g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("the allocator is not installed");
      return;
    }
  for (guint i = 0; i < n_rounds; i++)
    {
      g_autofree char *top = g_dir_make_tmp ("memscope-order-XXXXXX", NULL);
      g_autofree char *output = g_build_filename (top, "output", NULL);
      g_autoptr (GPtrArray) traces = NULL;
      Told told;

      g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
      g_assert_cmpint (victim_finish (victim_start (self->program, self->name, top, output)), ==,
                       0);
      told = read_told (top);
      traces = victim_load_traces (output);
      victim_remove_tree (top);
      g_assert_cmpuint (traces->len, ==, 1);
      check_diagnostics (traces->pdata[0]);
      check_trace (traces->pdata[0], &told);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions (); /* all that is wrong, of all the cases */
  victim_run_init (argc, argv);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/order/", cases[i].program, "/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_order);
    }
  return g_test_run ();
}
