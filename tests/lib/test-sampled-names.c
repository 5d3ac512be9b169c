/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names that threads did not note themselves, as samples have them. */
#include "ms-follower.h"
#include "resource-builder.h"
#include "trace-fixture.h"

#define MS(n) ((gint64) (n) *1000000)
#define WORKER 1

/* Ten seconds, in which thread 1 noted that it is "born" at 1 s, and what @self->builder was given before. */
static void
finish_trace (TraceFixture *self)
{
  trace_builder_free_block (self->builder, 0, (guint64) MS (10000), 0x10000);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
}

static void
note_name (TraceFixture *self, gint64 time_ns, const char *name)
{
  trace_builder_name (self->builder, WORKER, (guint64) time_ns, name, strlen (name));
}

static void
begin_trace (TraceFixture *self)
{
  trace_builder_start (self->builder, 0, 0, -1);
  trace_builder_alloc (self->builder, 0, 1000, 0x10000, 64, 0);
  trace_builder_start (self->builder, WORKER, (guint64) MS (1000), 0);
  note_name (self, MS (1000), "born");
}

/* @name at each tick of 0.1 s, both ends included. */
static void
sample (ResourceBuilder *b, gint64 from_ns, gint64 to_ns, const char *name)
{
  for (gint64 time_ns = from_ns; time_ns <= to_ns; time_ns += MS (100))
    {
      resource_builder_set (b, TRK_THREAD_CPU_NS, (guint64) time_ns);
      resource_builder_sample (b, TRK_RESOURCE_THREAD, 1001, name, time_ns);
    }
}

static MsTrace *
load (TraceFixture *self, MsLoadFlags flags)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load_full (self->folder, flags, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

/* "1000 born, 2000 worker" */
static char *
names_of (MsTrace *trace)
{
  MsThread *thread = ms_trace_get_thread (trace, WORKER);
  g_autoptr (GString) text = g_string_new (NULL);
  const MsNameSpan *names;
  guint n;

  names = ms_thread_get_names (thread, &n);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT " %s", i > 0 ? ", " : "",
                            names[i].start_ns / MS (1), names[i].name);
  g_assert_cmpstr (ms_thread_get_name (thread), ==, names[n - 1].name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_names (TraceFixture *self, const char *expected)
{
  for (guint round = 0; round < 2; round++) /* from the events, and from the summary */
    {
      g_autoptr (MsTrace) trace = load (self, round == 0 ? MS_LOAD_WITHOUT_CACHE : MS_LOAD_FIGURES);
      g_autofree char *found = names_of (trace);

      g_assert_cmpstr (found, ==, expected);
    }
}

static void
test_named_by_another (TraceFixture *self, gconstpointer data)
{
  ResourceBuilder *b = resource_builder_new (self->folder, MS (100));

  (void) data;
  begin_trace (self);
  sample (b, MS (1000), MS (1900), "born");
  sample (b, MS (2000), MS (2900), "worker");
  resource_builder_end_block (b);
  sample (b, MS (3000), MS (8000), "worker");
  resource_builder_free (b);
  finish_trace (self);
  assert_names (self, "1000 born, 2000 worker");
}

/* Back and forth within one block: the source is not told again. */
static void
test_back_again (TraceFixture *self, gconstpointer data)
{
  ResourceBuilder *b = resource_builder_new (self->folder, MS (100));

  (void) data;
  begin_trace (self);
  sample (b, MS (1000), MS (1200), "born");
  sample (b, MS (1300), MS (1500), "busy");
  sample (b, MS (1600), MS (1800), "born");
  resource_builder_free (b);
  finish_trace (self);
  assert_names (self, "1000 born, 1300 busy, 1600 born");
}

/* What the thread noted itself stands, and is not said twice. */
static void
test_noted_too (TraceFixture *self, gconstpointer data)
{
  ResourceBuilder *b = resource_builder_new (self->folder, MS (100));

  (void) data;
  begin_trace (self);
  note_name (self, MS (1950), "worker");
  note_name (self, MS (4050), "idle");
  note_name (self, MS (4060), "last");
  sample (b, MS (1000), MS (1900), "born");
  sample (b, MS (2000), MS (4000), "worker");
  sample (b, MS (4100), MS (4800), "worker"); /* as it was read before */
  sample (b, MS (4900), MS (9000), "last");
  resource_builder_free (b);
  finish_trace (self);
  assert_names (self, "1000 born, 1950 worker, 4050 idle, 4060 last");
}

/* The program that was executed is not what the thread of the one before is called. */
static void
test_replaced (TraceFixture *self, gconstpointer data)
{
  ResourceBuilder *b = resource_builder_new (self->folder, MS (100));
  g_autofree char *manifest = NULL;
  g_autoptr (GString) edited = NULL;

  (void) data;
  begin_trace (self);
  sample (b, MS (1000), MS (1900), "born");
  sample (b, MS (2000), MS (2900), "other");
  resource_builder_free (b);
  finish_trace (self);
  trace_fixture_read_file (self, "memscope_trace.json", &manifest, NULL);
  edited = g_string_new (manifest);
  g_assert_cmpuint (g_string_replace (edited, "\"pid\":999999",
                                      "\"pid\":1001,\"replaced_by_exec\":true", 1),
                    ==, 1);
  trace_fixture_write_file (self, "memscope_trace.json", edited->str, (gssize) edited->len);
  assert_names (self, "1000 born");
}

/* A window that follows the trace learns it while the thread lives. */
static void
test_followed (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsFollower) follower = NULL;
  g_autoptr (GError) error = NULL;

  (void) data;
  begin_trace (self);
  finish_trace (self);
  follower = ms_follower_new (self->folder, &error);
  g_assert_no_error (error);
  for (guint round = 0; round < 3; round++)
    {
      ResourceBuilder *b = resource_builder_new (self->folder, MS (100));
      g_autoptr (MsTrace) trace = NULL;
      g_autofree char *found = NULL;

      sample (b, MS (1000), MS (1900), "born");
      for (guint block = 0; block < round; block++)
        {
          resource_builder_end_block (b);
          sample (b, MS (2000 + 1000 * block), MS (2900 + 1000 * block), "worker");
        }
      resource_builder_free (b);
      trace = ms_follower_read (follower, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      found = names_of (trace);
      g_assert_cmpstr (found, ==, round == 0 ? "1000 born" : "1000 born, 2000 worker");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/sampled-names/" name, TraceFixture, NULL, trace_fixture_set_up, function, \
              trace_fixture_tear_down)
  ADD ("named-by-another", test_named_by_another);
  ADD ("back-again", test_back_again);
  ADD ("noted-too", test_noted_too);
  ADD ("replaced", test_replaced);
  ADD ("followed", test_followed);
  return g_test_run ();
}
