/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A made-up program's folder is read without a complaint, and holds what the program did. */
#include "made-trace.h"
#include "ms-trace.h"
#include "test-folder.h"

static MadeTruth
make_trace (const char *folder, const MadeShape *shape, gboolean frequency, MadeProgram **program)
{
  g_autoptr (MadeTrace) trace = NULL;
  MadeEvent event;

  *program = made_program_new (shape);
  trace = made_trace_new (folder, shape, *program);
  while (made_program_next (*program, &event))
    made_trace_add (trace, &event);
  made_trace_finish (trace, frequency);
  return *made_program_get_truth (*program);
}

static void
assert_totals (const MsTotals *totals, const MadeTotals *truth)
{
  g_assert_cmpuint (totals->allocations, ==, truth->allocations);
  g_assert_cmpuint (totals->deallocations, ==, truth->deallocations);
  g_assert_cmpuint (totals->reallocations, ==, truth->reallocations);
  g_assert_cmpuint (totals->allocated_bytes, ==, truth->allocated_bytes);
  g_assert_cmpuint (totals->peak_bytes, ==, truth->peak_bytes);
  /* Ticks are as fine as nanoseconds, and rounded. */
  g_assert_cmpint (ABS (totals->peak_time_ns - (gint64) truth->peak_ns), <=, 1);
  g_assert_cmpuint (totals->leaked_allocations, ==, truth->live_blocks);
  g_assert_cmpuint (totals->leaked_bytes, ==, truth->live_bytes);
  g_assert_cmpuint (totals->temporary_allocations, ==, truth->temporary_allocations);
  g_assert_cmpuint (totals->unmatched_frees, ==, 0);
}

static guint64
count_foreign_frees (MsTrace *trace)
{
  guint n;
  const MsInteraction *interactions = ms_trace_get_interactions (trace, MS_DOMAIN_HEAP, &n);
  guint64 sum = 0;

  for (guint i = 0; i < n; i++)
    sum += interactions[i].frees;
  return sum;
}

static void
check_shape (const MadeShape *shape, gboolean frequency)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (MadeProgram) program = NULL;
  MadeTruth truth = make_trace (folder, shape, frequency, &program);
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < ms_trace_get_diagnostics (trace)->len; i++)
    g_test_message ("%s", ((MsDiagnostic *) ms_trace_get_diagnostics (trace)->pdata[i])->message);
  g_assert_cmpuint (ms_trace_get_diagnostics (trace)->len, ==, 0);
  g_assert_cmpuint (ms_trace_get_n_events (trace), ==, shape->n_events);
  g_assert_cmpuint (ms_trace_get_n_threads (trace), ==, shape->n_threads);
  assert_totals (ms_trace_get_totals (trace, MS_DOMAIN_HEAP), &truth.process);
  for (guint i = 0; i < shape->n_threads; i++)
    assert_totals (ms_thread_get_totals (ms_trace_get_thread (trace, i), MS_DOMAIN_HEAP),
                   &truth.threads[i]);
  g_assert_cmpuint (count_foreign_frees (trace), ==, truth.foreign_frees);
  test_folder_remove (folder);
}

static void
test_many_threads (void)
{
  MadeShape shape = { .n_events = 300000,
                      .n_threads = 16,
                      .n_stacks = 20000,
                      .n_live = 1000,
                      .step_ns = 30,
                      .foreign_percent = 25,
                      .realloc_percent = 2,
                      .temporary_percent = 10,
                      .kept_per_million = 500,
                      .seed = 1 };

  check_shape (&shape, TRUE);
  shape.seed = 2;
  check_shape (&shape, FALSE);
}

/* Shapes at whose edge something could be off by one. */
static void
test_small_shapes (void)
{
  for (guint64 seed = 1; seed <= 40; seed++)
    {
      MadeShape shape = { .n_events = 1000 + 37 * seed,
                          .n_threads = 1 + seed % 5,
                          .n_stacks = 1 + (guint) seed * 3,
                          .n_live = 1 + (guint) seed % 7,
                          .step_ns = 30000,
                          .foreign_percent = 10 * (seed % 11),
                          .realloc_percent = seed % 30,
                          .temporary_percent = seed % 60,
                          .kept_per_million = seed * 1000,
                          .seed = seed };

      check_shape (&shape, seed % 2);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/made-trace/many-threads", test_many_threads);
  g_test_add_func ("/made-trace/small-shapes", test_small_shapes);
  return g_test_run ();
}
