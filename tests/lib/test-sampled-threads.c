/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Threads that have no events and are threads of the trace all the same, as samples have them. */
#include "ms-follower.h"
#include "ms-view.h"
#include "resource-builder.h"
#include "trace-fixture.h"

#define MS(n) ((gint64) (n) *1000000)
#define SILENT_TID 5000
#define SILENT_ID (1000000000 + SILENT_TID)
#define REASON_ENDED 4

/* Thread 0, tid 1000, for ten seconds. */
static void
build_main (TraceFixture *self, TraceBuilderEnd end)
{
  trace_builder_start (self->builder, 0, 0, -1);
  trace_builder_alloc (self->builder, 0, 1000, 0x10000, 64, 0);
  trace_builder_free_block (self->builder, 0, (guint64) MS (10000), 0x10000);
  trace_builder_finish (self->builder, end);
}

/* At each tick of 0.1 s, both ends included; a fifth of a core. */
static void
sample (ResourceBuilder *b, guint64 tid, const char *name, gint64 from_ns, gint64 to_ns)
{
  for (gint64 time_ns = from_ns; time_ns <= to_ns; time_ns += MS (100))
    {
      resource_builder_set (b, TRK_THREAD_CPU_NS, (guint64) (time_ns - from_ns + MS (100)) / 5);
      resource_builder_sample (b, TRK_RESOURCE_THREAD, tid, name, time_ns);
    }
}

static void
end_thread (ResourceBuilder *b, guint64 tid, const char *name, gint64 time_ns)
{
  resource_builder_set_absent (b, TRK_THREAD_CPU_NS, REASON_ENDED);
  resource_builder_sample (b, TRK_RESOURCE_THREAD, tid, name, time_ns);
}

/* The main thread all the time, and a silent one from 2 to 5 s. */
static void
build_samples (TraceFixture *self)
{
  g_autoptr (ResourceBuilder) b = resource_builder_new (self->folder, MS (100));

  sample (b, 1000, "main", 0, MS (10000));
  sample (b, SILENT_TID, "silent", MS (2000), MS (5000));
  end_thread (b, SILENT_TID, "silent", MS (5100));
}

static MsTrace *
load (TraceFixture *self, MsLoadFlags flags)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load_full (self->folder, flags, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

static void
assert_silent (MsTrace *trace, gboolean is_tracked)
{
  MsThread *thread = ms_trace_find_thread (trace, SILENT_ID);
  const MsResourceFigure *cpu;
  guint source;

  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, 2);
  g_assert_nonnull (thread);
  g_assert_true (ms_trace_get_thread (trace, 1) == thread);
  g_assert_false (ms_thread_has_events (thread));
  g_assert_true (ms_thread_has_events (ms_trace_get_thread (trace, 0)));
  g_assert_cmpint (ms_thread_get_tid (thread), ==, SILENT_TID);
  g_assert_cmpstr (ms_thread_get_name (thread), ==, "silent");
  g_assert_cmpint (ms_thread_is_tracked (thread), ==, is_tracked);
  g_assert_cmpint (ms_thread_get_start_ns (thread), ==, MS (1900));
  g_assert_cmpint (ms_thread_get_end_ns (thread), ==, MS (5000));
  g_assert_cmpuint (ms_thread_get_totals (thread, MS_DOMAIN_HEAP)->allocations, ==, 0);
  g_assert_true (ms_resources_find_thread (ms_trace_get_resources (trace), SILENT_ID, &source));
  cpu = ms_resources_get_figure (ms_trace_get_resources (trace), source, TRK_THREAD_CPU_NS);
  g_assert_cmpuint (cpu->last, ==, (guint64) MS (3100) / 5);
}

static void
test_row (TraceFixture *self, gconstpointer data)
{
  (void) data;
  build_main (self, TRACE_BUILDER_CLOSED);
  build_samples (self);
  for (guint round = 0; round < 2; round++) /* from the events, and from the summary */
    {
      g_autoptr (MsTrace) trace = load (self, round == 0 ? MS_LOAD_WITHOUT_CACHE : MS_LOAD_FIGURES);

      assert_silent (trace, TRUE);
    }
}

/* Of what was not recorded nobody knows whether it was nothing. */
static void
test_memory_is_unknown (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;

  if (g_str_equal (data, "rule"))
    trace_builder_set_configuration (self->builder, "\"threads\":\"even\"");
  else if (g_str_equal (data, "explicit"))
    trace_builder_set_configuration (self->builder, "\"threads\":\"all\",\"api\":\"explicit\"");
  else if (g_str_equal (data, "late"))
    trace_builder_set_began_late (self->builder, TRUE);
  else if (g_str_equal (data, "dropped"))
    trace_builder_dropped (self->builder, 0, 3);
  build_main (self, TRACE_BUILDER_CLOSED);
  build_samples (self);
  if (g_str_equal (data, "damaged"))
    trace_fixture_write_file (self, "memscope_thread_7-1007.bin", "not a file of events", -1);
  trace = load (self, MS_LOAD_WITHOUT_CACHE);
  assert_silent (trace, FALSE);
}

/* The number was given to another thread, which has a row of its own. */
static void
test_same_number (TraceFixture *self, gconstpointer data)
{
  g_autoptr (ResourceBuilder) b = resource_builder_new (self->folder, MS (100));
  g_autoptr (MsTrace) trace = NULL;
  MsThread *second;

  (void) data;
  build_main (self, TRACE_BUILDER_CLOSED);
  sample (b, SILENT_TID, "first", MS (1000), MS (2000));
  end_thread (b, SILENT_TID, "first", MS (2100));
  resource_builder_set_start (b, 77);
  sample (b, SILENT_TID, "second", MS (3000), MS (4000));
  g_clear_pointer (&b, resource_builder_free);
  trace = load (self, MS_LOAD_WITHOUT_CACHE);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, 3);
  g_assert_cmpstr (ms_thread_get_name (ms_trace_find_thread (trace, SILENT_ID)), ==, "first");
  second = ms_trace_find_thread (trace, SILENT_ID + 10000000);
  g_assert_cmpstr (ms_thread_get_name (second), ==, "second");
  g_assert_cmpint (ms_thread_get_end_ns (second), ==, MS_TIME_NONE);
}

/* A part of a longer recording has blocks of samples that reach out of it; numbers beyond the kernel's are none. */
static void
test_not_of_this_trace (TraceFixture *self, gconstpointer data)
{
  g_autoptr (ResourceBuilder) b = resource_builder_new (self->folder, MS (100));
  g_autoptr (MsTrace) trace = NULL;

  (void) data;
  build_main (self, TRACE_BUILDER_CLOSED);
  sample (b, 6000, "before", -MS (2000), -MS (1000));
  sample (b, G_MAXINT, "impossible", MS (1000), MS (2000));
  sample (b, 6001, "after", MS (11000), MS (12000));
  g_clear_pointer (&b, resource_builder_free);
  trace = load (self, MS_LOAD_WITHOUT_CACHE);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, 1);
}

/* The events of a thread that was just born may come after its samples: who watches waits for a second. */
static void
test_watched (TraceFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsFollower) follower = NULL;

  (void) data;
  build_main (self, TRACE_BUILDER_KILLED);
  trace_fixture_write_file (self, "memscope_watched", "", 0);
  follower = ms_follower_new (self->folder, &error);
  g_assert_no_error (error);
  for (guint ticks = 9; ticks <= 11; ticks++)
    {
      ResourceBuilder *b = resource_builder_new (self->folder, MS (100));
      g_autoptr (MsTrace) trace = NULL;

      sample (b, SILENT_TID, "silent", MS (2000), MS (2000 + 100 * ticks));
      sample (b, 1000, "main", 0, MS (2000 + 100 * ticks));
      resource_builder_free (b);
      trace = ms_follower_read (follower, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_RUNNING);
      g_assert_cmpint (ms_trace_find_thread (trace, SILENT_ID) != NULL, ==, ticks >= 10);
    }
}

/* Histories have the threads with events: with others behind them, parts of the trace are what they were. */
static void
test_part (TraceFixture *self, gconstpointer data)
{
  const guint ids[] = { SILENT_ID };

  (void) data;
  build_main (self, TRACE_BUILDER_CLOSED);
  build_samples (self);
  for (guint round = 0; round < 2; round++) /* the second one opens what the first has left */
    {
      g_autoptr (MsTrace) trace = load (self, MS_LOAD_HISTORY);
      g_autoptr (MsFilter) part = ms_filter_with_range (NULL, MS (1), MS (9000));
      g_autoptr (MsFilter) silent = ms_filter_with_threads (part, ids, 1);
      g_autoptr (MsView) all = NULL, of_silent = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (ms_trace_has_history (trace));
      all = ms_view_new (trace, part, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (ms_view_get_totals (all, MS_DOMAIN_HEAP)->live_bytes, ==, 64);
      g_assert_cmpuint (ms_view_get_thread_totals (all, 1, MS_DOMAIN_HEAP)->live_bytes, ==, 0);
      of_silent = ms_view_new (trace, silent, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (ms_view_get_totals (of_silent, MS_DOMAIN_HEAP)->live_bytes, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  static const char *const unknown[] = { "rule", "explicit", "late", "dropped", "damaged" };

  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, function) \
  g_test_add ("/sampled-threads/" name, TraceFixture, data, trace_fixture_set_up, function, \
              trace_fixture_tear_down)
  ADD ("row", NULL, test_row);
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      g_autofree char *path = g_strdup_printf ("/sampled-threads/memory-is-unknown/%s", unknown[i]);

      g_test_add (path, TraceFixture, unknown[i], trace_fixture_set_up, test_memory_is_unknown,
                  trace_fixture_tear_down);
    }
  ADD ("same-number", NULL, test_same_number);
  ADD ("not-of-this-trace", NULL, test_not_of_this_trace);
  ADD ("watched", NULL, test_watched);
  ADD ("part", NULL, test_part);
  return g_test_run ();
}
