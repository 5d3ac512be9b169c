/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Growth, rises and odd ones out: found in series that have them, and in none that have not. */
#include <math.h>

#include "ms-anomaly-rules.h"

#define N 64
#define MB 1e6

static MsAnalysisSettings settings;

/* Normal, by the sum of twelve. */
static double
noise (GRand *random)
{
  double sum = -6;

  for (guint i = 0; i < 12; i++)
    sum += g_rand_double (random);
  return sum;
}

static double
highest (const double *values, guint n)
{
  double max = 0;

  for (guint i = 0; i < n; i++)
    max = MAX (max, values[i]);
  return max;
}

static gboolean
grows (const double *values, guint n)
{
  MsGrowth growth;

  return ms_growth_find (values, n, highest (values, n), &settings, &growth);
}

static void
test_growth (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  double line[N], noisy[N], steps[N], teeth[N];
  MsGrowth growth;

  for (guint i = 0; i < N; i++)
    {
      line[i] = 100 * MB + i * MB;
      noisy[i] = 100 * MB + i * MB + 8 * MB * noise (random);
      steps[i] = (i / 8) * 10 * MB;
      teeth[i] = 50 * MB + i * MB + (i % 7) * 4 * MB;
    }
  g_assert_true (ms_growth_find (line, N, 163 * MB, &settings, &growth));
  g_assert_cmpfloat_with_epsilon (growth.bytes, 63 * MB, 1);
  g_assert_cmpfloat (growth.z, >, growth.least_z);
  g_assert_true (grows (noisy, N));
  g_assert_true (grows (steps, N));
  g_assert_true (grows (teeth, N));
  line[N - 1] = line[N - 2] = 0; /* freed as the program ends */
  g_assert_true (grows (line, N));
}

/* At and below each limit. */
static void
test_growth_limits (void)
{
  double line[N];
  MsGrowth growth;

  for (guint i = 0; i < N; i++)
    line[i] = 10 * MB + i * 1.001 * MB / (N - 1);
  g_assert_true (ms_growth_find (line, N, 5 * MB, &settings, &growth));
  g_assert_false (ms_growth_find (line, N, 5.01 * MB, &settings, &growth)); /* 20 % */
  for (guint i = 0; i < N; i++)
    line[i] = i * 0.99 * MB / (N - 1);
  g_assert_false (ms_growth_find (line, N, MB, &settings, &growth)); /* 1 MB */
  for (guint i = 0; i < N; i++)
    line[i] = i * 10 * MB;
  g_assert_true (ms_growth_find (line, MS_GROWTH_MIN_POINTS, 100 * MB, &settings, &growth));
  g_assert_false (ms_growth_find (line, MS_GROWTH_MIN_POINTS - 1, 100 * MB, &settings, &growth));
}

/* Faster and faster, then all freed: no more than there was, and the end is seen. */
static void
test_growth_that_bends (void)
{
  MsGrowth growth;
  double values[N];

  for (guint i = 0; i < N; i++)
    values[i] = sqrt (i) * MB;
  g_assert_true (ms_growth_find (values, N, values[N - 1], &settings, &growth));
  g_assert_cmpfloat (growth.bytes, <=, values[N - 1]);
  g_assert_false (growth.is_freed_at_end);
  for (guint i = 0; i < N; i++)
    values[i] = i < N - 3 ? i * MB : 0;
  g_assert_true (ms_growth_find (values, N, (N - 4) * MB, &settings, &growth));
  g_assert_cmpfloat (growth.bytes, <=, (N - 4) * MB);
  g_assert_true (growth.is_freed_at_end);
}

/* Flat, grown and then flat, falling, one spike: none grows. */
static void
test_no_growth (void)
{
  for (guint shape = 0; shape < 6; shape++)
    {
      double values[N];

      for (guint i = 0; i < N; i++)
        {
          const double shapes[] = {
            100 * MB,
            i < 6 ? 0 : 100 * MB,                    /* loads its data */
            i < N / 2 ? i * 4 * MB : N / 2 * 4 * MB, /* fills a cache for half of its life */
            (N - i) * 4 * MB,
            i == 40 ? 500 * MB : 10 * MB,
            i < 3 * N / 4 ? 10 * MB : 90 * MB, /* a larger piece of work */
          };
          values[i] = shapes[shape];
        }
      g_assert_false (grows (values, N));
    }
}

/* Waves and teeth of any length from two points to half of the run, at any phase: what rises comes back. */
static void
test_periodic (void)
{
  for (double period = 2; period <= N / 2; period += 0.5)
    for (guint phase = 0; phase < 16; phase++)
      {
        double wave[N], teeth[N], pulse[N];

        for (guint i = 0; i < N; i++)
          {
            double at = fmod (i / period + phase / 16.0, 1);

            wave[i] = 100 * MB + 90 * MB * sin (2 * G_PI * at);
            teeth[i] = 100 * MB * at;
            pulse[i] = at < 0.3 ? 100 * MB : 0;
          }
        g_assert_false (grows (wave, N));
        g_assert_false (grows (teeth, N));
        g_assert_false (grows (pulse, N));
      }
}

/* Independent noise, and noise that remembers: fewer than one in a hundred seem to grow. */
static void
test_noise (void)
{
  static const double memories[] = { 0, 0.3, 0.6, 0.8 };
  g_autoptr (GRand) random = g_rand_new_with_seed (2);

  for (guint m = 0; m < G_N_ELEMENTS (memories); m++)
    {
      guint n_found = 0;

      for (guint round = 0; round < 500; round++)
        {
          double values[N], state = 0;

          for (guint i = 0; i < N; i++)
            {
              state = memories[m] * state + noise (random);
              values[i] = 100 * MB + 20 * MB * state;
            }
          n_found += grows (values, N) != FALSE;
        }
      g_assert_cmpuint (n_found, <, 5);
    }
}

/* --- rises -------------------------------------------------------------------------------------- */

#define M 256

static guint
n_rises (const double *values, guint n, MsRise *first)
{
  g_autoptr (GArray) rises = ms_rises_find (values, n, &settings);

  if (first != NULL && rises->len > 0)
    *first = g_array_index (rises, MsRise, 0);
  return rises->len;
}

static void
test_rise (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  double values[M], quiet[M] = { 0 };
  MsRise rise = { 0 };

  for (guint i = 0; i < M; i++)
    values[i] = MB + 0.1 * MB * noise (random);
  g_assert_cmpuint (n_rises (values, M, NULL), ==, 0);
  values[100] = 20 * MB;
  values[101] = 10 * MB;
  g_assert_cmpuint (n_rises (values, M, &rise), ==, 1);
  g_assert_cmpuint (rise.first, ==, 100);
  g_assert_cmpuint (rise.end, ==, 102);
  g_assert_cmpfloat (rise.bytes, ==, 30 * MB);
  g_assert_cmpfloat (rise.highest, ==, 20 * MB);
  g_assert_cmpfloat_with_epsilon (rise.usual, MB, 0.05 * MB);
  g_assert_cmpfloat (rise.score, >, 8);
  g_assert_cmpfloat (rise.rest, <, 2 * MB);

  quiet[200] = MB; /* nothing else at all */
  g_assert_cmpuint (n_rises (quiet, M, &rise), ==, 1);
  quiet[200] = 0.99 * MB;
  g_assert_cmpuint (n_rises (quiet, M, NULL), ==, 0);
}

/* A start is no rise, nor is what happens again and again, nor one that is no higher than the rest by the
 * factor that is asked for. */
static void
test_no_rise (void)
{
  double values[M];

  for (guint i = 0; i < M; i++)
    values[i] = i < M / 20 ? 100 * MB : MB;
  g_assert_cmpuint (n_rises (values, M, NULL), ==, 0);
  for (guint period = 2; period <= 60; period++)
    {
      for (guint i = 0; i < M; i++)
        values[i] = i % period == 0 ? 100 * MB : MB;
      g_assert_cmpuint (n_rises (values, M, NULL), ==, 0);
    }
  for (guint i = 0; i < M; i++)
    values[i] = i % 50 == 20 ? 2.9 * MB : MB;
  values[128] = 8 * MB;
  g_assert_cmpuint (n_rises (values, M, NULL), ==, 0); /* 2.76 times */
  values[128] = 8.8 * MB;
  g_assert_cmpuint (n_rises (values, M, NULL), ==, 1);
  g_assert_cmpuint (n_rises (values + 128, MS_RISE_MIN_POINTS - 1, NULL), ==, 0);
}

/* Even noise with a long tail is no rise, but once in a hundred. */
static void
test_rise_noise (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  guint n_found = 0;

  for (guint round = 0; round < 1000; round++)
    {
      double values[M];

      for (guint i = 0; i < M; i++)
        values[i] = -10 * MB * log (1 - g_rand_double (random));
      n_found += n_rises (values, M, NULL);
    }
  g_assert_cmpuint (n_found, <, 10);
}

/* --- peers -------------------------------------------------------------------------------------- */

static void
test_peers (void)
{
  const double alike[] = { 100, 105, 95, 101, 99, 100 }, high[] = { 100, 105, 95, 101, 99, 400 };
  const double low[] = { 100, 105, 95, 101, 99, 10 }, near[] = { 100, 105, 95, 101, 99, 195 };
  const double mixed[] = { 100, 100, 100, 100, 900, 900 },
               wide[] = { 1, 10, 100, 1000, 10000, 1e5 };
  double scores[6], usual;

  g_assert_cmpuint (ms_peers_find (alike, 6, &settings, scores, &usual), ==, 0);
  g_assert_cmpuint (ms_peers_find (high, 6, &settings, scores, &usual), ==, 1);
  g_assert_cmpfloat (scores[5], >, 5);
  g_assert_cmpfloat (scores[0], ==, 0);
  g_assert_cmpfloat (usual, ==, 100.5);
  g_assert_cmpuint (ms_peers_find (low, 6, &settings, scores, &usual), ==, 1);
  g_assert_cmpfloat (scores[5], <, -5);
  g_assert_cmpuint (ms_peers_find (near, 6, &settings, scores, &usual), ==, 0);
  g_assert_cmpuint (ms_peers_find (mixed, 6, &settings, scores, &usual), ==, 0);
  g_assert_cmpuint (ms_peers_find (wide, 6, &settings, scores, &usual), ==, 0);
  g_assert_cmpuint (ms_peers_find (high + 2, 4, &settings, scores, &usual), ==, 0); /* four */
  g_assert_cmpuint (ms_peers_find (high + 1, 5, &settings, scores, &usual), ==, 1); /* five */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ms_analysis_settings_init (&settings);
  g_test_add_func ("/anomaly-rules/growth", test_growth);
  g_test_add_func ("/anomaly-rules/growth-limits", test_growth_limits);
  g_test_add_func ("/anomaly-rules/growth-that-bends", test_growth_that_bends);
  g_test_add_func ("/anomaly-rules/no-growth", test_no_growth);
  g_test_add_func ("/anomaly-rules/periodic", test_periodic);
  g_test_add_func ("/anomaly-rules/noise", test_noise);
  g_test_add_func ("/anomaly-rules/rise", test_rise);
  g_test_add_func ("/anomaly-rules/no-rise", test_no_rise);
  g_test_add_func ("/anomaly-rules/rise-noise", test_rise_noise);
  g_test_add_func ("/anomaly-rules/peers", test_peers);
  return g_test_run ();
}
