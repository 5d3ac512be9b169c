/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Samples joined with a trace of three seconds in which every figure is known. */
#include <math.h>

#include "ms-bottlenecks.h"
#include "ms-memory-split.h"
#include "ms-resource-join.h"
#include "ms-roles.h"
#include "ms-sample-points.h"
#include "ms-scores.h"
#include "resource-builder.h"
#include "trace-fixture.h"
#include "trk-exit-figures.h"

#define MS(n) ((gint64) (n) *1000000)
#define EPSILON 1e-6

/*   0 main    alive all the time; 10 ms of processor time and 2 major faults a tick, 20 000 bytes allocated
 *             in every second tick, in which it also computes 10 ms more
 *   1 burner  0.5 s to 2.5 s: 40 ms a tick, waits 10 ms a tick; at its exit 820 ms
 *   2 brief   1.02 s to 1.05 s, between two samples, with 9 ms
 *   3 reader  from 2.0 s on: 300 reads of 1 000 bytes and 200 writes of 10 bytes a tick
 *
 * A tick is 100 ms. */
static void
build_trace (TraceFixture *self)
{
  TraceBuilder *b = self->builder;

  trace_builder_start (b, 0, 0, -1);
  for (guint tick = 0; tick < 30; tick += 2)
    trace_builder_alloc (b, 0, (guint64) MS (100 * tick + 50), 0x10000 + 0x10000 * tick, 20000, 0);
  trace_builder_start (b, 1, (guint64) MS (500), 0);
  trace_builder_start (b, 2, (guint64) MS (1020), 0);
  trace_builder_exit (b, 2, (guint64) MS (1050), (guint64) MS (9));
  trace_builder_start (b, 3, (guint64) MS (2000), 0);
  trace_builder_exit (b, 1, (guint64) MS (2500), (guint64) MS (820));
  trace_builder_free_block (b, 0, (guint64) MS (3000), 0x10000);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
}

static void
sample_threads (ResourceBuilder *b, guint tick, gint64 time_ns)
{
  resource_builder_set (b, TRK_THREAD_CPU_NS, (guint64) MS (10 * tick + 10 * ((tick + 1) / 2)));
  resource_builder_set (b, TRK_THREAD_MAJOR_FAULTS, 2 * tick);
  resource_builder_set (b, TRK_THREAD_RUN_QUEUE_WAIT_NS, 0);
  resource_builder_set (b, TRK_THREAD_INVOLUNTARY_SWITCHES, 3 * tick);
  resource_builder_set (b, TRK_THREAD_READ_CALLS, 0);
  resource_builder_set (b, TRK_THREAD_WRITE_CALLS, 0);
  resource_builder_sample (b, TRK_RESOURCE_THREAD, 1000, "main", time_ns);
  if (tick > 5 && tick < 25)
    {
      resource_builder_set (b, TRK_THREAD_CPU_NS, (guint64) MS (40 * (tick - 5)));
      resource_builder_set (b, TRK_THREAD_RUN_QUEUE_WAIT_NS, (guint64) MS (10 * (tick - 5)));
      resource_builder_set (b, TRK_THREAD_VOLUNTARY_SWITCHES, tick - 5);
      resource_builder_set (b, TRK_THREAD_INVOLUNTARY_SWITCHES, 2 * (tick - 5));
      resource_builder_set_absent (b, TRK_THREAD_READ_CALLS, 3);
      resource_builder_sample (b, TRK_RESOURCE_THREAD, 1001, "burner", time_ns);
    }
  if (tick > 20)
    {
      resource_builder_set (b, TRK_THREAD_CPU_NS, (guint64) MS (tick - 20));
      resource_builder_set (b, TRK_THREAD_READ_CALLS, 300 * (tick - 20));
      resource_builder_set (b, TRK_THREAD_WRITE_CALLS, 200 * (tick - 20));
      resource_builder_set (b, TRK_THREAD_READ_BYTES, 300000 * (tick - 20));
      resource_builder_set (b, TRK_THREAD_WRITTEN_BYTES, 2000 * (tick - 20));
      resource_builder_set (b, TRK_THREAD_SOCKET_SENT_BYTES, 7000 * (tick - 20));
      resource_builder_sample (b, TRK_RESOURCE_THREAD, 1003, "reader", time_ns);
    }
}

static void
sample_machine (ResourceBuilder *b, guint tick, gint64 time_ns)
{
  for (guint id = 0; id < 3; id++)
    {
      resource_builder_set (b, TRK_PROCESSOR_USER_NS, (guint64) MS (20 * tick * (1 + id)));
      resource_builder_set (b, TRK_PROCESSOR_IDLE_NS, (guint64) MS (20 * tick));
      resource_builder_sample (b, TRK_RESOURCE_PROCESSOR, id, "", time_ns);
    }
  resource_builder_set (b, TRK_LOAD_1_MIN_HUNDREDTHS, 100 + tick);
  resource_builder_sample (b, TRK_RESOURCE_LOAD, 0, "", time_ns);
  resource_builder_set (b, TRK_MEMORY_TOTAL_BYTES, 8000);
  resource_builder_set (b, TRK_MEMORY_AVAILABLE_BYTES, 4000 - 10 * tick);
  resource_builder_sample (b, TRK_RESOURCE_MEMORY, 0, "", time_ns);
  resource_builder_set (b, TRK_PRESSURE_SOME_NS, (guint64) MS (25 * tick));
  resource_builder_sample (b, TRK_RESOURCE_PRESSURE, TRK_RESOURCE_PRESSURE_MEMORY, "", time_ns);
  for (guint disk = 0; disk < 2; disk++)
    {
      resource_builder_set (b, TRK_DISK_BUSY_NS, (guint64) MS (50 * tick));
      resource_builder_set (b, TRK_DISK_READ_BYTES, 100 * tick);
      resource_builder_set (b, TRK_DISK_WRITTEN_BYTES, 0);
      resource_builder_set (b, TRK_DISK_IS_PHYSICAL, disk);
      resource_builder_sample (b, TRK_RESOURCE_DISK, 0, disk > 0 ? "sda" : "dm-0", time_ns);
    }
  for (guint i = 0; i < 2; i++)
    {
      resource_builder_set (b, TRK_INTERFACE_RECEIVED_BYTES, 1000 * tick);
      resource_builder_set (b, TRK_INTERFACE_SENT_BYTES, 10 * tick);
      resource_builder_set (b, TRK_INTERFACE_IS_LOOPBACK, i);
      resource_builder_sample (b, TRK_RESOURCE_INTERFACE, 0, i > 0 ? "lo" : "eth0", time_ns);
    }
  resource_builder_set (b, TRK_GPU_BUSY_PERCENT, tick % 2 > 0 ? 80 : 40);
  resource_builder_set (b, TRK_GPU_MEMORY_USED_BYTES, 100 * tick);
  resource_builder_set (b, TRK_GPU_MEMORY_TOTAL_BYTES, 4000);
  resource_builder_sample (b, TRK_RESOURCE_GPU, 0, "A GPU", time_ns);
}

static void
build_samples (TraceFixture *self)
{
  g_autoptr (ResourceBuilder) b = resource_builder_new (self->folder, MS (100));

  for (guint tick = 1; tick <= 30; tick++)
    {
      gint64 time_ns = MS (100 * tick);

      sample_threads (b, tick, time_ns);
      sample_machine (b, tick, time_ns);
      resource_builder_set (b, TRK_PROCESS_CPU_NS, (guint64) MS (60 * tick));
      resource_builder_set (b, TRK_PROCESS_MAJOR_FAULTS, 2 * tick);
      resource_builder_set (b, TRK_PROCESS_RESIDENT_BYTES, tick == 7 ? 900000 : 500000 + tick);
      resource_builder_set (b, TRK_PROCESS_ANON_BYTES, 400000);
      resource_builder_set (b, TRK_PROCESS_READ_CALLS, 300 * (tick > 20 ? tick - 20 : 0));
      resource_builder_set (b, TRK_PROCESS_WRITE_CALLS, 7 + 200 * (tick > 20 ? tick - 20 : 0));
      resource_builder_sample (b, TRK_RESOURCE_PROCESS, 1000, "program", time_ns);
      if (tick % 10 == 0)
        {
          resource_builder_set (b, TRK_SOCKET_SENT_BYTES, 1000000 * tick / 10);
          resource_builder_set (b, TRK_SOCKET_RECEIVED_BYTES, 5);
          resource_builder_set (b, TRK_SOCKET_RETRANSMITS, tick / 10);
          resource_builder_sample (b, TRK_RESOURCE_SOCKET, 77, "", time_ns);
          resource_builder_end_block (b);
        }
    }
}

static MsView *
load (TraceFixture *self, gint64 from_ns, gint64 to_ns)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsFilter) filter =
      from_ns != to_ns ? ms_filter_with_range (NULL, from_ns, to_ns) : NULL;
  g_autoptr (GError) error = NULL;
  MsView *view;

  trace = ms_trace_load_full (self->folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  view = ms_view_new (trace, filter, NULL, &error);
  g_assert_no_error (error);
  return view;
}

#define assert_value(figure, expected) \
  G_STMT_START \
  { \
    MsMeasured figure_ = (figure); \
    if (!figure_.known) \
      g_error ("%s: %s", #figure, figure_.reason); \
    g_assert_cmpfloat_with_epsilon (figure_.value, (expected), EPSILON); \
  } \
  G_STMT_END

#define assert_reason(figure, words) \
  G_STMT_START \
  { \
    g_assert_false ((figure).known); \
    g_assert_nonnull (strstr ((figure).reason, words)); \
  } \
  G_STMT_END

static void
test_threads (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsView) view = NULL;
  g_autoptr (MsResourceJoin) join = NULL;
  const MsThreadResources *t;

  build_trace (self);
  build_samples (self);
  view = load (self, 0, 0);
  join = ms_resource_join_new (view);
  g_assert_true (join->has_samples);
  g_assert_cmpuint (join->n_threads, ==, 4);
  t = join->threads;
  assert_value (t[0].cpu_ns, 450e6);
  assert_value (t[0].cpu_percent, 15);
  assert_value (t[0].cpu_percent_peak, 20);
  assert_value (t[0].major_faults, 60);
  assert_value (t[0].io_operations, 0);
  assert_value (t[0].known_until_ns, 3e9);
  /* To its own reading at its end: the other counters to the last sample. */
  assert_value (t[1].cpu_ns, 820e6);
  assert_value (t[1].cpu_percent, 41);
  assert_value (t[1].cpu_percent_peak, 60);
  assert_value (t[1].run_queue_wait_ns, 190e6);
  assert_value (t[1].voluntary_switches, 19);
  assert_value (t[1].involuntary_switches, 38);
  assert_value (t[1].known_until_ns, 2.4e9);
  assert_reason (t[1].io_operations, "not permitted");
  assert_reason (t[1].io_operations_per_second, "not permitted");
  assert_reason (t[1].minor_faults, "no sample");
  assert_value (t[2].cpu_ns, 9e6);
  assert_value (t[2].cpu_percent, 30);
  assert_reason (t[2].cpu_percent_peak, "between two samples");
  assert_reason (t[2].run_queue_wait_ns, "between two samples");
  assert_reason (t[2].known_until_ns, "between two samples");
  assert_value (t[3].io_operations, 5000);
  assert_value (t[3].io_operations_per_second, 5000); /* in the second of which that is known */
  ;
  assert_value (t[3].read_bytes, 3e6);
  assert_value (t[3].written_bytes, 20000);
  assert_value (t[3].cpu_percent, 1);
  assert_value (t[3].socket_sent_bytes, 70000); /* it did not end: as it was sampled */
  assert_reason (t[3].socket_received_bytes, "has not ended");
}

static void
test_process (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsView) view = NULL;
  g_autoptr (MsResourceJoin) join = NULL;
  const MsProcessResources *p;
  MsMemorySplit split;

  build_trace (self);
  build_samples (self);
  view = load (self, 0, 0);
  join = ms_resource_join_new (view);
  p = &join->process;
  assert_value (p->cpu_ns, 1800e6);
  assert_value (p->cpu_percent, 60);
  assert_value (p->cpu_percent_peak, 60);
  assert_value (p->available_cores, 2);
  assert_value (p->run_queue_wait_ns, 190e6);
  assert_value (p->involuntary_switches, 90 + 38);
  assert_value (p->involuntary_switches_per_second, 128 / 3.0);
  assert_value (p->major_faults_per_second, 20);
  assert_value (p->io_operations, 5007);
  assert_value (p->resident_bytes, 900000);
  assert_value (p->resident_anonymous_bytes, 400000);
  assert_reason (p->resident_file_bytes, "no sample");
  assert_value (p->connections, 1);
  assert_value (p->tcp_sent_bytes, 3e6);
  assert_value (p->tcp_received_bytes, 5);
  assert_value (p->tcp_retransmits, 3);
  assert_reason (p->memory_used_bytes, "no sample");
  ms_memory_split_init (&split, view, &join->process_at_end);
  assert_value (split.resident_bytes, 500030);
}

static void
test_system (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsView) view = NULL;
  g_autoptr (MsResourceJoin) join = NULL;
  const MsSystemResources *s;

  build_trace (self);
  build_samples (self);
  view = load (self, 0, 0);
  join = ms_resource_join_new (view);
  s = &join->system;
  assert_value (s->cpu_percent, 50);
  assert_value (s->load_1_min, 1.3);
  assert_value (s->memory_pressure_percent, 25);
  assert_reason (s->cpu_pressure_percent, "no sample");
  assert_value (s->disk_busy_percent, 50);
  assert_value (s->disk_read_bytes_per_second,
                1000); /* of the disk, and not again of what lies on it */
  assert_value (s->network_received_bytes_per_second, 10000);
  assert_value (s->network_sent_bytes_per_second, 100);
  assert_value (s->memory_total_bytes, 8000);
  assert_value (s->memory_available_bytes, 3700);
  assert_value (s->gpu_busy_percent, 60);
  assert_value (s->gpu_memory_used_bytes, 3000);
  assert_value (s->gpu_memory_total_bytes, 4000);
  g_assert_cmpuint (join->processors->len, ==, 2);
  assert_value (g_array_index (join->processors, MsDeviceUse, 0).busy_percent, 200 / 3.0);
  assert_value (g_array_index (join->processors, MsDeviceUse, 1).busy_percent, 75);
  g_assert_cmpuint (join->disks->len, ==, 1);
  g_assert_cmpstr (g_array_index (join->disks, MsDeviceUse, 0).name, ==, "sda");
  g_assert_cmpuint (join->interfaces->len, ==, 1);
  g_assert_cmpuint (join->gpus->len, ==, 1);
}

/* What a thread read of itself as it ended counts for its whole life, whether samples met it, said less or more
 * (they have the recorder's own writes), or did not meet it; for a part of its life samples count. */
static void
test_exit_figures (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsView) view = NULL;
  g_autoptr (MsView) part = NULL;
  g_autoptr (MsResourceJoin) join = NULL;
  g_autoptr (MsResourceJoin) of_part = NULL;
  TrkExitFigures figures = { 0 };
  TraceBuilder *b = self->builder;

  figures.known = 1U << TRK_EXIT_WRITE_CALLS | 1U << TRK_EXIT_READ_CALLS
                  | 1U << TRK_EXIT_INVOLUNTARY_SWITCHES | 1U << TRK_EXIT_SOCKET_SENT_BYTES;
  figures.values[TRK_EXIT_WRITE_CALLS] = 1900;
  figures.values[TRK_EXIT_READ_CALLS] = 3003;
  figures.values[TRK_EXIT_INVOLUNTARY_SWITCHES] = 70;
  figures.values[TRK_EXIT_SOCKET_SENT_BYTES] = 10000000;
  trace_builder_start (b, 0, 0, -1);
  trace_builder_alloc (b, 0, 1, 0x1000, 10, 0);
  trace_builder_start (b, 2, (guint64) MS (1020), 0);
  trace_builder_exit_with (b, 2, (guint64) MS (1050), (guint64) MS (9), &figures);
  trace_builder_start (b, 3, (guint64) MS (2000), 0);
  trace_builder_exit_with (b, 3, (guint64) MS (2990), (guint64) MS (10), &figures);
  trace_builder_free_block (b, 0, (guint64) MS (3000), 0x1000);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
  build_samples (self);
  view = load (self, 0, 0);
  join = ms_resource_join_new (view);
  for (guint i = 1; i < 3; i++) /* by index: threads 2 and 3 */
    {
      assert_value (join->threads[i].io_operations, 4903);
      assert_value (join->threads[i].involuntary_switches, 70);
      assert_value (join->threads[i].socket_sent_bytes, 1e7);
      assert_reason (join->threads[i].socket_received_bytes, "did not count");
    }
  assert_value (join->threads[1].known_until_ns, 1.05e9);
  assert_value (join->threads[2].known_until_ns, 2.99e9);
  assert_value (join->process.socket_sent_bytes, 2e7);
  /* Never less than its threads did, also what they did after the last sample, or between two. */
  assert_value (join->process.io_operations, 2 * 4903);
  /* Thread 1 has no events here, and samples from its beginning on. */
  assert_value (join->process.involuntary_switches, 90 + 38 + 2 * 70);
  assert_reason (join->threads[0].socket_sent_bytes, "has not ended");
  part = load (self, MS (2100), MS (2300));
  of_part = ms_resource_join_new (part);
  assert_value (of_part->threads[2].io_operations, 1000);
  assert_value (of_part->threads[2].socket_sent_bytes, 14000); /* as it was sampled */
  assert_value (of_part->process.socket_sent_bytes, 14000);
  assert_reason (of_part->threads[1].socket_sent_bytes, "whole life");
}

/* Half a tick at both ends: counters rise evenly between two readings. */
static void
test_range (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsView) view = NULL;
  g_autoptr (MsResourceJoin) join = NULL;
  const MsThreadResources *t;

  build_trace (self);
  build_samples (self);
  view = load (self, MS (2050), MS (2450));
  join = ms_resource_join_new (view);
  t = join->threads;
  assert_value (t[1].cpu_ns, 40e6 * 3.5 + 30e6);
  assert_value (t[1].cpu_percent, 42.5);
  assert_value (t[3].io_operations, 2000);
  assert_value (t[3].known_until_ns, 2.45e9);
  assert_reason (t[2].cpu_ns, "this stretch");
  assert_value (join->process.cpu_ns, 240e6);
  assert_value (join->process.cpu_percent, 60);
  assert_value (join->process.resident_bytes, 500024);
  assert_value (join->process.tcp_sent_bytes, 400000);
  assert_value (join->system.load_1_min, 1.24);
}

static void
test_without_samples (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsView) view = NULL;
  g_autoptr (MsView) part = NULL;
  g_autoptr (MsResourceJoin) join = NULL;
  g_autoptr (MsResourceJoin) of_part = NULL;

  build_trace (self);
  view = load (self, 0, 0);
  join = ms_resource_join_new (view);
  g_assert_false (join->has_samples);
  assert_value (join->threads[1].cpu_ns, 820e6);
  assert_value (join->threads[1].cpu_percent, 41);
  assert_reason (join->threads[1].cpu_percent_peak, "no resource samples");
  assert_reason (join->threads[1].io_operations, "no resource samples");
  assert_reason (join->threads[0].cpu_ns, "did not end by itself");
  assert_reason (join->process.cpu_ns, "no resource samples");
  assert_reason (join->process.connections, "no resource samples");
  assert_reason (join->system.cpu_percent, "no resource samples");
  assert_reason (join->system.disk_busy_percent, "no resource samples");
  /* When in its life it computed nobody knows; of what it lived wholly in the range, it is known. */
  part = load (self, MS (1000), MS (2450));
  of_part = ms_resource_join_new (part);
  assert_reason (of_part->threads[1].cpu_ns, "this stretch");
  assert_value (of_part->threads[2].cpu_ns, 9e6);
}

/* Roles, alerts, scores and bottlenecks of what was measured. */
static void
test_verdicts (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsView) view = NULL;
  g_autoptr (MsResourceJoin) join = NULL;
  g_autoptr (MsBottleneckReport) report = NULL;
  g_autoptr (GArray) scores = NULL;
  const MsVerdict *verdict;
  MsTrace *trace;
  MsAnalysisSettings settings;
  static const MsRole roles[] = { MS_ROLE_LIGHTWEIGHT, MS_ROLE_CPU_INTENSIVE, MS_ROLE_CPU_INTENSIVE,
                                  MS_ROLE_IO_INTENSIVE };
  static const MsAlert alerts[] = { MS_ALERT_NORMAL, MS_ALERT_HIGH, MS_ALERT_MEDIUM,
                                    MS_ALERT_NORMAL };

  build_trace (self);
  build_samples (self);
  view = load (self, 0, 0);
  trace = ms_view_get_trace (view);
  join = ms_resource_join_new (view);
  /* By default 9 ms of processor time are too little to be called busy. */
  g_assert_cmpint (ms_role_of_thread (trace, ms_trace_get_thread (trace, 2), &join->threads[2],
                                      NULL),
                   !=, MS_ROLE_CPU_INTENSIVE);
  ms_analysis_settings_init (&settings);
  settings.cpu_seconds = 0;
  for (guint i = 0; i < 4; i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, i);

      g_assert_cmpint (ms_role_of_thread (trace, thread, &join->threads[i], &settings), ==,
                       roles[i]);
      g_assert_cmpint (ms_alert_of_thread (trace, thread, &join->threads[i], &settings), ==,
                       alerts[i]);
    }
  scores = ms_thread_scores_new (view, MS_DOMAIN_HEAP, join->threads, NULL);
  assert_value (g_array_index (scores, MsThreadScores, 1).cpu_efficiency, 100 * 820.0 / 1010);
  assert_reason (g_array_index (scores, MsThreadScores, 2).cpu_efficiency, "between two samples");
  report = ms_bottlenecks_of_process (view, &join->process, &join->system, join->threads, NULL);
  g_assert_cmpuint (report->verdicts->len, ==, 1);
  verdict = g_ptr_array_index (report->verdicts, 0);
  g_assert_cmpint (verdict->kind, ==, MS_BOTTLENECK_MEMORY);
  g_assert_cmpstr (g_array_index (verdict->evidence, MsEvidence, 0).name, ==,
                   "memory_pressure_percent");
  for (guint kind = 0; kind < MS_BOTTLENECK_BALANCED; kind++)
    g_assert_null (report->not_judged[kind]);
}

/* Main allocates in every second tick, and computes twice as much in it: r is 1. */
static void
test_correlation (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsView) view = NULL;
  g_autoptr (GArray) points = NULL;
  MsCorrelation correlation;
  const MsSamplePoint *point;
  const char *reason;

  build_trace (self);
  build_samples (self);
  view = load (self, 0, 0);
  points = ms_sample_points_new (view, ms_trace_get_thread (ms_view_get_trace (view), 0),
                                 MS_DOMAIN_HEAP, NULL, 1000, &reason);
  g_assert_null (reason);
  g_assert_cmpuint (points->len, ==, 30);
  for (guint i = 0; i < points->len; i++)
    {
      point = &g_array_index (points, MsSamplePoint, i);
      g_assert_cmpint (point->time_ns, ==, MS (100 * i + 50));
      g_assert_cmpfloat_with_epsilon (point->cpu_percent, i % 2 > 0 ? 10 : 20, EPSILON);
      g_assert_cmpfloat_with_epsilon (point->bytes_per_second, i % 2 > 0 ? 0 : 200000, EPSILON);
      assert_value (point->io_operations, 0);
    }
  g_assert_true (ms_sample_points_correlate (points, &correlation));
  g_assert_cmpfloat_with_epsilon (correlation.pearson, 1, EPSILON);
  g_assert_cmpfloat_with_epsilon (correlation.slope, 20000, 1e-3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/resource-join/" name, TraceFixture, NULL, trace_fixture_set_up, function, \
              trace_fixture_tear_down)
  ADD ("threads", test_threads);
  ADD ("process", test_process);
  ADD ("system", test_system);
  ADD ("exit-figures", test_exit_figures);
  ADD ("range", test_range);
  ADD ("without-samples", test_without_samples);
  ADD ("verdicts", test_verdicts);
  ADD ("correlation", test_correlation);
  return g_test_run ();
}
