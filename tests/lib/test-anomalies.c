/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Anomalies of whole traces of ten seconds. */
#include <string.h>

#include "ms-anomalies.h"
#include "trace-fixture.h"

#define MS(n) ((guint64) (n) *1000000)
#define END MS (10000)
#define N_STEPS 1000

static guint64
address_of (guint thread, guint block)
{
  return ((guint64) thread + 1) << 36 | (guint64) (block + 1) << 12;
}

/* 10 000 bytes each 10 ms, each freed 50 ms later. */
static void
add_steady (TraceBuilder *b, guint thread, const char *name, guint64 bytes)
{
  trace_builder_start (b, thread, 0, -1);
  trace_builder_name (b, thread, 1, name, -1);
  for (guint i = 0; i < N_STEPS; i++)
    {
      trace_builder_alloc (b, thread, MS (10 * i + 1), address_of (thread, i), bytes, 0);
      if (i >= 5)
        trace_builder_free_block (b, thread, MS (10 * i + 2), address_of (thread, i - 5));
    }
  trace_builder_exit (b, thread, END, 0);
}

/* The same, but it keeps every tenth. */
static void
add_leaking (TraceBuilder *b, guint thread, const char *name, guint64 bytes)
{
  trace_builder_start (b, thread, 0, -1);
  trace_builder_name (b, thread, 1, name, -1);
  for (guint i = 0; i < N_STEPS; i++)
    {
      trace_builder_alloc (b, thread, MS (10 * i + 1), address_of (thread, i), bytes, 0);
      if (i >= 5 && (i - 5) % 10 != 0)
        trace_builder_free_block (b, thread, MS (10 * i + 2), address_of (thread, i - 5));
    }
  trace_builder_exit (b, thread, END, 0);
}

static GPtrArray *
find (TraceFixture *self, MsTrace **trace)
{
  g_autoptr (MsView) view = NULL;

  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  *trace = trace_fixture_load (self);
  view = ms_view_new (*trace, NULL, NULL, NULL);
  return ms_anomalies_new (view, MS_DOMAIN_HEAP, NULL, NULL);
}

static double
evidence_of (const MsAnomaly *anomaly, const char *name)
{
  for (guint i = 0; i < anomaly->evidence->len; i++)
    if (strcmp (g_array_index (anomaly->evidence, MsEvidence, i).name, name) == 0)
      return g_array_index (anomaly->evidence, MsEvidence, i).value;
  g_assert_not_reached ();
}

static void
test_none (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GPtrArray) found = NULL;

  for (guint t = 0; t < 6; t++)
    {
      g_autofree char *name = g_strdup_printf ("worker-%u", t);

      add_steady (self->builder, t, name, 100000);
    }
  found = find (self, &trace);
  g_assert_cmpuint (found->len, ==, 0);
}

/* A hundred blocks of 100 kB stay, in one of two threads. */
/* A language that puts what it is given in brackets. */
static const char *
translate (const char *context, const char *text, const char *many, gulong n, gpointer data)
{
  g_autofree char *bracketed = g_strdup_printf ("[%s]", many != NULL && n != 1 ? many : text);

  return g_intern_string (bracketed);
}

static char *
format_value (double value, const char *unit, gpointer data)
{
  return g_strdup ("#");
}

static const MsLanguage language = { translate, format_value, format_value, NULL };

static void
assert_in_language (const MsAnomaly *anomaly, const char *wanted)
{
  g_autofree char *text = ms_sentence_write (anomaly->sentence, &language);

  g_assert_cmpstr (text, ==, wanted);
}

static void
test_growth (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GPtrArray) found = NULL;
  const MsAnomaly *process, *thread;

  add_steady (self->builder, 0, "calm", 100000);
  add_leaking (self->builder, 1, "keeper", 100000);
  found = find (self, &trace);
  g_assert_cmpuint (found->len, ==, 2);
  process = g_ptr_array_index (found, 0);
  thread = g_ptr_array_index (found, 1);
  g_assert_cmpint (process->kind, ==, MS_ANOMALY_GROWTH);
  g_assert_cmpint (process->thread_id, ==, -1);
  g_assert_cmpint (thread->kind, ==, MS_ANOMALY_GROWTH);
  g_assert_cmpint (thread->thread_id, ==, 1);
  g_assert_cmpfloat_with_epsilon (evidence_of (thread, "growth_bytes"), 1e7, 3e5);
  g_assert_cmpfloat_with_epsilon (evidence_of (thread, "growth_bytes_per_second"), 1e6, 3e4);
  g_assert_cmpfloat (evidence_of (thread, "growth_percent_of_peak"), >, 90);
  g_assert_nonnull (strstr (thread->text, "Thread keeper holds ever more"));
  g_assert_cmpuint (strlen (thread->recommendation), >, 0);
  assert_in_language (thread, "[Thread keeper holds ever more: its lowest live bytes rise by #, #, "
                              "and do not come back.]");
  assert_in_language (process, "[The process holds ever more: its lowest live bytes rise by #, #, "
                               "and do not come back.]");
}

/* Five megabytes at 6 s, by the second thread. */
static void
test_rise (TraceFixture *self, gconstpointer data)
{
  TraceBuilder *b = self->builder;
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GPtrArray) found = NULL;
  const MsAnomaly *rise;

  add_steady (b, 0, "calm", 1000);
  trace_builder_start (b, 1, 0, -1);
  trace_builder_name (b, 1, 1, "burst", -1);
  for (guint i = 0; i < 50; i++)
    {
      trace_builder_alloc (b, 1, MS (6000) + 2 * i, address_of (1, i), 100000, 0);
      trace_builder_free_block (b, 1, MS (6000) + 2 * i + 1, address_of (1, i));
    }
  trace_builder_exit (b, 1, END, 0);
  found = find (self, &trace);
  g_assert_cmpuint (found->len, ==, 1);
  rise = g_ptr_array_index (found, 0);
  g_assert_cmpint (rise->kind, ==, MS_ANOMALY_RISE);
  g_assert_cmpint (rise->thread_id, ==, 1);
  g_assert_cmpint (rise->start_ns, <=, (gint64) MS (6000));
  g_assert_cmpint (rise->end_ns, >, (gint64) MS (6000));
  g_assert_cmpint (rise->end_ns - rise->start_ns, <, (gint64) MS (100));
  g_assert_cmpfloat_with_epsilon (evidence_of (rise, "rise_bytes"), 5e6, 1e4);
  g_assert_nonnull (strstr (rise->text, "by burst."));
  assert_in_language (rise, "[# were allocated at once, at up to # where # are usual; # of it by "
                            "burst.]");
}

static void
test_unlike_peers (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GPtrArray) found = NULL;

  for (guint t = 0; t < 6; t++)
    {
      g_autofree char *name = g_strdup_printf ("worker-%u", t);

      add_steady (self->builder, t, name, t == 4 ? 2000000 : 100000);
    }
  add_steady (self->builder, 6, "main", 5); /* nobody's peer */
  found = find (self, &trace);
  g_assert_cmpuint (found->len, ==, 2); /* peak and rate */
  for (guint i = 0; i < 2; i++)
    {
      const MsAnomaly *anomaly = g_ptr_array_index (found, i);

      g_assert_cmpint (anomaly->kind, ==, MS_ANOMALY_UNLIKE_PEERS);
      g_assert_cmpint (anomaly->thread_id, ==, 4);
      g_autofree char *text = ms_sentence_write (anomaly->sentence, &language);

      g_assert_nonnull (strstr (anomaly->text, "the 6 threads named worker-…"));
      g_assert_true (g_str_has_prefix (text, "[Thread worker-") && g_str_has_suffix (text, " #.]"));
      g_assert_nonnull (strstr (text, " #; the usual one of the 6 threads named worker-… "));
      g_assert_cmpfloat (evidence_of (anomaly, "peer_score"), >, 5);
    }
}

/* Of six alike a seventh begins, 100 ms before the end of what is known, and has done next to nothing so far: its
 * turn has not come.  One that ends after as little is odd by its peak, and had no time for a rate. */
static void
test_newborn (TraceFixture *self, gconstpointer ends)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GPtrArray) found = NULL;

  for (guint t = 0; t < 6; t++)
    {
      g_autofree char *name = g_strdup_printf ("cache-%u", t);

      add_steady (self->builder, t, name, 2000000);
    }
  trace_builder_start (self->builder, 6, MS (9900), -1);
  trace_builder_name (self->builder, 6, MS (9900) + 1, "cache-6", -1);
  trace_builder_alloc (self->builder, 6, MS (9901), address_of (6, 0), 160, 0);
  if (ends != NULL)
    trace_builder_exit (self->builder, 6, MS (9950), 0);
  found = find (self, &trace);
  g_assert_cmpuint (found->len, ==, ends != NULL ? 1 : 0);
  for (guint i = 0; i < found->len; i++)
    g_assert_cmpint (((MsAnomaly *) g_ptr_array_index (found, i))->thread_id, ==, 6);
}

/* Threads that begin, allocate and end within some milliseconds are no measure for the one that makes them. */
static void
test_short_lives (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GPtrArray) found = NULL;

  add_steady (self->builder, 0, "server", 1000);
  for (guint t = 1; t < 40; t++)
    {
      trace_builder_start (self->builder, t, MS (200 * t), 0);
      trace_builder_name (self->builder, t, MS (200 * t) + 1, "server", -1);
      trace_builder_alloc (self->builder, t, MS (200 * t) + 2, address_of (t, 0), 100000, 0);
      trace_builder_free_block (self->builder, t, MS (200 * t) + 3, address_of (t, 0));
      trace_builder_exit (self->builder, t, MS (200 * t) + 100, 0);
    }
  found = find (self, &trace);
  for (guint i = 0; i < found->len; i++)
    g_assert_null (strstr (((MsAnomaly *) g_ptr_array_index (found, i))->text, " allocates "));
}

/* Threads that a filter leaves out have nothing in its view, which does not make the one that is left odd. */
static void
test_peers_left_out (TraceFixture *self, gconstpointer data)
{
  const guint id = 4;
  g_autoptr (MsFilter) filter = ms_filter_with_threads (NULL, &id, 1);
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  for (guint t = 0; t < 6; t++)
    {
      g_autofree char *name = g_strdup_printf ("worker-%u", t);

      add_steady (self->builder, t, name, 2000000);
    }
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = ms_trace_load_full (self->folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  view = ms_view_new (trace, filter, NULL, NULL);
  found = ms_anomalies_new (view, MS_DOMAIN_HEAP, NULL, NULL);
  g_assert_cmpuint (found->len, ==, 0);
}

/* What the heap does not tell: one of six computes, one reads, one waits; of one nobody knows anything. */
static void
test_unlike_peers_by_samples (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;
  g_autoptr (GPtrArray) found = NULL;
  MsThreadResources resources[7];

  for (guint t = 0; t < G_N_ELEMENTS (resources); t++)
    {
      g_autofree char *name = g_strdup_printf ("worker-%u", t);

      add_steady (self->builder, t, name, 100);
      ms_thread_resources_init (&resources[t], "a reason");
      if (t == 6)
        continue;
      resources[t].cpu_percent = ms_measured (t == 1 ? 90 : 3);
      resources[t].io_operations = ms_measured (t == 2 ? 40000 : 100); /* in ten seconds */
      resources[t].run_queue_wait_ns = ms_measured (t == 3 ? 6e9 : 1e8);
    }
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  view = ms_view_new (trace, NULL, NULL, NULL);
  found = ms_anomalies_new (view, MS_DOMAIN_HEAP, resources, NULL);
  g_assert_cmpuint (found->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const MsAnomaly *anomaly = g_ptr_array_index (found, i);
      static const char *const names[] = { "cpu_percent", "io_operations_per_second",
                                           "run_queue_wait_percent" };
      static const char *const texts[] = {
        ("Thread worker-1 uses 90.0 % of one core; the usual one of the 6 threads named worker-… "
         "uses 3.0 % of one core."),
        "Thread worker-2 reads and writes 4000 /s;",
        "Thread worker-3 waits for a processor 60.0 % of the time;",
      };

      g_assert_cmpint (anomaly->kind, ==, MS_ANOMALY_UNLIKE_PEERS);
      g_assert_cmpint (anomaly->thread_id, >=, 1);
      g_assert_cmpint (anomaly->thread_id, <=, 3);
      g_assert_nonnull (strstr (anomaly->text, texts[anomaly->thread_id - 1]));
      g_assert_cmpfloat (evidence_of (anomaly, names[anomaly->thread_id - 1]), >=, 59);
      if (i > 0)
        g_assert_cmpfloat (evidence_of (g_ptr_array_index (found, i - 1), "peer_score"), >=,
                           evidence_of (anomaly, "peer_score"));
    }
  g_ptr_array_unref (found);

  /* Less than is worth telling. */
  for (guint t = 0; t < 6; t++)
    {
      resources[t].cpu_percent = ms_measured (t == 1 ? 4.9 : 0.1);
      resources[t].io_operations = ms_measured (t == 2 ? 990 : 1);
      resources[t].run_queue_wait_ns = ms_not_measured ("a reason");
    }
  found = ms_anomalies_new (view, MS_DOMAIN_HEAP, resources, NULL);
  g_assert_cmpuint (found->len, ==, 0);
}

/* Traces with next to nothing in them. */
static void
test_little (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (GPtrArray) found = NULL;

  trace_builder_start (self->builder, 0, 0, -1);
  trace_builder_alloc (self->builder, 0, 0, 0x1000, 100000000, 0);
  found = find (self, &trace);
  g_assert_cmpuint (found->len, ==, 0);
  g_assert_cmpstr (ms_anomaly_to_string (MS_ANOMALY_GROWTH), ==, "growth");
  g_assert_cmpstr (ms_anomaly_to_string (MS_ANOMALY_RISE), ==, "rise");
  g_assert_cmpstr (ms_anomaly_to_string (MS_ANOMALY_UNLIKE_PEERS), ==, "unlike_peers");
}

#define ADD(path, func) \
  g_test_add (path, TraceFixture, NULL, trace_fixture_set_up, func, trace_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/anomalies/none", test_none);
  ADD ("/anomalies/growth", test_growth);
  ADD ("/anomalies/rise", test_rise);
  ADD ("/anomalies/unlike-peers", test_unlike_peers);
  ADD ("/anomalies/newborn", test_newborn);
  g_test_add ("/anomalies/short-lived", TraceFixture, "ends", trace_fixture_set_up, test_newborn,
              trace_fixture_tear_down);
  ADD ("/anomalies/short-lives", test_short_lives);
  ADD ("/anomalies/peers-left-out", test_peers_left_out);
  ADD ("/anomalies/unlike-peers-by-samples", test_unlike_peers_by_samples);
  ADD ("/anomalies/little", test_little);
  return g_test_run ();
}
