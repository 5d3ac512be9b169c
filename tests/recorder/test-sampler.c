/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The sampler and the formula of its errors, as units: 20 000 runs over one program of mixed sizes, each
 * with a seed of its own.  The estimates must be right on average, and the interval of 1.96 standard
 * errors must hold the truth in 94 to 96 of 100 runs.
 */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "ms-estimate.h"
#include "trk-sampler.h"

#define N_RUNS 20000
#define N_BLOCKS 20000

typedef struct {
  double rate;
  guint64 interval_bytes;
} Choice;

static const Choice by_rate = { 0.1, 0 }, by_interval = { 1, 65536 };

/* Most blocks are small, most bytes are in large ones. */
static void
choose_sizes (guint32 sizes[N_BLOCKS])
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261122);

  for (guint i = 0; i < N_BLOCKS; i++)
    {
      double kind = g_rand_double (random);

      sizes[i] = (guint32) (kind < 0.7    ? g_rand_int_range (random, 256, 1024)
                            : kind < 0.95 ? g_rand_int_range (random, 1024, 8192)
                                          : g_rand_int_range (random, 8192, 65536));
    }
}

typedef struct {
  double truth, sum, sum_squares, sum_errors;
  guint covered;
} Outcome;

static void
outcome_add (Outcome *self, double estimate, double variance)
{
  double error = sqrt (variance);

  self->sum += estimate - self->truth;
  self->sum_squares += (estimate - self->truth) * (estimate - self->truth);
  self->sum_errors += error;
  self->covered += fabs (estimate - self->truth) <= 1.96 * error;
}

static void
outcome_check (const Outcome *self, const char *what)
{
  double coverage = 100.0 * self->covered / N_RUNS, mean = self->sum / N_RUNS;
  double spread = sqrt (self->sum_squares / N_RUNS), error = self->sum_errors / N_RUNS;

  g_test_message ("%s: %.0f, mean error %+.4f %%, spread %.3f %%, standard error %.3f %%, "
                  "covered %.2f %%",
                  what, self->truth, 100 * mean / self->truth, 100 * spread / self->truth,
                  100 * error / self->truth, coverage);
  g_assert_cmpfloat (fabs (mean), <=, 3 * spread / sqrt (N_RUNS));
  g_assert_cmpfloat (fabs (error / spread - 1), <=, 0.05);
  g_assert_cmpfloat (coverage, >=, 94);
  g_assert_cmpfloat (coverage, <=, 96);
}

static void
test_coverage (gconstpointer data)
{
  const Choice *choice = data;
  g_autofree guint32 *sizes = g_new (guint32, N_BLOCKS);
  Outcome blocks = { .truth = N_BLOCKS }, bytes = { 0 };

  choose_sizes (sizes);
  for (guint i = 0; i < N_BLOCKS; i++)
    bytes.truth += sizes[i];
  for (guint run = 0; run < N_RUNS; run++)
    {
      double n_blocks = 0, n_bytes = 0;
      MsVariance variance = { 0, 0 };
      TrkSampler sampler;

      trk_sampler_init (&sampler, choice->rate, choice->interval_bytes, run);
      for (guint i = 0; i < N_BLOCKS; i++)
        if (trk_sampler_keeps (&sampler, sizes[i]))
          {
            double rate = (double) sampler.rate_q32 / 0x1p32;
            double weight = 1 / ms_keep_probability (rate, sampler.interval_bytes, sizes[i]);

            n_blocks += weight;
            n_bytes += weight * sizes[i];
            ms_variance_add (&variance, ms_variance_of (weight, weight * sizes[i]));
          }
      outcome_add (&blocks, n_blocks, variance.blocks);
      outcome_add (&bytes, n_bytes, variance.bytes);
    }
  outcome_check (&blocks, "blocks");
  outcome_check (&bytes, "bytes");
}

/* A block far larger than the interval is always kept; one of nothing counts as one of a byte. */
static void
test_extremes (void)
{
  TrkSampler sampler;
  guint kept = 0;

  for (guint seed = 0; seed < 1000; seed++)
    {
      trk_sampler_init (&sampler, 1, 1024, seed);
      g_assert_true (trk_sampler_keeps (&sampler, 1 << 20));
    }
  trk_sampler_init (&sampler, 1, 10, 1);
  for (guint i = 0; i < 100000; i++)
    kept += trk_sampler_keeps (&sampler, 0);
  g_assert_cmpuint (kept, >, 9000);
  g_assert_cmpuint (kept, <, 10000);
  trk_sampler_init (&sampler, 1, 0, 7);
  for (guint i = 0; i < 100000; i++)
    g_assert_true (trk_sampler_keeps (&sampler, i));
}

/* Threads' seeds differ in few bits; their draws must not. */
static void
test_seeds_are_independent (void)
{
  guint both = 0, first = 0, second = 0;

  for (guint seed = 0; seed < 20000; seed++)
    {
      TrkSampler a, b;
      gboolean in_a, in_b;

      trk_sampler_init (&a, 0.5, 0, seed);
      trk_sampler_init (&b, 0.5, 0, seed ^ (guint64) 1 << 32);
      in_a = trk_sampler_keeps (&a, 1);
      in_b = trk_sampler_keeps (&b, 1);
      first += in_a;
      second += in_b;
      both += in_a && in_b;
    }
  g_assert_cmpfloat (fabs (first / 20000.0 - 0.5), <, 0.015);
  g_assert_cmpfloat (fabs (second / 20000.0 - 0.5), <, 0.015);
  g_assert_cmpfloat (fabs (both / 20000.0 - 0.25), <, 0.015);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/sampler/coverage/rate", &by_rate, test_coverage);
  g_test_add_data_func ("/sampler/coverage/interval", &by_interval, test_coverage);
  g_test_add_func ("/sampler/extremes", test_extremes);
  g_test_add_func ("/sampler/seeds-are-independent", test_seeds_are_independent);
  return g_test_run ();
}
