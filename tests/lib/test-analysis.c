/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Roles, alerts, rates and rankings at and around their settings. */
#include <math.h>
#include <string.h>

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
  MsAnalysisSettings settings;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    add_thread (self->builder, i, cases[i].n, cases[i].peak_bytes);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MsThread *thread = ms_trace_find_thread (trace, i);

      g_assert_cmpint (ms_role_of_thread (trace, thread, NULL, NULL), ==, cases[i].role);
      g_assert_cmpint (ms_alert_of_thread (trace, thread, NULL, NULL), ==, cases[i].alert);
      g_assert_cmpfloat_with_epsilon (ms_thread_allocation_rate (trace, thread),
                                      (double) cases[i].peak_bytes, 1e-6);
    }
  ms_analysis_settings_init (&settings);
  settings.balanced_allocations = 1;
  settings.alert_high_bytes = 0;
  g_assert_cmpint (ms_role_of_thread (trace, ms_trace_find_thread (trace, 7), NULL, &settings), ==,
                   MS_ROLE_BALANCED);
  g_assert_cmpint (ms_alert_of_thread (trace, ms_trace_find_thread (trace, 7), NULL, &settings), ==,
                   MS_ALERT_HIGH);
}

#define N \
  { \
    FALSE, 0, "" \
  }
#define IO(calls, rate) \
  { TRUE, (calls), NULL }, \
  { \
    TRUE, (rate), NULL \
  }

/* What was measured beside memory, at and around each limit; what was not never counts. */
static void
test_resources (void)
{
  static const struct {
    MsMeasured cpu, io, io_rate;
    guint64 peak_bytes, n;
    MsRole role;
    MsAlert alert;
  } cases[] = {
    { { TRUE, 25, NULL }, N, N, 0, 0, MS_ROLE_LIGHTWEIGHT, MS_ALERT_MEDIUM },
    { { TRUE, 25.1, NULL }, N, N, 0, 0, MS_ROLE_CPU_INTENSIVE, MS_ALERT_MEDIUM },
    { { FALSE, 99, "" }, N, { FALSE, 999, "" }, 0, 1000, MS_ROLE_BALANCED, MS_ALERT_NORMAL },
    { { TRUE, 30, NULL }, IO (9999, 999), 0, 0, MS_ROLE_CPU_INTENSIVE, MS_ALERT_MEDIUM },
    { { TRUE, 30.1, NULL }, IO (0, 0), 0, 0, MS_ROLE_CPU_INTENSIVE, MS_ALERT_HIGH },
    { { TRUE, 20, NULL }, IO (9999, 200), 0, 1000, MS_ROLE_BALANCED, MS_ALERT_NORMAL },
    { { TRUE, 20, NULL }, IO (1999, 5000), 0, 1000, MS_ROLE_BALANCED, MS_ALERT_NORMAL },
    { { TRUE, 0, NULL }, IO (2000, 200.1), 0, 1000, MS_ROLE_IO_INTENSIVE, MS_ALERT_NORMAL },
    /* A server that waits: ten times a second it looks at four files, for a day. */
    { { TRUE, 1, NULL }, IO (3456000, 40), 0, 1000, MS_ROLE_BALANCED, MS_ALERT_NORMAL },
    { { TRUE, 99, NULL }, IO (2001, 999), 19 * MB, 1201, MS_ROLE_MEMORY_INTENSIVE, MS_ALERT_HIGH },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MsTotals totals = { .peak_bytes = cases[i].peak_bytes, .allocations = cases[i].n };
      MsThreadResources resources;

      ms_thread_resources_init (&resources, "not sampled");
      resources.cpu_percent = cases[i].cpu;
      resources.io_operations = cases[i].io;
      resources.io_operations_per_second = cases[i].io_rate;
      g_assert_cmpint (ms_role_get (&totals, &resources, NULL), ==, cases[i].role);
      g_assert_cmpint (ms_alert_get (&totals, &resources, NULL), ==, cases[i].alert);
    }
}

/* A script that computes all of its third of a second is nothing to look at; one of half a second may be. */
static void
test_short_work (void)
{
  MsTotals totals = { .peak_bytes = 1000, .allocations = 10 };
  MsThreadResources resources;

  ms_thread_resources_init (&resources, "not sampled");
  resources.cpu_percent = ms_measured (99);
  resources.cpu_ns = ms_measured (0.499e9);
  g_assert_cmpint (ms_role_get (&totals, &resources, NULL), ==, MS_ROLE_LIGHTWEIGHT);
  g_assert_cmpint (ms_alert_get (&totals, &resources, NULL), ==, MS_ALERT_NORMAL);
  resources.cpu_ns = ms_measured (0.5e9);
  g_assert_cmpint (ms_role_get (&totals, &resources, NULL), ==, MS_ROLE_CPU_INTENSIVE);
  g_assert_cmpint (ms_alert_get (&totals, &resources, NULL), ==, MS_ALERT_HIGH);
}

/* A trace knows the processor time of threads that ended, and says why it knows no more. */
static void
test_resources_of_trace (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  MsThreadResources ended, cut;

  trace_builder_start (self->builder, 0, 0, -1);
  trace_builder_alloc (self->builder, 0, 10, 0x1000, 1, 0);
  trace_builder_start (self->builder, 1, 1000, 0);
  trace_builder_alloc (self->builder, 1, 2000, 0x2000, 1, 0);
  trace_builder_exit (self->builder, 1, 5000, 1000);
  trace_builder_finish (self->builder, TRACE_BUILDER_KILLED);
  trace = trace_fixture_load (self);

  ms_thread_resources_init_from_trace (&ended, trace, ms_trace_find_thread (trace, 1));
  g_assert_true (ended.cpu_ns.known && ended.cpu_percent.known);
  g_assert_cmpfloat (ended.cpu_ns.value, ==, 1000);
  g_assert_cmpfloat (ended.cpu_percent.value, ==, 25);
  g_assert_false (ended.run_queue_wait_ns.known);
  g_assert_nonnull (strstr (ended.run_queue_wait_ns.reason, "no resource samples"));

  ms_thread_resources_init_from_trace (&cut, trace, ms_trace_find_thread (trace, 0));
  g_assert_false (cut.cpu_ns.known || cut.cpu_percent.known);
  g_assert_nonnull (strstr (cut.cpu_percent.reason, "did not end by itself"));
}

static void
test_settings (void)
{
  MsAnalysisSettings settings;
  guint n = 0;
  const MsAnalysisSetting *list = ms_analysis_settings_list (&n);
  double value;

  ms_analysis_settings_init (&settings);
  g_assert_null (ms_analysis_settings_check (&settings));
  g_assert_cmpfloat (settings.memory_peak_bytes, ==, 18 * MB);
  g_assert_cmpfloat (settings.alert_medium_cpu_percent, ==, 20);
  for (guint i = 0; i < n; i++)
    {
      const double outside[] = { list[i].minimum - 1, list[i].maximum * 2, NAN, INFINITY };

      for (guint k = 0; k < G_N_ELEMENTS (outside); k++)
        {
          g_autofree char *problem = NULL;

          g_assert_true (ms_analysis_settings_set (&settings, list[i].name, outside[k]));
          problem = ms_analysis_settings_check (&settings);
          g_assert_nonnull (problem);
          g_assert_nonnull (strstr (problem, list[i].name));
        }
      g_assert_true (ms_analysis_settings_set (&settings, list[i].name, list[i].initial));
      g_assert_true (ms_analysis_settings_get (&settings, list[i].name, &value));
      g_assert_cmpfloat (value, ==, list[i].initial);
    }
  g_assert_null (ms_analysis_settings_check (&settings));
  g_assert_false (ms_analysis_settings_set (&settings, "no_such_setting", 1));
  g_assert_false (ms_analysis_settings_get (&settings, "no_such_setting", &value));
}

/* Members that must agree with each other. */
static void
test_settings_together (void)
{
  static const struct {
    const char *name;
    double value;
    const char *words;
  } cases[] = {
    { "alert_medium_bytes", 20 * MB + 1, "alert_medium_bytes must not be above" },
    { "alert_high_cpu_percent", 19, "alert_medium_cpu_percent must not be above" },
  };
  MsAnalysisSettings settings;
  g_autofree char *weights = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *problem = NULL;

      ms_analysis_settings_init (&settings);
      ms_analysis_settings_set (&settings, cases[i].name, cases[i].value);
      problem = ms_analysis_settings_check (&settings);
      g_assert_nonnull (problem);
      g_assert_nonnull (strstr (problem, cases[i].words));
    }
  ms_analysis_settings_init (&settings);
  settings.score_memory_weight = settings.score_return_weight = settings.score_cpu_weight = 0;
  weights = ms_analysis_settings_check (&settings);
  g_assert_nonnull (weights);
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
  g_test_add_func ("/analysis/resources", test_resources);
  g_test_add_func ("/analysis/short-work", test_short_work);
  g_test_add ("/analysis/resources-of-trace", TraceFixture, NULL, trace_fixture_set_up,
              test_resources_of_trace, trace_fixture_tear_down);
  g_test_add_func ("/analysis/settings", test_settings);
  g_test_add_func ("/analysis/settings-together", test_settings_together);
  g_test_add_func ("/analysis/role-names", test_role_names);
  g_test_add_func ("/analysis/figures", test_figures);
  g_test_add ("/analysis/rankings", TraceFixture, NULL, trace_fixture_set_up, test_rankings,
              trace_fixture_tear_down);
  return g_test_run ();
}
