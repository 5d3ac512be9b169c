/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is said before the events are read must be what they say, or that it is not known yet. */
#include <stdio.h>
#include <string.h>

#include "ms-first-summary.h"
#include "program-model.h"
#include "trace-fixture.h"

#define FREQUENCY_FILE "memscope_thread_0-1000.freq"

static MsFirstSummary *
look (TraceFixture *self)
{
  g_autoptr (GError) error = NULL;
  MsFirstSummary *first = ms_first_summary_load (self->folder, NULL, &error);

  g_assert_no_error (error);
  return first;
}

static void
build (TraceFixture *self, TraceBuilderEnd end, guint seed)
{
  const ProgramShape shape = { .n_threads = 4,
                               .n_stacks = 5,
                               .n_steps = 4000,
                               .n_addresses = 60,
                               .cross_frees = TRUE };
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autoptr (ProgramModel) model = NULL;

  trace_builder_set_block_bytes (self->builder, 700);
  model = program_model_random (self->builder, &shape, random);
  trace_builder_finish (self->builder, end);
}

static void
check_counts (const MsFirstSummary *first, MsTrace *trace)
{
  const MsTotals *totals = ms_trace_get_totals (trace, first->domain);
  guint64 n_frees = 0;

  g_assert_true (first->has_allocations && first->has_bytes);
  g_assert_cmpuint (first->allocations, ==, totals->allocations);
  g_assert_cmpuint (first->allocated_bytes, ==, totals->allocated_bytes);
  for (guint i = 0; i < first->n_threads; i++)
    {
      const MsTotals *of_thread =
          ms_thread_get_totals (ms_trace_get_thread (trace, i), first->domain);

      g_assert_true (first->threads[i].has_counts);
      g_assert_cmpuint (first->threads[i].allocations, ==, of_thread->allocations);
      g_assert_cmpuint (first->threads[i].allocated_bytes, ==, of_thread->allocated_bytes);
      n_frees += first->threads[i].frees;
    }
  g_assert_cmpuint (first->frees, ==, n_frees);
  g_assert_cmpuint (n_frees, ==, totals->deallocations); /* all of blocks that are known */
}

static void
check_process (const MsFirstSummary *first, MsTrace *trace)
{
  g_assert_cmpstr (first->program, ==, ms_trace_get_program (trace));
  g_assert_cmpint (first->state, ==, ms_trace_get_state (trace));
  g_assert_cmpuint (first->n_threads, ==, ms_trace_get_n_threads (trace));
  for (guint i = 0; i < first->n_threads; i++)
    {
      g_assert_cmpuint (first->threads[i].id, ==,
                        ms_thread_get_id (ms_trace_get_thread (trace, i)));
      g_assert_cmpint (first->threads[i].tid, ==,
                       ms_thread_get_tid (ms_trace_get_thread (trace, i)));
    }
}

static void
test_counted (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsFirstSummary) first = NULL;
  g_autoptr (MsTrace) trace = NULL;

  build (self, TRACE_BUILDER_CLOSED, 1);
  trace = trace_fixture_load (self);
  g_assert_true (ms_trace_write_frequency_files (trace, NULL));
  first = look (self);
  check_process (first, trace);
  check_counts (first, trace);
  g_assert_false (first->has_peak);
  /* Names and ends of threads are records, too. */
  g_assert_cmpuint (first->n_events, >=, ms_trace_get_n_events (trace));
  g_assert_cmpuint (first->n_events, <, ms_trace_get_n_events (trace) * 11 / 10);
}

static void
test_not_counted (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsFirstSummary) first = NULL;
  g_autoptr (MsTrace) trace = NULL;

  build (self, TRACE_BUILDER_KILLED, 2);
  trace = trace_fixture_load (self);
  first = look (self);
  check_process (first, trace);
  g_assert_cmpint (first->state, ==, MS_STATE_KILLED);
  g_assert_false (first->has_allocations || first->has_bytes || first->has_peak);
  for (guint i = 0; i < first->n_threads; i++)
    {
      g_assert_false (first->threads[i].has_counts);
      g_assert_cmpuint (first->threads[i].n_events, >, 0);
    }
  g_assert_cmpuint (first->n_events, >, 0);
  g_assert_cmpuint (first->n_events, <=, 4 * 4000);
}

/* Counts of other blocks, and half of them, are not used. */
static void
test_stale_counts (TraceFixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL, *events = NULL, *longer = NULL;
  g_autoptr (MsTrace) trace = NULL;
  gsize n_bytes, n_events, n_block;
  TrkBlockHeader header;

  build (self, TRACE_BUILDER_CLOSED, 3);
  trace = trace_fixture_load (self);
  g_assert_true (ms_trace_write_frequency_files (trace, NULL));
  trace_fixture_read_file (self, FREQUENCY_FILE, &bytes, &n_bytes);
  for (gsize length = 0; length < n_bytes; length += 5)
    {
      g_autoptr (MsFirstSummary) first = NULL;

      trace_fixture_write_file (self, FREQUENCY_FILE, bytes, (gssize) length);
      first = look (self);
      g_assert_false (first->threads[0].has_counts);
      g_assert_true (first->threads[1].has_counts);
      g_assert_false (first->has_allocations || first->has_bytes);
    }
  trace_fixture_write_file (self, FREQUENCY_FILE, bytes, (gssize) n_bytes);
  /* The thread's last block is gone. */
  trace_fixture_read_file (self, "memscope_thread_0-1000.bin", &events, &n_events);
  memcpy (&header, events + sizeof (TrkFileHeader), sizeof header);
  n_block = header.header_size + header.payload_bytes;
  longer = g_memdup2 (events, n_events);
  memmove (longer + sizeof (TrkFileHeader), longer + sizeof (TrkFileHeader) + n_block,
           n_events - sizeof (TrkFileHeader) - n_block);
  trace_fixture_write_file (self, "memscope_thread_0-1000.bin", longer,
                            (gssize) (n_events - n_block));
  {
    g_autoptr (MsFirstSummary) first = look (self);

    g_assert_false (first->threads[0].has_counts);
  }
}

/* The manifest's totals are the closer's, who knew every event. */
static void
test_closed (TraceFixture *self, gconstpointer data)
{
  g_autofree char *bytes = NULL, *with_totals = NULL;
  g_auto (GStrv) parts = NULL;
  g_autoptr (MsFirstSummary) first = NULL;
  gsize n_bytes;

  build (self, TRACE_BUILDER_CLOSED, 4);
  trace_fixture_read_file (self, TRK_MANIFEST_FILE_NAME, &bytes, &n_bytes);
  parts = g_strsplit (bytes, "\"closed\":true", 2);
  g_assert_nonnull (parts[1]);
  with_totals = g_strdup_printf ("%s\"closed\":true,\"totals\":{\"domain\":\"heap\",\"peak_bytes\":"
                                 "12345,\"allocations\":777}%s",
                                 parts[0], parts[1]);
  trace_fixture_write_file (self, TRK_MANIFEST_FILE_NAME, with_totals, -1);
  first = look (self);
  g_assert_true (first->has_allocations && first->has_peak && !first->has_bytes);
  g_assert_cmpuint (first->allocations, ==, 777);
  g_assert_cmpuint (first->peak_bytes, ==, 12345);
}

/* A manifest may say anything: no difference of two times overflows. */
static void
test_hostile_times (TraceFixture *self, gconstpointer data)
{
  const gint64 starts[] = { G_MININT64, -1, 0, 1, G_MAXINT64 };
  const gint64 ends[] = { G_MININT64, -1, 0, G_MAXINT64 };
  g_autofree char *bytes = NULL, *start_text = NULL;
  gsize n_bytes;

  build (self, TRACE_BUILDER_KILLED, 7);
  trace_fixture_read_file (self, TRK_MANIFEST_FILE_NAME, &bytes, &n_bytes);
  start_text = g_strdup_printf ("\"start_ns\":%" G_GINT64_FORMAT, TRACE_BUILDER_START_NS);
  g_assert_nonnull (strstr (bytes, start_text));
  for (guint i = 0; i < G_N_ELEMENTS (starts) * G_N_ELEMENTS (ends); i++)
    {
      gint64 start_ns = starts[i % G_N_ELEMENTS (starts)], end_ns = ends[i / G_N_ELEMENTS (starts)];
      g_auto (GStrv) parts = g_strsplit (bytes, start_text, 2);
      g_autofree char *changed =
          g_strdup_printf ("%s\"end_ns\":%" G_GINT64_FORMAT ",\"start_ns\":%" G_GINT64_FORMAT "%s",
                           parts[0], end_ns, start_ns, parts[1]);
      g_autoptr (MsFirstSummary) first = NULL;

      trace_fixture_write_file (self, TRK_MANIFEST_FILE_NAME, changed, -1);
      first = look (self);
      g_assert_cmpint (first->duration_ns, >=, -1);
      if (start_ns <= 0)
        g_assert_cmpint (first->duration_ns, ==, -1);
      if (start_ns == 1 && end_ns == G_MAXINT64)
        g_assert_cmpint (first->duration_ns, ==, G_MAXINT64 - 1);
    }
}

static void
test_recording (TraceFixture *self, gconstpointer data)
{
  g_autofree char *outer = test_folder_new ();
  g_autofree char *inner = g_build_filename (outer, "0-victim.1", NULL);
  g_autofree char *other = g_build_filename (outer, "1-other.2", NULL);
  g_autoptr (MsFirstSummary) first = NULL;

  build (self, TRACE_BUILDER_CLOSED, 5);
  g_assert_cmpint (g_mkdir_with_parents (other, 0700), ==, 0);
  g_assert_cmpint (rename (self->folder, inner), ==, 0);
  first = ms_first_summary_load (outer, NULL, NULL);
  g_assert_nonnull (first);
  g_assert_cmpstr (first->folder, ==, inner);
  test_folder_remove (outer);
}

static void
test_nothing (TraceFixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_assert_null (ms_first_summary_load (self->folder, NULL, &error));
  g_assert_error (error, MS_ERROR, MS_ERROR_NOT_A_TRACE);
  g_clear_error (&error);
  g_assert_null (ms_first_summary_load ("/nonexistent", NULL, &error));
  g_assert_error (error, MS_ERROR, MS_ERROR_UNREADABLE);
  g_clear_error (&error);
  build (self, TRACE_BUILDER_CLOSED, 6);
  g_cancellable_cancel (cancellable);
  g_assert_null (ms_first_summary_load (self->folder, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/first-summary/" name, TraceFixture, NULL, trace_fixture_set_up, function, \
              trace_fixture_tear_down)
  ADD ("counted", test_counted);
  ADD ("not-counted", test_not_counted);
  ADD ("stale-counts", test_stale_counts);
  ADD ("closed", test_closed);
  ADD ("hostile-times", test_hostile_times);
  ADD ("recording", test_recording);
  ADD ("nothing", test_nothing);
  return g_test_run ();
}
