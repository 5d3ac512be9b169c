/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Series of samples, from traces of three seconds in which every figure is known. */
#include <math.h>

#include "ms-resource-series.h"
#include "resource-builder.h"
#include "trace-fixture.h"

#define MS(n) ((gint64) (n) *1000000)
#define EPSILON 1e-9

/*   0 main     lives on
 *   1 burner   0.10 s to 2.75 s: half a core until 2.7 s, a whole one to its end
 *   2 brief    0.52 s to 0.54 s, between two samples, with 10 ms of processor time
 *   3 brief    killed with the process at 0.56 s … and never sampled
 *   4 reader   2.195 s to 2.403 s: sampled at 2.2, 2.3 and 2.4 s; with 5 calls and 10 ms before the first, 5 and 11 ms
 *              to the second, and 9 ms that the kernel adds up only after the last
 *   5 quick    2.595 s to 2.605 s: sampled at 2.6 s
 */
static void
build_trace (TraceFixture *self)
{
  TraceBuilder *b = self->builder;

  trace_builder_start (b, 0, 0, -1);
  trace_builder_alloc (b, 0, 1, 0x1000, 1000, 0);
  trace_builder_start (b, 1, MS (100), 0);
  trace_builder_start (b, 2, MS (520), 0);
  trace_builder_exit (b, 2, MS (540), MS (10));
  trace_builder_start (b, 3, MS (560), 0);
  trace_builder_start (b, 4, MS (2195), 0);
  trace_builder_exit (b, 4, MS (2403), MS (30));
  trace_builder_start (b, 5, MS (2595), 0);
  trace_builder_exit (b, 5, MS (2605), MS (4));
  trace_builder_exit (b, 1, MS (2750), MS (1350));
  trace_builder_free_block (b, 0, MS (3000), 0x1000);
  trace_builder_finish (b, TRACE_BUILDER_CLOSED);
}

/* Ten times a second, but for the stretch from 1.0 to 2.1 s. */
static void
build_samples (TraceFixture *self)
{
  g_autoptr (ResourceBuilder) b = resource_builder_new (self->folder, MS (100));

  for (guint tick = 1; tick <= 30; tick++)
    {
      gint64 time_ns = MS (100 * tick);

      if (tick > 10 && tick < 21)
        continue;
      resource_builder_set (b, TRK_PROCESSOR_USER_NS, (guint64) MS (30 * tick));
      resource_builder_set (b, TRK_PROCESSOR_IDLE_NS, (guint64) MS (90 * tick));
      resource_builder_sample (b, TRK_RESOURCE_PROCESSOR, 2, "", time_ns);
      resource_builder_set (b, TRK_PRESSURE_SOME_NS, (guint64) MS (tick));
      resource_builder_sample (b, TRK_RESOURCE_PRESSURE, TRK_RESOURCE_PRESSURE_MEMORY, "", time_ns);
      resource_builder_set (b, TRK_PROCESS_CPU_NS, (guint64) MS (20 * tick));
      resource_builder_set (b, TRK_PROCESS_RESIDENT_BYTES, tick == 5 ? 7000 : 1000 * (tick % 2));
      resource_builder_set (b, TRK_PROCESS_READ_BYTES, 100 * tick);
      resource_builder_set (b, TRK_PROCESS_READ_CALLS, 2 * tick);
      resource_builder_set (b, TRK_PROCESS_WRITE_CALLS, tick);
      if (tick % 10 == 0)
        resource_builder_set (b, TRK_PROCESS_ANON_BYTES, tick);
      resource_builder_sample (b, TRK_RESOURCE_PROCESS, 1000, "program", time_ns);
      if (tick >= 2 && tick <= 27)
        {
          resource_builder_set (b, TRK_THREAD_CPU_NS, (guint64) MS (50 * (tick - 1)));
          resource_builder_set (b, TRK_THREAD_WRITTEN_BYTES, 10 * tick);
          resource_builder_sample (b, TRK_RESOURCE_THREAD, 1001, "burner", time_ns);
        }
      if (tick >= 22 && tick <= 24)
        {
          static const guint64 cpu_ms[] = { 10, 21, 21 };

          resource_builder_set (b, TRK_THREAD_CPU_NS, (guint64) MS (cpu_ms[tick - 22]));
          resource_builder_set (b, TRK_THREAD_READ_CALLS, 5 * (tick - 21));
          resource_builder_set (b, TRK_THREAD_WRITE_CALLS, 0);
          resource_builder_sample (b, TRK_RESOURCE_THREAD, 1004, "reader", time_ns);
        }
      if (tick == 26)
        {
          resource_builder_set (b, TRK_THREAD_CPU_NS, 0);
          resource_builder_sample (b, TRK_RESOURCE_THREAD, 1005, "quick", time_ns);
        }
      resource_builder_set (b, TRK_INTERFACE_SENT_BYTES, 500 * tick);
      resource_builder_sample (b, TRK_RESOURCE_INTERFACE, 0, "eth0", time_ns);
      if (tick == 10 || tick == 25)
        resource_builder_end_block (b);
      if (tick == 10 || tick == 30)
        {
          resource_builder_set (b, TRK_SOCKET_SENT_BYTES, 1000000);
          resource_builder_sample (b, TRK_RESOURCE_SOCKET, 70 + tick, "", time_ns);
        }
    }
  resource_builder_set_absent (b, TRK_DISK_BUSY_NS, 3);
  resource_builder_sample (b, TRK_RESOURCE_DISK, 0, "", MS (2990));
}

static MsTrace *
load (TraceFixture *self)
{
  build_trace (self);
  build_samples (self);
  return trace_fixture_load (self);
}

static void
assert_bins (MsTrace *trace,
             MsResourceSeries series,
             guint which,
             guint first,
             guint end,
             double expected)
{
  double values[30];
  const char *reason = "";

  g_assert_true (ms_resource_series_get (trace, series, which, 0, MS (3000), 30, values, &reason));
  g_assert_null (reason);
  for (guint i = first; i < end; i++)
    if (isnan (expected))
      g_assert_true (isnan (values[i]));
    else
      g_assert_cmpfloat_with_epsilon (values[i], expected, EPSILON);
}

/* Bin i is from 0.1 i to 0.1 (i + 1) seconds. */
static void
test_rates (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);

  assert_bins (trace, MS_RESOURCE_SERIES_PRESSURE_MEMORY, 0, 0, 1,
               NAN);                                           /* before the first sample */
  assert_bins (trace, MS_RESOURCE_SERIES_CPU, 0, 0, 10, 20);   /* a process began at 0 */
  assert_bins (trace, MS_RESOURCE_SERIES_CPU, 0, 10, 21, NAN); /* ticks were missed */
  assert_bins (trace, MS_RESOURCE_SERIES_CPU, 0, 21, 30, 20);
  assert_bins (trace, MS_RESOURCE_SERIES_READ, 0, 1, 10, 1000);
  assert_bins (trace, MS_RESOURCE_SERIES_IO_OPERATIONS, 0, 1, 10, 30);
  assert_bins (trace, MS_RESOURCE_SERIES_PRESSURE_MEMORY, 0, 1, 10, 1);
  assert_bins (trace, MS_RESOURCE_SERIES_PROCESSOR, 0, 1, 10, 25);
}

/* A thread's counters are known from its start to what it read itself at its end. */
static void
test_threads (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);

  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 1, 0, 1, NAN);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 1, 1, 10, 50);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 1, 10, 21, NAN);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 1, 21, 27, 50);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 1, 27, 28, 100); /* half of it covered */
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 1, 28, 30, NAN);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_WRITTEN, 1, 2, 10, 100);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 2, 0, 5, NAN);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 2, 5, 6, 50);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 2, 6, 30, NAN);
}

/* What a few milliseconds at either end have in them is no rate. */
static void
test_short_edges (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);

  /* 21 ms of 105; 9 ms of 103: the reading at its end stands for that at 2.4 s. */
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 4, 0, 21, NAN);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 4, 21, 23, 20);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 4, 23, 25, 100 * 9 / 103.0);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 4, 25, 30, NAN);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_IO_OPERATIONS, 4, 21, 23, 10 / 0.105);
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_IO_OPERATIONS, 4, 23, 24, 50);
  /* Too short for two readings: the mean of its life. */
  assert_bins (trace, MS_RESOURCE_SERIES_THREAD_CPU, 5, 25, 27, 40);
}

static void
test_levels (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);
  double values[3];

  assert_bins (trace, MS_RESOURCE_SERIES_RESIDENT, 0, 0, 1, NAN);
  assert_bins (trace, MS_RESOURCE_SERIES_RESIDENT, 0, 5, 6, 7000);
  assert_bins (trace, MS_RESOURCE_SERIES_RESIDENT, 0, 6, 7, 0);
  assert_bins (trace, MS_RESOURCE_SERIES_RESIDENT, 0, 7, 8, 1000);
  assert_bins (trace, MS_RESOURCE_SERIES_RESIDENT, 0, 11, 21, NAN);
  assert_bins (trace, MS_RESOURCE_SERIES_RESIDENT_ANON, 0, 0, 10, NAN);
  assert_bins (trace, MS_RESOURCE_SERIES_RESIDENT_ANON, 0, 10, 29, 10); /* rare by habit: held */
  /* The greatest reading of each second. */
  g_assert_true (ms_resource_series_get (trace, MS_RESOURCE_SERIES_RESIDENT, 0, 0, MS (3000), 3,
                                         values, NULL));
  g_assert_cmpfloat (values[0], ==, 7000);
  g_assert_cmpfloat (values[1], ==, 0);
  g_assert_cmpfloat (values[2], ==, 1000);
}

/* A stretch narrower than the distance of samples, far from the start. */
static void
test_narrow (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);
  double values[4];

  g_assert_true (ms_resource_series_get (trace, MS_RESOURCE_SERIES_THREAD_CPU, 1, MS (2420),
                                         MS (2440), 4, values, NULL));
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (values[i], 50, EPSILON);
}

/* Each connection's first megabyte counts for the second before it was seen first. */
static void
test_sockets (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);

  assert_bins (trace, MS_RESOURCE_SERIES_SOCKET_SENT, 0, 1, 10, 1000000);
  assert_bins (trace, MS_RESOURCE_SERIES_SOCKET_SENT, 0, 21, 30, 1000000);
  assert_bins (trace, MS_RESOURCE_SERIES_SOCKET_RECEIVED, 0, 1, 10, 0);
}

static void
assert_absent (MsTrace *trace, MsResourceSeries series, guint which, const char *words)
{
  double values[30];
  const char *reason = NULL;

  g_assert_false (ms_resource_series_get (trace, series, which, 0, MS (3000), 30, values, &reason));
  g_assert_nonnull (strstr (reason, words));
  for (guint i = 0; i < 30; i++)
    g_assert_true (isnan (values[i]));
}

static void
test_absent (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);

  assert_absent (trace, MS_RESOURCE_SERIES_DISK_BUSY, 0, "not permitted");
  assert_absent (trace, MS_RESOURCE_SERIES_GPU, 0, "no sample");
  assert_absent (trace, MS_RESOURCE_SERIES_THREAD_CPU, 3, "between two samples");
  assert_absent (trace, MS_RESOURCE_SERIES_THREAD_CPU, 99, "between two samples");
  assert_absent (trace, MS_RESOURCE_SERIES_NETWORK_SENT, 1000, "no sample");
}

static void
test_without_samples (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  build_trace (self);
  trace = trace_fixture_load (self);
  assert_absent (trace, MS_RESOURCE_SERIES_CPU, 0, "no resource samples");
  for (guint series = 0; series < MS_N_RESOURCE_SERIES; series++)
    {
      g_autoptr (GArray) list = ms_resource_series_list (trace, series);

      g_assert_cmpuint (list->len, ==, 0);
      g_assert_nonnull (ms_resource_series_to_string (series));
      g_assert_nonnull (ms_resource_series_get_unit (series));
    }
}

static void
test_list (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = load (self);
  g_autoptr (GArray) processors = ms_resource_series_list (trace, MS_RESOURCE_SERIES_PROCESSOR);
  g_autoptr (GArray) networks = ms_resource_series_list (trace, MS_RESOURCE_SERIES_NETWORK_SENT);
  g_autoptr (GArray) threads = ms_resource_series_list (trace, MS_RESOURCE_SERIES_THREAD_CPU);
  g_autoptr (GArray) cpu = ms_resource_series_list (trace, MS_RESOURCE_SERIES_CPU);
  MsResourceSeriesSource network;

  g_assert_cmpuint (processors->len, ==, 1);
  g_assert_cmpuint (g_array_index (processors, MsResourceSeriesSource, 0).number, ==, 1);
  g_assert_cmpuint (threads->len, ==, 6);
  g_assert_cmpuint (cpu->len, ==, 1);
  g_assert_cmpuint (networks->len, ==, 1);
  network = g_array_index (networks, MsResourceSeriesSource, 0);
  g_assert_cmpstr (network.name, ==, "eth0");
  assert_bins (trace, MS_RESOURCE_SERIES_NETWORK_SENT, network.which, 1, 10, 5000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/resource-series/" name, TraceFixture, NULL, trace_fixture_set_up, function, \
              trace_fixture_tear_down)
  ADD ("rates", test_rates);
  ADD ("threads", test_threads);
  ADD ("short-edges", test_short_edges);
  ADD ("levels", test_levels);
  ADD ("narrow", test_narrow);
  ADD ("sockets", test_sockets);
  ADD ("absent", test_absent);
  ADD ("without-samples", test_without_samples);
  ADD ("list", test_list);
  return g_test_run ();
}
