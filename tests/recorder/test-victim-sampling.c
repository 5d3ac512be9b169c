/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sampling from end to end: 200 recordings of one program with as many seeds, each loaded by the model,
 * against an exact recording of it.  The mean of each estimate must lie within three standard errors of
 * the truth, and the interval that each recording gives must hold it in 89 to 99 of 100.
 *
 *   test-victim-sampling PRELOAD TRACKER FOLDER-OF-VICTIMS
 */
#include <glib/gstdio.h>
#include <math.h>

#include "victim-run.h"

#define N_RUNS 200

typedef struct {
  double value, error;
} Figure;

enum {
  LEAKED_BYTES,
  FREED_BYTES,
  PEAK_BYTES,
  LARGE_BYTES, /* of the call stack with the largest blocks */
  WORKER_LIVE_BYTES,
  PASSED_BYTES, /* freed by the other thread */
  N_BYTE_FIGURES,
  LEAKED_BLOCKS = N_BYTE_FIGURES,
  LARGE_ALLOCATIONS,
  TEMPORARY,
  REALLOCATIONS,
  PASSED_BLOCKS,
  N_FIGURES
};

static const char *const names[N_FIGURES] = {
  "leaked bytes",     "freed bytes",     "peak bytes",      "bytes of a stack",
  "a thread's bytes", "bytes passed on", "leaked blocks",   "blocks of a stack",
  "temporary blocks", "reallocations",   "blocks passed on"
};

static MsTrace *
record (const char *name, const char *value, guint seed)
{
  g_autofree char *top = g_dir_make_tmp ("memscope-victim-XXXXXX", NULL);
  g_autofree char *output = g_build_filename (top, "output", NULL);
  g_autofree char *number = g_strdup_printf ("%u", seed);
  g_autoptr (GPtrArray) traces = NULL;

  g_assert_cmpint (g_mkdir (output, 0700), ==, 0);
  g_unsetenv ("MEMSCOPE_SAMPLING_RATE");
  g_unsetenv ("MEMSCOPE_SAMPLE_INTERVAL");
  if (name)
    g_setenv (name, value, TRUE);
  g_setenv ("MEMSCOPE_SEED", number, TRUE);
  g_assert_cmpint (victim_finish (victim_start ("sampling", "mixed", top, output)), ==, 0);
  traces = victim_load_traces (output);
  victim_remove_tree (top);
  g_assert_cmpuint (traces->len, ==, 1);
  return g_object_ref (traces->pdata[0]);
}

static const MsTotals *
find_large_stack (MsTrace *trace)
{
  const MsTotals *best = NULL;

  for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
    {
      const MsTotals *t = ms_trace_get_stack_totals (trace, i, MS_DOMAIN_HEAP);

      if (t->allocations >= 20
          && (!best
              || t->allocated_bytes / t->allocations > best->allocated_bytes / best->allocations))
        best = t;
    }
  g_assert_nonnull (best);
  return best;
}

static void
read_figures (MsTrace *trace, Figure figures[N_FIGURES])
{
  const MsTotals *t = ms_trace_get_totals (trace, MS_DOMAIN_HEAP),
                 *stack = find_large_stack (trace);
  const MsTotals *worker = ms_thread_get_totals (ms_trace_find_thread (trace, 1), MS_DOMAIN_HEAP);
  guint n_interactions;
  const MsInteraction *passed = ms_trace_get_interactions (trace, MS_DOMAIN_HEAP, &n_interactions);
  const Figure all[N_FIGURES] = {
    { t->leaked_bytes, t->standard_errors.live_bytes },
    { t->freed_bytes_of_own, t->standard_errors.freed_bytes_of_own },
    { t->peak_bytes, t->standard_errors.peak_bytes },
    { stack->allocated_bytes, stack->standard_errors.allocated_bytes },
    { worker->live_bytes, worker->standard_errors.live_bytes },
    { passed->bytes, passed->bytes_standard_error },
    { t->leaked_allocations, t->standard_errors.live_blocks },
    { stack->allocations, stack->standard_errors.allocations },
    { t->temporary_allocations, t->standard_errors.temporary_allocations },
    { t->reallocations, t->standard_errors.reallocations },
    { passed->frees, passed->frees_standard_error },
  };

  g_assert_cmpuint (n_interactions, >=, 1);
  memcpy (figures, all, sizeof all);
}

/* Frees are never lost, and the exact counts of a sampled thread are those of an exact recording. */
static void
check_exact_counts (MsTrace *trace, MsTrace *exact)
{
  const MsTotals *t = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  const MsTotals *truth = ms_trace_get_totals (exact, MS_DOMAIN_HEAP);

  g_assert_cmpuint (t->allocations, ==, truth->allocations);
  g_assert_cmpuint (t->allocated_bytes, ==, truth->allocated_bytes);
  g_assert_cmpuint (t->deallocations, ==, truth->deallocations);
  g_assert_cmpuint (t->unmatched_frees + t->foreign_frees + t->prior_frees, ==, 0);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 0);
}

static void
check_figure (const char *name, double truth, const Figure *runs)
{
  double sum = 0, squares = 0, errors = 0, mean, spread;
  guint covered = 0;

  for (guint i = 0; i < N_RUNS; i++)
    {
      double off = runs[i].value - truth;

      sum += off;
      squares += off * off;
      errors += runs[i].error;
      covered += fabs (off) <= 1.96 * runs[i].error;
    }
  mean = sum / N_RUNS;
  spread = sqrt (squares / N_RUNS);
  g_test_message ("%-18s %10.0f, mean %+6.2f %% (%+5.2f errors of the mean), spread %5.2f %%, "
                  "standard error %5.2f %%, covered %.1f %%",
                  name, truth, 100 * mean / truth, mean / (spread / sqrt (N_RUNS)),
                  100 * spread / truth, 100 * errors / N_RUNS / truth, 100.0 * covered / N_RUNS);
  g_assert_cmpfloat (fabs (mean), <=, 3 * spread / sqrt (N_RUNS));
  g_assert_cmpfloat (100.0 * covered / N_RUNS, >=, 89);
  g_assert_cmpfloat (100.0 * covered / N_RUNS, <=, 99);
}

static void
run (const char *variable, const char *value, guint n_figures)
{
  g_autoptr (MsTrace) exact = record (NULL, NULL, 0);
  g_autofree Figure *runs = g_new0 (Figure, N_RUNS * N_FIGURES);
  Figure truth[N_FIGURES], figures[N_FIGURES];

  read_figures (exact, truth);
  for (guint i = 0; i < N_FIGURES; i++)
    g_assert_cmpfloat (truth[i].error, ==, 0);
  for (guint i = 0; i < N_RUNS; i++)
    {
      g_autoptr (MsTrace) trace = record (variable, value, 1000 + i);

      check_exact_counts (trace, exact);
      read_figures (trace, figures);
      for (guint f = 0; f < N_FIGURES; f++)
        runs[f * N_RUNS + i] = figures[f];
    }
  for (guint f = 0; f < n_figures; f++)
    check_figure (names[f], truth[f].value, &runs[f * N_RUNS]);
}

static void
test_rate (void)
{
  run ("MEMSCOPE_SAMPLING_RATE", "0.1", N_FIGURES);
}

/* Of small blocks an interval of bytes keeps so few that their number is hardly known: only bytes. */
static void
test_interval (void)
{
  run ("MEMSCOPE_SAMPLE_INTERVAL", "65536", N_BYTE_FIGURES);
}

/* The same seed, the same draws. */
static void
test_seed (void)
{
  g_autoptr (MsTrace) one = record ("MEMSCOPE_SAMPLING_RATE", "0.1", 7);
  g_autoptr (MsTrace) same = record ("MEMSCOPE_SAMPLING_RATE", "0.1", 7);
  g_autoptr (MsTrace) other = record ("MEMSCOPE_SAMPLING_RATE", "0.1", 8);
  guint64 bytes = ms_trace_get_totals (one, MS_DOMAIN_HEAP)->leaked_bytes;

  g_assert_cmpuint (ms_trace_get_totals (same, MS_DOMAIN_HEAP)->leaked_bytes, ==, bytes);
  g_assert_cmpuint (ms_trace_get_totals (other, MS_DOMAIN_HEAP)->leaked_bytes, !=, bytes);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  victim_run_init (argc, argv);
  g_test_add_func ("/victim-sampling/rate", test_rate);
  g_test_add_func ("/victim-sampling/interval", test_interval);
  g_test_add_func ("/victim-sampling/seed", test_seed);
  return g_test_run ();
}
