/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Peaks of sampled traces against the truth, which only this test knows: it plays threads, each a seed of
 * its own, and writes down what a recorder would have kept of them.
 *
 *   steady     live bytes stay the same while blocks come and go: the highest point of an estimate is
 *              far too high there, and its time says nothing
 *   growing    nothing is freed: the peak is what is left
 */
#include <math.h>
#include <string.h>

#include "trace-fixture.h"

#define N_STACKS 7

typedef struct {
  guint n_threads, n_live, n_turns;
  double rate;
  guint64 interval_bytes;
  guint64 size;
} Case;

static const Case steady = { 1500, 400, 10, 0.1, 0, 100 };
static const Case rare = { 1500, 1000, 20, 0.03, 0, 64 };
static const Case frequent = { 600, 200, 10, 0.6, 0, 1000 };
static const Case interval = { 1000, 300, 10, 1, 4096, 2000 };
static const Case growing = { 1500, 400, 1, 0.1, 0, 100 };

static double
keep_probability (const Case *c)
{
  return c->interval_bytes > 0 ? -expm1 (-(double) c->size / (double) c->interval_bytes) : c->rate;
}

/* At each tick one block takes the place of another.  The truth is n_live blocks throughout. */
static void
play_thread (TraceBuilder *builder, guint thread, const Case *c, GRand *random, guint32 stack)
{
  g_autofree guint64 *kept = g_new0 (guint64, c->n_live);
  guint64 address = 0x10000 + ((guint64) thread << 32);
  guint n_steps = c->n_live * c->n_turns;
  double p = keep_probability (c);

  trace_builder_sampling (builder, thread, c->rate, c->interval_bytes);
  for (guint i = 0; i < n_steps; i++)
    {
      guint slot = i < c->n_live ? i : (guint) g_rand_int_range (random, 0, (gint) c->n_live);

      if (kept[slot] != 0)
        trace_builder_free_block (builder, thread, 10 + 2 * i, kept[slot]);
      kept[slot] = 0;
      if (g_rand_double (random) >= p)
        continue;
      address += 4096;
      kept[slot] = address;
      trace_builder_alloc (builder, thread, 11 + 2 * i, address, c->size, stack);
    }
}

/* Of each thread its own peak, or what it had live at the process's: the truth is the same. */
static void
check_estimates (MsTrace *trace, const Case *c, gboolean at_process_peak)
{
  double truth = (double) (c->size * c->n_live), sum = 0, squares = 0, zs = 0, mean, spread,
         covered;
  guint n = ms_trace_get_n_threads (trace), n_covered = 0;

  g_assert_cmpuint (n, ==, c->n_threads);
  for (guint i = 0; i < n; i++)
    {
      const MsTotals *t = ms_thread_get_totals (ms_trace_get_thread (trace, i), MS_DOMAIN_HEAP);
      double error = at_process_peak ? t->standard_errors.bytes_at_process_peak
                                     : t->standard_errors.peak_bytes;
      guint64 bytes = at_process_peak ? t->bytes_at_process_peak : t->peak_bytes;
      double share = (double) bytes / truth;

      sum += share;
      squares += (share - 1) * (share - 1);
      zs += ((double) bytes - truth) / error;
      n_covered += fabs ((double) bytes - truth) <= 1.96 * error;
    }
  mean = sum / n;
  spread = sqrt (squares / n);
  covered = 100.0 * n_covered / n;
  g_test_message ("%s / truth %.4f, spread %.4f, mean z %+.2f, covered %.1f %%",
                  at_process_peak ? "at the process's peak" : "peak", mean, spread, zs / n,
                  covered);
  g_assert_cmpfloat (mean, <=, 1 + 3 * spread / sqrt (n));
  g_assert_cmpfloat (mean, >=, 1 - 3 * spread / sqrt (n));
  g_assert_cmpfloat (covered, >=, 88);
  g_assert_cmpfloat (covered, <=, 99.5);
}

/* The case is one in which a curve's highest point misleads, or this test shows nothing. */
static void
check_highest_points (MsTrace *trace, const Case *c)
{
  double sum = 0;

  for (guint i = 0; i < c->n_threads; i++)
    {
      guint64 highest;

      ms_trace_get_live_series (trace, ms_trace_get_thread (trace, i), MS_DOMAIN_HEAP, 1, &highest,
                                NULL);
      sum += (double) highest / (double) (c->size * c->n_live);
    }
  g_test_message ("highest point / truth %.4f", sum / c->n_threads);
  g_assert_cmpfloat (sum / c->n_threads, >, 1.05);
}

/* Blocks of thousands of threads are enough for one figure to be judged alone. */
static void
check_wholes (MsTrace *trace, const Case *c)
{
  const MsTotals *t = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  double truth = (double) (c->size * c->n_live * c->n_threads);

  g_test_message ("process %+.2f errors",
                  ((double) t->peak_bytes - truth) / t->standard_errors.peak_bytes);
  g_assert_cmpfloat (fabs ((double) t->peak_bytes - truth), <=, 4 * t->standard_errors.peak_bytes);
  for (guint i = 0; i < N_STACKS; i++)
    {
      guint n_threads = (c->n_threads + N_STACKS - 1 - i) / N_STACKS;
      double part = (double) (c->size * c->n_live * n_threads);

      t = ms_trace_get_stack_totals (trace, i, MS_DOMAIN_HEAP);
      g_assert_cmpfloat (fabs ((double) t->peak_bytes - part), <=,
                         4 * t->standard_errors.peak_bytes);
    }
}

/* What was live at the process's peak adds up to it, over threads and over stacks. */
static void
check_sums (MsTrace *trace)
{
  guint64 peak = ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->peak_bytes, threads = 0, stacks = 0;

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    threads += ms_thread_get_totals (ms_trace_get_thread (trace, i), MS_DOMAIN_HEAP)
                   ->bytes_at_process_peak;
  for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
    stacks += ms_trace_get_stack_totals (trace, i, MS_DOMAIN_HEAP)->bytes_at_process_peak;
  g_assert_cmpuint (threads, ==, peak);
  g_assert_cmpuint (stacks, ==, peak);
}

static void
test_peaks (TraceFixture *self, gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  g_autoptr (MsTrace) trace = NULL;
  guint32 stacks[N_STACKS];

  trace_builder_set_pooled (self->builder, TRUE);
  for (guint i = 0; i < N_STACKS; i++)
    {
      const guint64 frames[] = { 0x1000 + 16 * i, 0x9000 };

      stacks[i] = trace_builder_add_stack (self->builder, 0, frames, 2);
    }
  for (guint i = 0; i < c->n_threads; i++)
    play_thread (self->builder, i, c, random, stacks[i % N_STACKS]);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  check_estimates (trace, c, FALSE);
  check_estimates (trace, c, TRUE);
  check_wholes (trace, c);
  check_sums (trace);
  if (c != &growing)
    {
      check_highest_points (trace, c);
      return;
    }
  for (guint i = 0; i < c->n_threads; i++)
    {
      const MsTotals *t = ms_thread_get_totals (ms_trace_get_thread (trace, i), MS_DOMAIN_HEAP);

      g_assert_cmpuint (t->peak_bytes, ==, t->live_bytes);
    }
}

/* A half that never held a block cannot choose: the plain estimate, with its error. */
static void
test_one_block (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_sampling (self->builder, 0, 0.01, 0);
  trace_builder_alloc (self->builder, 0, 10, 0x5000, 100, 0);
  trace_builder_free_block (self->builder, 0, 20, 0x5000);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->peak_bytes, ==, 10000);
  g_assert_cmpfloat_with_epsilon (totals->standard_errors.peak_bytes, sqrt (9900) * 100, 1);
  check_sums (trace);
}

/* Sampling that is switched on later adds nothing to what was certain before. */
static void
test_exact_before (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  trace_builder_alloc (self->builder, 0, 10, 0x5000, 1000001, 0);
  trace_builder_free_block (self->builder, 0, 20, 0x5000);
  trace_builder_alloc (self->builder, 1, 25, 0x7000, 300, 0);
  trace_builder_sampling (self->builder, 0, 0.5, 0);
  for (guint i = 0; i < 20; i++)
    trace_builder_alloc (self->builder, 0, 30 + i, 0x10000 + 4096 * i, 100, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->peak_bytes, ==, 1000001);
  g_assert_cmpfloat (totals->standard_errors.peak_bytes, ==, 0);
  totals = ms_thread_get_totals (ms_trace_find_thread (trace, 1), MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->peak_bytes, ==, 300);
  check_sums (trace);
}

static gboolean
is_warned (MsTrace *trace)
{
  GPtrArray *diagnostics = ms_trace_get_diagnostics (trace);

  for (guint i = 0; i < diagnostics->len; i++)
    {
      const MsDiagnostic *diagnostic = g_ptr_array_index (diagnostics, i);

      if (strstr (diagnostic->message, "peaks may be far off") != NULL)
        return diagnostic->level == MS_DIAGNOSTIC_WARNING;
    }
  return FALSE;
}

/* Of 1 000 blocks every tenth was kept; with @data, one of 300 MB was not. */
static void
test_large_block_missed (TraceFixture *self, gconstpointer data)
{
  guint64 large = data != NULL ? 300000000 : 0;
  guint32 stack;
  const guint64 frames[] = { 0x1000 };
  g_autoptr (MsTrace) trace = NULL;

  stack = trace_builder_add_stack (self->builder, 0, frames, 1);
  trace_builder_sampling (self->builder, 0, 0.1, 0);
  for (guint i = 0; i < 100; i++)
    trace_builder_alloc (self->builder, 0, 10 + i, 0x10000 + 4096 * i, 1000, stack);
  trace_builder_skipped (self->builder, 0, 900, 900000 + large, 0);
  trace_builder_finish (self->builder, TRACE_BUILDER_CLOSED);
  trace = trace_fixture_load (self);
  g_assert_cmpint (is_warned (trace), ==, data != NULL);
}

#define ADD(name, function, data) \
  g_test_add ("/sampled-peak/" name, TraceFixture, data, trace_fixture_set_up, function, \
              trace_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("steady", test_peaks, &steady);
  ADD ("rare", test_peaks, &rare);
  ADD ("frequent", test_peaks, &frequent);
  ADD ("interval", test_peaks, &interval);
  ADD ("growing", test_peaks, &growing);
  ADD ("one-block", test_one_block, NULL);
  ADD ("exact-before", test_exact_before, NULL);
  ADD ("large-block-missed", test_large_block_missed, "");
  ADD ("no-large-block", test_large_block_missed, NULL);
  return g_test_run ();
}
