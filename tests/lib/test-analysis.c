/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Roles, alerts, rates and rankings at and around their thresholds. */
#include "ms-rankings.h"
#include "ms-roles.h"
#include "trace-fixture.h"

#define MB 1000000

/* @thread makes @n allocations, of which @peak_bytes are live at once, and is done after a second. */
static void
add_thread (TraceBuilder *b, guint thread, guint n, guint64 peak_bytes)
{
  guint64 base = ((guint64) thread + 1) << 32;

  trace_builder_start (b, thread, 0, -1);
  trace_builder_alloc (b, thread, 10, base, peak_bytes, 0);
  for (guint i = 1; i < n; i++)
    trace_builder_alloc (b, thread, 10 + i, base + 16 * i, 0, 0);
  trace_builder_exit (b, thread, 1000000000, 0);
}

static void
test_roles (TraceFixture *self, gconstpointer data)
{
  static const struct {
    guint n;
    guint64 peak_bytes;
    MsRole role;
    MsAlert alert;
  } cases[] = {
    { 1201, 18 * MB + 1, MS_ROLE_MEMORY_INTENSIVE, MS_ALERT_MEDIUM },
    { 1200, 18 * MB + 1, MS_ROLE_BALANCED, MS_ALERT_MEDIUM },
    { 1201, 18 * MB, MS_ROLE_BALANCED, MS_ALERT_MEDIUM },
    { 1000, 15 * MB, MS_ROLE_BALANCED, MS_ALERT_NORMAL },
    { 999, 15 * MB + 1, MS_ROLE_LIGHTWEIGHT, MS_ALERT_MEDIUM },
    { 1, 20 * MB, MS_ROLE_LIGHTWEIGHT, MS_ALERT_MEDIUM },
    { 2000, 20 * MB + 1, MS_ROLE_MEMORY_INTENSIVE, MS_ALERT_HIGH },
    { 1, 1, MS_ROLE_LIGHTWEIGHT, MS_ALERT_NORMAL },
  };
  g_autoptr (MsTrace) trace = NULL;
  MsThresholds thresholds;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    add_thread (self->builder, i, cases[i].n, cases[i].peak_bytes);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MsThread *thread = ms_trace_find_thread (trace, i);

      g_assert_cmpint (ms_role_of_thread (trace, thread, NULL), ==, cases[i].role);
      g_assert_cmpint (ms_alert_of_thread (trace, thread, NULL), ==, cases[i].alert);
      g_assert_cmpfloat_with_epsilon (ms_thread_allocation_rate (trace, thread),
                                      (double) cases[i].peak_bytes, 1e-6);
    }
  ms_thresholds_init (&thresholds);
  thresholds.balanced_allocations = 1;
  thresholds.alert_high_bytes = 0;
  g_assert_cmpint (ms_role_of_thread (trace, ms_trace_find_thread (trace, 7), &thresholds), ==,
                   MS_ROLE_BALANCED);
  g_assert_cmpint (ms_alert_of_thread (trace, ms_trace_find_thread (trace, 7), &thresholds), ==,
                   MS_ALERT_HIGH);
}

static void
test_role_names (void)
{
  g_assert_cmpstr (ms_role_to_string (MS_ROLE_MEMORY_INTENSIVE), ==, "memory_intensive");
  g_assert_cmpstr (ms_role_to_string (MS_ROLE_CPU_INTENSIVE), ==, "cpu_intensive");
  g_assert_cmpstr (ms_role_to_string (MS_ROLE_IO_INTENSIVE), ==, "io_intensive");
  g_assert_cmpstr (ms_role_to_string (MS_ROLE_BALANCED), ==, "balanced");
  g_assert_cmpstr (ms_role_to_string (MS_ROLE_LIGHTWEIGHT), ==, "lightweight");
  g_assert_cmpstr (ms_alert_to_string (MS_ALERT_HIGH), ==, "high");
  g_assert_cmpstr (ms_alert_to_string (MS_ALERT_MEDIUM), ==, "medium");
  g_assert_cmpstr (ms_alert_to_string (MS_ALERT_NORMAL), ==, "normal");
}

/* The name of each figure is that of the member which it reads. */
static void
test_figures (void)
{
  MsTotals totals = { .allocations = 1,
                      .deallocations = 2,
                      .allocated_bytes = 3,
                      .live_bytes = 4,
                      .peak_bytes = 5,
                      .bytes_at_process_peak = 6,
                      .leaked_allocations = 7,
                      .leaked_bytes = 8,
                      .temporary_allocations = 9 };
  static const char *const names[] = {
    NULL,           "allocations",          "deallocations",         "allocated_bytes",
    "live_bytes",   "peak_bytes",           "bytes_at_process_peak", "leaked_allocations",
    "leaked_bytes", "temporary_allocations"
  };

  for (guint kind = 0; kind < MS_N_FIGURES; kind++)
    g_assert_cmpstr (ms_figure_kind_to_string (kind), ==, names[ms_totals_get (&totals, kind)]);
}

static void
test_rankings (TraceFixture *self, gconstpointer data)
{
  const guint64 frames[][1] = { { 0x1000 }, { 0x2000 }, { 0x3000 } };
  g_autofree guint *threads = NULL, *stacks = NULL, *first = NULL;
  g_autoptr (MsTrace) trace = NULL;
  guint n, depth;

  for (guint i = 0; i < 3; i++)
    {
      guint32 stack = trace_builder_add_stack (self->builder, i, frames[i], 1);

      trace_builder_alloc (self->builder, i, 10, 0x100000 * (i + 1), i == 1 ? 500 : 100, stack);
    }
  trace_builder_foreign_free (self->builder, 3, 20, 0x100000 * 2);
  trace_builder_set_configuration (self->builder, "\"threads\":\"0,1,2\"");
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);

  threads = ms_rank_threads (trace, MS_DOMAIN_HEAP, MS_FIGURE_PEAK_BYTES, TRUE, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (threads[0], ==, 1);
  g_assert_cmpuint (threads[1], ==, 0); /* equal figures: by number */
  g_assert_cmpuint (threads[2], ==, 2);
  g_clear_pointer (&threads, g_free);
  threads = ms_rank_threads (trace, MS_DOMAIN_HEAP, MS_FIGURE_PEAK_BYTES, FALSE, &n);
  g_assert_cmpuint (n, ==, 4);

  stacks = ms_rank_stacks (trace, MS_DOMAIN_HEAP, MS_FIGURE_LEAKED_BYTES, 0, &n);
  g_assert_cmpuint (n, ==, 2); /* the largest was freed */
  first = ms_rank_stacks (trace, MS_DOMAIN_HEAP, MS_FIGURE_PEAK_BYTES, 1, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmphex (ms_trace_get_stack_frames (trace, first[0], &depth, NULL)[0], ==, 0x2000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/analysis/roles", TraceFixture, NULL, trace_fixture_set_up, test_roles,
              trace_fixture_tear_down);
  g_test_add_func ("/analysis/role-names", test_role_names);
  g_test_add_func ("/analysis/figures", test_figures);
  g_test_add ("/analysis/rankings", TraceFixture, NULL, trace_fixture_set_up, test_rankings,
              trace_fixture_tear_down);
  return g_test_run ();
}
