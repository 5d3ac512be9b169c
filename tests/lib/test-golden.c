/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * test-golden FOLDER: the trace that format 1.0 wrote once and that every later version must read.
 *
 * Builder and reader share their encoders, so that a change in both would go unnoticed; these bytes do
 * not change.  Thread 0 allocates 100 blocks of 24…123 bytes and frees 64 at once, thread 1 the other
 * 36; thread 1 allocates 1 000 bytes and makes them 2 000; 77 bytes are declared.
 */
#include "ms-trace.h"

static const char *folder;

static void
test_golden (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (folder, NULL, NULL, NULL, &error);
  const MsTotals *totals;
  const guint64 *frames;
  guint depth;

  g_assert_no_error (error);
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
  g_assert_cmpint (ms_trace_get_duration_ns (trace), ==, 4400);
  g_assert_cmpuint (ms_trace_get_n_events (trace), ==, 204);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 3);

  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->allocations, ==, 102);
  g_assert_cmpuint (totals->deallocations, ==, 101);
  g_assert_cmpuint (totals->reallocations, ==, 1);
  g_assert_cmpuint (totals->allocated_bytes, ==, 7350 + 3000);
  g_assert_cmpuint (totals->peak_bytes, ==, 2000);
  g_assert_cmpint (totals->peak_time_ns, ==, 4150);
  g_assert_cmpuint (totals->leaked_bytes, ==, 2000);
  g_assert_cmpuint (totals->temporary_allocations, ==, 65);
  g_assert_cmpuint (totals->foreign_frees, ==, 1);
  g_assert_cmpuint (totals->unmatched_frees, ==, 0);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_DECLARED)->live_bytes, ==, 77);

  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, 2);
  g_assert_cmpstr (ms_thread_get_name (ms_trace_get_thread (trace, 0)), ==, "main");
  g_assert_cmpstr (ms_thread_get_name (ms_trace_get_thread (trace, 1)), ==, "worker");
  g_assert_cmpint (ms_thread_get_cpu_ns (ms_trace_get_thread (trace, 1)), ==, 555);
  totals = ms_thread_get_totals (ms_trace_get_thread (trace, 1), MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->deallocations, ==, 37);

  g_assert_cmpuint (ms_trace_get_n_stacks (trace), ==, 2);
  frames = ms_trace_get_stack_frames (trace, 1, &depth, NULL);
  g_assert_cmpuint (depth, ==, 2);
  g_assert_cmphex (frames[0], ==, 0x501010);
  g_assert_cmphex (frames[1], ==, 0x402020);
  g_assert_cmpstr (ms_trace_get_module (trace, 0)->build_id, ==, "12ab");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  folder = argv[1];
  g_test_add_func ("/golden/1.0", test_golden);
  return g_test_run ();
}
