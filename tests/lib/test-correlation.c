/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Coefficients, lines and intervals against those of scipy 1.10.1 (pearsonr, spearmanr, linregress,
 * pearsonr.confidence_interval); effective n and its intervals against the formulas in numpy 1.24.2.
 * Anscombe's data are from The American Statistician 27 (1973), 17–21; strong and weak are first-order
 * autoregressive series.
 */
#include <math.h>
#include <string.h>

#include "ms-correlation.h"
#include "trace-fixture.h"

#define CLOSE 1e-12

static const double anscombe_x[] = {
  10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0,
};

static const double anscombe_y1[] = {
  8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68,
};

static const double anscombe_y2[] = {
  9.14, 8.14, 8.74, 8.77, 9.26, 8.1, 6.13, 3.1, 9.13, 7.26, 4.74,
};

static const double tied_x[] = {
  1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 4.0, 5.0, 5.0, 7.0, 8.0, 8.0,
};

static const double tied_y[] = {
  10.0, 9.0, 9.0, 11.0, 4.0, 6.0, 6.0, 6.0, 2.0, 2.0, 1.0, 3.0,
};

static const double strong_x[] = {
  20.0, 20.0, 21.2, 19.9, 16.3, 15.2, 12.2, 14.0, 20.6, 18.5, 16.3, 19.0, 20.6, 20.9,
  17.0, 17.5, 20.8, 15.2, 14.4, 7.9,  5.2,  0.8,  3.7,  1.9,  6.6,  9.9,  11.2, 2.9,
  4.1,  7.1,  10.1, 6.0,  6.9,  5.6,  5.2,  12.4, 10.7, 12.4, 17.5, 15.7,
};

static const double strong_y[] = {
  22.0, 21.8, 22.8, 22.1, 17.4, 17.6, 19.0, 16.5, 22.8, 21.6, 18.8, 24.8, 26.2, 22.8,
  20.5, 21.9, 23.1, 20.9, 19.7, 16.8, 17.5, 12.2, 13.8, 11.3, 14.4, 13.8, 14.1, 9.5,
  12.7, 16.7, 15.1, 11.4, 13.9, 9.2,  9.3,  14.5, 16.9, 19.1, 21.0, 19.1,
};

static const double weak_x[] = {
  20.0, 20.1, 25.5, 27.7, 21.8, 19.7, 17.7, 21.1, 20.4, 23.2, 14.2, 23.4, 21.3, 23.4,
  21.1, 19.1, 21.4, 24.0, 21.2, 20.0, 22.7, 17.9, 12.9, 18.0, 16.3, 10.5, 12.0, 14.1,
  12.3, 10.2, 15.2, 21.2, 19.7, 16.9, 20.0, 22.9, 20.2, 22.3, 25.3, 21.8,
};

static const double weak_y[] = {
  22.0, 20.1, 24.8, 26.4, 25.8, 19.9, 18.5, 19.6, 16.9, 21.7, 19.6, 22.1, 25.4, 26.8,
  25.2, 23.6, 25.8, 22.0, 23.3, 23.7, 19.8, 20.4, 17.6, 22.6, 19.7, 17.0, 18.7, 17.2,
  18.9, 17.2, 20.8, 21.8, 24.1, 22.8, 22.5, 25.2, 25.8, 28.9, 23.2, 24.5,
};

static const struct {
  const double *x, *y;
  guint n;
  MsPointOrder order;
  double pearson, spearman, slope, intercept, effective_n, low, high;
} references[] = {
  { anscombe_x, anscombe_y1, 11, MS_POINTS_INDEPENDENT, 0.81642051634484, 0.818181818181818,
    0.500090909090909, 3.00009090909091, 11, 0.424391213393217, 0.950693253786561 },
  { anscombe_x, anscombe_y2, 11, MS_POINTS_INDEPENDENT, 0.816236506000243, 0.690909090909091, 0.5,
    3.00090909090909, 11, 0.423938873953988, 0.950640173995772 },
  { tied_x, tied_y, 12, MS_POINTS_INDEPENDENT, -0.866295295731711, -0.892666902415853,
    -1.21065989847716, 10.7944162436548, 12, -0.961947257773824, -0.58149409011876 },
  { weak_x, weak_y, 40, MS_POINTS_IN_TIME, 0.695108770925618, 0.657184434841322, 0.516645269456335,
    11.9897082168588, 19.1072552606832, 0.353481365578211, 0.873136857932243 },
};

static void
test_references (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (references); i++)
    {
      MsCorrelation c;

      g_assert_true (ms_correlation_compute (&c, references[i].x, references[i].y, references[i].n,
                                             references[i].order));
      g_assert_null (c.refusal);
      g_assert_cmpuint (c.n, ==, references[i].n);
      g_assert_cmpfloat_with_epsilon (c.pearson, references[i].pearson, CLOSE);
      g_assert_cmpfloat_with_epsilon (c.spearman, references[i].spearman, CLOSE);
      g_assert_cmpfloat_with_epsilon (c.slope, references[i].slope, CLOSE);
      g_assert_cmpfloat_with_epsilon (c.intercept, references[i].intercept, 10 * CLOSE);
      g_assert_cmpfloat_with_epsilon (c.effective_n, references[i].effective_n, 10 * CLOSE);
      g_assert_true (c.interval_low.known && c.interval_high.known);
      g_assert_cmpfloat_with_epsilon (c.interval_low.value, references[i].low, CLOSE);
      g_assert_cmpfloat_with_epsilon (c.interval_high.value, references[i].high, CLOSE);
    }
}

/* Forty samples that stand for 8.7 independent ones have a coefficient and no interval. */
static void
test_autocorrelated (void)
{
  MsCorrelation c;

  g_assert_true (ms_correlation_compute (&c, strong_x, strong_y, 40, MS_POINTS_IN_TIME));
  g_assert_cmpfloat_with_epsilon (c.pearson, 0.902763675833934, CLOSE);
  g_assert_cmpfloat_with_epsilon (c.effective_n, 8.73679844877874, 10 * CLOSE);
  g_assert_false (c.interval_low.known || c.interval_high.known);
  g_assert_nonnull (c.interval_low.reason);
  /* The same as independent points. */
  g_assert_true (ms_correlation_compute (&c, strong_x, strong_y, 40, MS_POINTS_INDEPENDENT));
  g_assert_cmpfloat_with_epsilon (c.interval_low.value, 0.8225796092903108, CLOSE);
  g_assert_cmpfloat_with_epsilon (c.interval_high.value, 0.947747978175865, CLOSE);
}

/* Series that alternate against each other know less of themselves than independent ones would: the
 * formula gives more than n, which nobody should believe. */
static void
test_effective_at_most_n (void)
{
  double x[30], y[30];
  MsCorrelation c;

  for (guint i = 0; i < 30; i++)
    {
      x[i] = i % 2 ? 1 : -1 + 0.01 * i;
      y[i] = i / 10 + 0.001 * i;
    }
  g_assert_true (ms_correlation_compute (&c, x, y, 30, MS_POINTS_IN_TIME));
  g_assert_cmpfloat (c.effective_n, ==, 30);
}

static void
assert_refused (const double *x, const double *y, guint n, const char *words)
{
  MsCorrelation c;

  g_assert_false (ms_correlation_compute (&c, x, y, n, MS_POINTS_INDEPENDENT));
  g_assert_nonnull (c.refusal);
  g_assert_nonnull (strstr (c.refusal, words));
  g_assert_false (c.interval_low.known || c.interval_high.known);
}

static void
test_refusals (void)
{
  const double third = 1.0 / 3, flat[] = { third, third, third, third, third, third, third, third };
  const double rising[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
  const double with_nan[] = { 1, NAN, 3, 4, 5, 6, 7, 8 },
               with_infinity[] = { 1, 2, 3, INFINITY, 5, 6, 7, 8 };
  const double tiny[] = { 5e-324, 0, 0, 0, 0, 0, 0, 0 };
  MsCorrelation c;

  assert_refused (rising, rising, 0, "fewer than eight");
  assert_refused (rising, rising, 7, "fewer than eight");
  assert_refused (flat, rising, 8, "first figure does not vary");
  assert_refused (rising, flat, 8, "second figure does not vary");
  assert_refused (rising, with_nan, 8, "not finite");
  assert_refused (with_infinity, rising, 8, "not finite");
  assert_refused (tiny, rising, 8, "hardly varies");
  g_assert_true (ms_correlation_compute (&c, rising, rising, 8, MS_POINTS_INDEPENDENT));
  g_assert_cmpfloat_with_epsilon (c.pearson, 1, CLOSE);
  g_assert_false (c.interval_low.known); /* eight points */
}

/* Points on a line: r is ±1, and so is its interval. */
static void
test_exact_line (void)
{
  double x[20], y[20];
  MsCorrelation c;

  for (guint i = 0; i < 20; i++)
    {
      x[i] = i;
      y[i] = 7 - 2.5 * i;
    }
  g_assert_true (ms_correlation_compute (&c, x, y, 20, MS_POINTS_INDEPENDENT));
  g_assert_cmpfloat_with_epsilon (c.pearson, -1, CLOSE);
  g_assert_cmpfloat_with_epsilon (c.spearman, -1, CLOSE);
  g_assert_cmpfloat_with_epsilon (c.slope, -2.5, CLOSE);
  g_assert_cmpfloat_with_epsilon (c.intercept, 7, CLOSE);
  g_assert_cmpfloat_with_epsilon (c.interval_low.value, -1, 1e-6);
  g_assert_true (isfinite (c.interval_high.value));
}

/* --- properties --------------------------------------------------------------------------------- */

#define N 37

static void
draw (GRand *random, double *x, double *y)
{
  for (guint i = 0; i < N; i++)
    {
      x[i] = g_rand_int_range (random, 0, 20); /* with ties */
      y[i] = 0.3 * x[i] + g_rand_double_range (random, -5, 5);
    }
}

static void
assert_same (const MsCorrelation *a, const MsCorrelation *b, double sign)
{
  g_assert_cmpfloat_with_epsilon (a->pearson, sign * b->pearson, 1e-9);
  g_assert_cmpfloat_with_epsilon (a->spearman, sign * b->spearman, 1e-9);
}

/* Neither the unit nor its zero matters, not even at the ends of the number range; which figure comes
 * first does not; nor does the order of independent points. */
static void
test_properties (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  double x[N], y[N], u[N], v[N];

  for (guint round = 0; round < 200; round++)
    {
      static const double scales[] = { 1e-150, 1e-3, 1, 1e6, 1e300 };
      double scale = scales[round % G_N_ELEMENTS (scales)];
      double zero = scale * g_rand_double_range (random, -100, 100);
      MsCorrelation plain, other;

      draw (random, x, y);
      ms_correlation_compute (&plain, x, y, N, MS_POINTS_IN_TIME);
      for (guint i = 0; i < N; i++)
        {
          u[i] = zero + scale * x[i];
          v[i] = 3 - 0.5 * y[i];
        }
      g_assert_true (ms_correlation_compute (&other, u, v, N, MS_POINTS_IN_TIME));
      assert_same (&other, &plain, -1);
      g_assert_cmpfloat_with_epsilon (other.effective_n, plain.effective_n, 1e-6);
      g_assert_true (ms_correlation_compute (&other, y, x, N, MS_POINTS_IN_TIME));
      assert_same (&other, &plain, 1);
      g_assert_cmpfloat_with_epsilon (plain.slope * other.slope, plain.pearson * plain.pearson,
                                      1e-9);

      for (guint i = N - 1; i > 0; i--)
        {
          guint k = (guint) g_rand_int_range (random, 0, (gint) i + 1);
          double kept_x = x[i], kept_y = y[i];

          x[i] = x[k], y[i] = y[k];
          x[k] = kept_x, y[k] = kept_y;
        }
      g_assert_true (ms_correlation_compute (&other, x, y, N, MS_POINTS_INDEPENDENT));
      assert_same (&other, &plain, 1);
      g_assert_cmpfloat_with_epsilon (other.slope, plain.slope, 1e-9);
    }
}

/* Spearman asks for order alone. */
static void
test_monotone (void)
{
  double x[N], y[N];
  MsCorrelation c;

  for (guint i = 0; i < N; i++)
    {
      x[i] = i;
      y[i] = exp (i);
    }
  g_assert_true (ms_correlation_compute (&c, x, y, N, MS_POINTS_INDEPENDENT));
  g_assert_cmpfloat_with_epsilon (c.spearman, 1, CLOSE);
  g_assert_cmpfloat (c.pearson, <, 0.6);
}

/* --- patterns and points ------------------------------------------------------------------------ */

static void
test_patterns (void)
{
  static const struct {
    double cpu_percent, bytes_per_second;
    MsPattern pattern;
  } cases[] = {
    { 0, 0, MS_PATTERN_IDLE },
    { 1.99, 2.49e6, MS_PATTERN_IDLE },
    { 2, 0, MS_PATTERN_COMPUTE_INTENSIVE },
    { 0, 2.5e6, MS_PATTERN_DATA_MOVEMENT },
    { 40, 25e6, MS_PATTERN_COMPUTE_INTENSIVE },
    { 40, 25.1e6, MS_PATTERN_MIXED },
    { 20, 50e6, MS_PATTERN_DATA_MOVEMENT },
    { 20.1, 50e6, MS_PATTERN_MIXED },
    { 100, 1e9, MS_PATTERN_DATA_MOVEMENT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (ms_pattern_get (cases[i].cpu_percent, cases[i].bytes_per_second, NULL), ==,
                     cases[i].pattern);
  g_assert_cmpstr (ms_pattern_to_string (MS_PATTERN_IDLE), ==, "idle");
  g_assert_cmpstr (ms_pattern_to_string (MS_PATTERN_COMPUTE_INTENSIVE), ==, "compute_intensive");
  g_assert_cmpstr (ms_pattern_to_string (MS_PATTERN_DATA_MOVEMENT), ==, "data_movement");
  g_assert_cmpstr (ms_pattern_to_string (MS_PATTERN_MIXED), ==, "mixed");
}

/* Nine threads of a second each; the last one's processor time is not known. */
static void
test_thread_points (TraceFixture *self, gconstpointer data)
{
  g_autoptr (MsTrace) trace = NULL;
  g_autoptr (MsView) view = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) points = NULL;
  MsCorrelation c;
  guint n_unknown = 0;

  for (guint t = 0; t < 9; t++)
    {
      trace_builder_start (self->builder, t, 0, -1);
      trace_builder_alloc (self->builder, t, 10, ((guint64) t + 1) << 32, 1000000 * (t + 1), 0);
      if (t < 8)
        trace_builder_exit (self->builder, t, 1000000000, 100000000 * (t + 1));
    }
  trace_builder_finish (self->builder, TRACE_BUILDER_KILLED);
  trace = ms_trace_load_full (self->folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  view = ms_view_new (trace, NULL, NULL, NULL);
  points = ms_thread_points_new (view, MS_DOMAIN_HEAP, NULL, NULL, &n_unknown);
  g_assert_cmpuint (points->len, ==, 8);
  g_assert_cmpuint (n_unknown, ==, 1);
  for (guint i = 0; i < 8; i++)
    {
      const MsThreadPoint *point = &g_array_index (points, MsThreadPoint, i);

      g_assert_cmpuint (point->thread_id, ==, i);
      g_assert_cmpfloat_with_epsilon (point->cpu_percent, 10.0 * (i + 1), 1e-9);
      g_assert_cmpfloat_with_epsilon (point->bytes_per_second, 1e6 * (i + 1), 1e-6);
      g_assert_false (point->io_operations.known);
      g_assert_cmpint (point->pattern, ==, MS_PATTERN_COMPUTE_INTENSIVE);
    }
  g_assert_true (ms_thread_points_correlate (points, &c));
  g_assert_cmpfloat_with_epsilon (c.pearson, 1, CLOSE);
  g_assert_cmpfloat_with_epsilon (c.slope, 1e5, 1e-6);
  g_array_set_size (points, 7);
  g_assert_false (ms_thread_points_correlate (points, &c));

  /* Of a part: its threads alone, and rates of the part of their lives that is in it. */
  const guint ids[] = { 1, 2 };
  g_autoptr (MsFilter) of_threads = ms_filter_with_threads (NULL, ids, G_N_ELEMENTS (ids));
  g_autoptr (MsFilter) filter = ms_filter_with_range (of_threads, 0, 500000000);
  g_autoptr (MsView) part = ms_view_new (trace, filter, NULL, NULL);
  g_autoptr (GArray) of_part = ms_thread_points_new (part, MS_DOMAIN_HEAP, NULL, NULL, &n_unknown);

  g_assert_cmpuint (of_part->len, ==, 2);
  g_assert_cmpuint (n_unknown, ==, 0);
  for (guint i = 0; i < of_part->len; i++)
    {
      const MsThreadPoint *point = &g_array_index (of_part, MsThreadPoint, i);

      g_assert_cmpuint (point->thread_id, ==, ids[i]);
      g_assert_cmpfloat_with_epsilon (point->bytes_per_second, 2e6 * (ids[i] + 1), 1e-6);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/correlation/references", test_references);
  g_test_add_func ("/correlation/autocorrelated", test_autocorrelated);
  g_test_add_func ("/correlation/effective-at-most-n", test_effective_at_most_n);
  g_test_add_func ("/correlation/refusals", test_refusals);
  g_test_add_func ("/correlation/exact-line", test_exact_line);
  g_test_add_func ("/correlation/properties", test_properties);
  g_test_add_func ("/correlation/monotone", test_monotone);
  g_test_add_func ("/correlation/patterns", test_patterns);
  g_test_add ("/correlation/thread-points", TraceFixture, NULL, trace_fixture_set_up,
              test_thread_points, trace_fixture_tear_down);
  return g_test_run ();
}
