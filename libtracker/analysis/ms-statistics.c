/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NORMAL_PER_MEDIAN_DEVIATION 1.4826

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static double
median_of_sorted (const double *sorted, gsize n)
{
  return n % 2 ? sorted[n / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
}

double
ms_median (const double *values, guint n)
{
  g_autofree double *sorted = g_memdup2 (values, n * sizeof *values);

  qsort (sorted, n, sizeof *sorted, compare_doubles);
  return median_of_sorted (sorted, n);
}

double
ms_median_deviation (const double *values, guint n, double median)
{
  g_autofree double *distances = g_new (double, n);

  for (guint i = 0; i < n; i++)
    distances[i] = fabs (values[i] - median);
  return NORMAL_PER_MEDIAN_DEVIATION * ms_median (distances, n);
}

typedef struct {
  double value;
  guint index;
} Ranked;

static int
compare_ranked (const void *a, const void *b)
{
  return compare_doubles (&((const Ranked *) a)->value, &((const Ranked *) b)->value);
}

void
ms_ranks (const double *values, guint n, double *ranks)
{
  g_autofree Ranked *sorted = g_new (Ranked, n);

  for (guint i = 0; i < n; i++)
    sorted[i] = (Ranked) { values[i], i };
  qsort (sorted, n, sizeof *sorted, compare_ranked);
  for (guint first = 0, end; first < n; first = end)
    {
      for (end = first + 1; end < n && !(sorted[end].value > sorted[first].value); end++)
        continue;
      for (guint i = first; i < end; i++)
        ranks[sorted[i].index] = (first + 1 + end) / 2.0;
    }
}

/* Σ (v_i − v̄)(v_{i+lag} − v̄) / Σ (v_i − v̄)² */
static double
autocorrelation_at (const double *values, guint n, guint lag)
{
  double mean = 0, all = 0, lagged = 0;

  for (guint i = 0; i < n; i++)
    mean += values[i] / n;
  for (guint i = 0; i < n; i++)
    all += (values[i] - mean) * (values[i] - mean);
  for (guint i = 0; i + lag < n; i++)
    lagged += (values[i] - mean) * (values[i + lag] - mean);
  return all > 0 ? lagged / all : 0;
}

double
ms_autocorrelation (const double *values, guint n)
{
  return n > 1 ? autocorrelation_at (values, n, 1) : 0;
}

/* --- trend -------------------------------------------------------------------------------------- */

/* Kendall's S: pairs that rise less pairs that fall. */
static double
pairs_rising (const double *values, guint n)
{
  gint64 rising = 0;

  for (guint i = 0; i < n; i++)
    for (guint j = i + 1; j < n; j++)
      rising += (values[j] > values[i]) - (values[j] < values[i]);
  return (double) rising;
}

/* Of S, were the values exchangeable; ties make it smaller. */
static double
variance_of_pairs (const double *values, guint n)
{
  g_autofree double *sorted = g_memdup2 (values, n * sizeof *values);
  double sum = (double) n * (n - 1) * (2.0 * n + 5);

  qsort (sorted, n, sizeof *sorted, compare_doubles);
  for (guint first = 0, end; first < n; first = end)
    {
      double t;

      for (end = first + 1; end < n && !(sorted[end] > sorted[first]); end++)
        continue;
      t = end - first;
      sum -= t * (t - 1) * (2 * t + 5);
    }
  return sum / 18;
}

/* Hamed and Rao (1998): by how much the variance grows because the ranks of what is left without the
 * trend are correlated.  Lags whose correlation is not significant count as 0. */
static double
variance_factor (const double *values, guint n)
{
  double slope = ms_trend_slope (values, n), sum = 0;
  g_autofree double *rest = g_new (double, n);
  g_autofree double *ranks = g_new (double, n);
  double limit = 1.96 / sqrt (n);

  for (guint i = 0; i < n; i++)
    rest[i] = values[i] - slope * i;
  ms_ranks (rest, n, ranks);
  for (guint lag = 1; lag + 2 < n; lag++)
    {
      double r = autocorrelation_at (ranks, n, lag);

      if (fabs (r) > limit)
        sum += (double) (n - lag) * (n - lag - 1) * (n - lag - 2) * r;
    }
  return MAX (1, 1 + 2 * sum / ((double) n * (n - 1) * (n - 2)));
}

double
ms_trend_z (const double *values, guint n)
{
  double rising, variance;

  if (n < 4)
    return 0;
  rising = pairs_rising (values, n);
  variance = variance_of_pairs (values, n);
  if (rising == 0 || variance <= 0)
    return 0;
  variance *= variance_factor (values, n);
  return (rising - (rising > 0 ? 1 : -1)) / sqrt (variance);
}

double
ms_trend_slope (const double *values, guint n)
{
  gsize n_pairs = (gsize) n * (n - 1) / 2, next = 0;
  g_autofree double *slopes = NULL;

  if (n < 2)
    return 0;
  slopes = g_new (double, n_pairs);
  for (guint i = 0; i < n; i++)
    for (guint j = i + 1; j < n; j++)
      slopes[next++] = (values[j] - values[i]) / (j - i);
  qsort (slopes, n_pairs, sizeof *slopes, compare_doubles);
  return median_of_sorted (slopes, n_pairs);
}

/* By bisection: erf is in the C library, its inverse is not. */
double
ms_normal_two_sided (double confidence)
{
  double low = 0, high = 40;

  for (guint i = 0; i < 200; i++)
    {
      double middle = (low + high) / 2;

      if (1 - erfc (middle / sqrt (2)) < confidence)
        low = middle;
      else
        high = middle;
    }
  return (low + high) / 2;
}
