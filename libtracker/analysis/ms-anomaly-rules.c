/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-anomaly-rules.h"

#include <math.h>

#include "ms-statistics.h"

/* --- growth ------------------------------------------------------------------------------------- */

/* What grew and stopped has no slope left in its second half. */
#define SLOPE_LEFT 0.25

gboolean
ms_growth_find (const double *floor,
                guint n,
                double peak,
                const MsAnalysisSettings *settings,
                MsGrowth *growth)
{
  double later_slope, highest;

  *growth = (MsGrowth) { 0 };
  if (n < MS_GROWTH_MIN_POINTS)
    return FALSE;
  highest = floor[0];
  growth->least_z = ms_normal_two_sided (settings->growth_confidence_percent / 100);
  growth->slope_per_step = ms_trend_slope (floor, n);
  for (guint i = 1; i < n; i++)
    highest = MAX (highest, floor[i]);
  /* A line through points that bend says more than there was. */
  growth->bytes = MIN (growth->slope_per_step * (n - 1), highest - floor[0]);
  growth->is_freed_at_end = floor[n - 1] - floor[0] < growth->bytes / 2;
  /* The cheap question first. */
  if (growth->bytes < settings->growth_bytes
      || growth->bytes < peak * settings->growth_percent / 100)
    return FALSE;
  growth->z = ms_trend_z (floor, n);
  if (growth->z < growth->least_z)
    return FALSE;
  later_slope = ms_trend_slope (floor + n / 2, n - n / 2);
  return later_slope >= SLOPE_LEFT * growth->slope_per_step
         && ms_trend_z (floor + n / 2, n - n / 2) >= ms_normal_two_sided (0.95);
}

/* --- rises -------------------------------------------------------------------------------------- */

#define START_SHARE 20 /* a twentieth */

/* The median, and a width that is not 0 where more than half of the points are equal. */
static double
get_width (const double *bytes, guint n, double *median)
{
  double mean = 0;

  *median = ms_median (bytes, n);
  for (guint i = 0; i < n; i++)
    mean += bytes[i] / n;
  return MAX (ms_median_deviation (bytes, n, *median), MAX (*median, mean) / 4);
}

/* Neighbouring points above @limit are one rise. */
static GArray *
find_runs (const double *bytes, guint start, guint n, double limit)
{
  GArray *runs = g_array_new (FALSE, TRUE, sizeof (MsRise));

  for (guint i = start; i < n; i++)
    {
      MsRise *last = runs->len > 0 ? &g_array_index (runs, MsRise, runs->len - 1) : NULL;
      MsRise rise = { .first = i, .end = i + 1, .bytes = bytes[i], .highest = bytes[i] };

      if (bytes[i] <= limit)
        continue;
      if (last != NULL && last->end == i)
        {
          last->end = i + 1;
          last->bytes += bytes[i];
          last->highest = MAX (last->highest, bytes[i]);
        }
      else
        {
          g_array_append_val (runs, rise);
        }
    }
  return runs;
}

GArray *
ms_rises_find (const double *bytes, guint n, const MsAnalysisSettings *settings)
{
  guint start = (n + START_SHARE - 1) / START_SHARE;
  double median, width, limit, rest = 0;
  GArray *rises;
  guint n_left = 0;

  if (n < MS_RISE_MIN_POINTS)
    return g_array_new (FALSE, TRUE, sizeof (MsRise));
  width = get_width (bytes + start, n - start, &median);
  limit = median + settings->rise_score * width;
  rises = find_runs (bytes, start, n, limit);
  for (guint i = start; i < n; i++)
    if (bytes[i] <= limit)
      rest = MAX (rest, bytes[i]);
  if (rises->len > MS_RISE_MOST)
    g_array_set_size (rises, 0);
  for (guint i = 0; i < rises->len; i++)
    {
      MsRise rise = g_array_index (rises, MsRise, i);

      rise.score = (rise.highest - median) / width;
      rise.usual = median;
      rise.rest = rest;
      if (rise.bytes >= settings->rise_bytes && rise.highest >= settings->rise_ratio * rest)
        g_array_index (rises, MsRise, n_left++) = rise;
    }
  g_array_set_size (rises, n_left);
  return rises;
}

/* --- peers -------------------------------------------------------------------------------------- */

/* Ten percent: peers are never more alike than this. */
#define LEAST_WIDTH 0.1375 /* log2 (1.1) */
#define MOST_SHARE 5

guint
ms_peers_find (const double *values,
               guint n,
               const MsAnalysisSettings *settings,
               double *scores,
               double *usual)
{
  g_autofree double *logs = g_new (double, n + 1);
  double median, width;
  guint n_found = 0;

  for (guint i = 0; i < n; i++)
    {
      logs[i] = log2 (values[i] + 1);
      scores[i] = 0;
    }
  *usual = 0;
  if (n < MS_PEERS_MIN)
    return 0;
  *usual = ms_median (values, n);
  median = ms_median (logs, n);
  width = MAX (ms_median_deviation (logs, n, median), LEAST_WIDTH);
  for (guint i = 0; i < n; i++)
    {
      double score = (logs[i] - median) / width;

      if (fabs (score) >= settings->peer_score
          && fabs (logs[i] - median) >= log2 (settings->peer_ratio))
        {
          scores[i] = score;
          n_found++;
        }
    }
  if (n_found * MOST_SHARE <= n)
    return n_found;
  for (guint i = 0; i < n; i++)
    scores[i] = 0;
  return 0;
}
