/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Gaps in the samples of a trace of three seconds, and what was not to be had. */
#include <string.h>

#include "ms-resource-coverage.h"
#include "resource-builder.h"
#include "trace-fixture.h"

#define MS(n) ((gint64) (n) *1000000)

static void
build_trace (TraceFixture *self)
{
  trace_builder_start (self->builder, 0, 0, -1);
  trace_builder_alloc (self->builder, 0, 1000, 0x10000, 64, 0);
  trace_builder_free_block (self->builder, 0, (guint64) MS (3000), 0x10000);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
}

/* A tick each 0.1 s from 0.1 s to 2.2 s, some of them up to 40 ms late; none at 1.0, 1.1 and 1.2, none at 1.8.
 * I/O may not be read; of two threads one is never read. */
static void
write_samples (TraceFixture *self)
{
  g_autoptr (ResourceBuilder) b = resource_builder_new (self->folder, MS (100));

  for (guint tick = 1; tick <= 22; tick++)
    {
      gint64 time_ns = MS (100 * tick) + (tick % 3 == 0 ? MS (40) : 0);

      if ((tick >= 10 && tick <= 12) || tick == 18)
        continue;
      resource_builder_set (b, TRK_PROCESS_CPU_NS, 1000 * tick);
      resource_builder_set_absent (b, TRK_PROCESS_READ_CALLS, 3);
      resource_builder_sample (b, TRK_RESOURCE_PROCESS, 1000, "program", time_ns);
      resource_builder_set (b, TRK_THREAD_CPU_NS, 1000 * tick);
      resource_builder_sample (b, TRK_RESOURCE_THREAD, 1000, "main", time_ns);
      if (tick == 5)
        {
          resource_builder_set_absent (b, TRK_THREAD_CPU_NS, 4);
          resource_builder_sample (b, TRK_RESOURCE_THREAD, 1001, "brief", time_ns);
        }
    }
}

static const MsCollector *
find_collector (const MsResourceCoverage *coverage, const char *name)
{
  for (guint i = 0; i < coverage->collectors->len; i++)
    {
      const MsCollector *collector = &g_array_index (coverage->collectors, MsCollector, i);

      if (strcmp (collector->name, name) == 0)
        return collector;
    }
  g_assert_not_reached ();
}

static MsResourceCoverage *
cover (MsTrace *trace, MsFilter *filter)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsView) view = ms_view_new (trace, filter, NULL, &error);

  g_assert_no_error (error);
  return ms_resource_coverage_new (view);
}

static void
test_gaps (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsResourceCoverage) coverage = NULL;

  build_trace (self);
  write_samples (self);
  trace = trace_fixture_load (self);
  coverage = cover (trace, NULL);
  g_assert_true (coverage->has_samples);
  g_assert_cmpint (coverage->interval_ns, ==, MS (100));
  g_assert_cmpuint (coverage->n_samples, ==, 18);

  /* The longest is at the end, where nobody sampled any more: 2.2 s to 3.0 s. */
  g_assert_cmpuint (coverage->gaps->len, ==, 3);
  const MsSampleGap *gaps = &g_array_index (coverage->gaps, MsSampleGap, 0);
  g_assert_cmpint (gaps[0].start_ns, ==, MS (2200));
  g_assert_cmpint (gaps[0].end_ns, >=, MS (3000));
  g_assert_cmpuint (gaps[0].n_missed, ==, 7);
  g_assert_cmpint (gaps[1].start_ns, ==, MS (940));
  g_assert_cmpint (gaps[1].end_ns, ==, MS (1300));
  g_assert_cmpuint (gaps[1].n_missed, ==, 3);
  g_assert_cmpint (gaps[2].start_ns, ==, MS (1700));
  g_assert_cmpint (gaps[2].end_ns, ==, MS (1900));
  g_assert_cmpuint (gaps[2].n_missed, ==, 1);
  g_assert_cmpuint (coverage->n_missed, ==, 11);
}

static void
test_collectors (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsResourceCoverage) coverage = NULL;
  const MsCollector *collector;

  build_trace (self);
  write_samples (self);
  trace = trace_fixture_load (self);
  coverage = cover (trace, NULL);

  collector = find_collector (coverage, "process_cpu");
  g_assert_cmpuint (collector->n_measured, ==, 1);
  g_assert_null (collector->reason);
  collector = find_collector (coverage, "process_io");
  g_assert_cmpuint (collector->n_sources, ==, 1);
  g_assert_cmpuint (collector->n_measured, ==, 0);
  g_assert_cmpstr (collector->reason, ==, "reading it is not permitted");
  collector = find_collector (coverage, "thread_cpu");
  g_assert_cmpuint (collector->n_sources, ==, 2);
  g_assert_cmpuint (collector->n_measured, ==, 1);
  g_assert_cmpstr (collector->reason, ==, "it had ended before it was read");
  collector = find_collector (coverage, "gpu_nvidia");
  g_assert_cmpuint (collector->n_sources, ==, 0);
  g_assert_nonnull (collector->reason);
}

/* Of a stretch its own gaps. */
static void
test_range (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsResourceCoverage) coverage = NULL;
  g_autoptr (MsFilter) filter = ms_filter_with_range (NULL, MS (100), MS (900));

  build_trace (self);
  write_samples (self);
  trace = ms_trace_load_full (self->folder, MS_LOAD_HISTORY, NULL, NULL, NULL, NULL);
  g_assert_nonnull (trace);
  coverage = cover (trace, filter);
  g_assert_cmpuint (coverage->n_samples, ==, 8);
  g_assert_cmpuint (coverage->gaps->len, ==, 0);
  g_assert_cmpuint (coverage->n_missed, ==, 0);
}

static void
test_no_samples (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsResourceCoverage) coverage = NULL;

  build_trace (self);
  trace = trace_fixture_load (self);
  coverage = cover (trace, NULL);
  g_assert_false (coverage->has_samples);
  g_assert_cmpuint (coverage->gaps->len, ==, 0);
  g_assert_cmpstr (find_collector (coverage, "process_cpu")->reason, ==,
                   "the recording has no resource samples");
}

#define ADD(path, func) \
  g_test_add (path, TraceFixture, NULL, trace_fixture_set_up, func, trace_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/resource-coverage/gaps", test_gaps);
  ADD ("/resource-coverage/collectors", test_collectors);
  ADD ("/resource-coverage/range", test_range);
  ADD ("/resource-coverage/no-samples", test_no_samples);
  return g_test_run ();
}
