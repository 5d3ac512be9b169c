/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-live-series.h"

#include <string.h>

void
ms_live_series_clear (MsLiveSeries *self)
{
  g_clear_pointer (&self->points, g_free);
  self->n_points = self->capacity = 0;
}

MsSeriesPoint *
ms_live_series_append (MsLiveSeries *self, guint32 bin, guint64 live)
{
  MsSeriesPoint *point;

  if (self->n_points == self->capacity)
    {
      self->capacity = MAX (8, self->capacity * 2);
      self->points = g_renew (MsSeriesPoint, self->points, self->capacity);
    }
  point = &self->points[self->n_points++];
  *point = (MsSeriesPoint) { .max = live, .min = live, .last = live, .bin = bin };
  return point;
}

void
ms_live_series_halve (MsLiveSeries *self)
{
  guint32 n = 0;

  for (guint32 i = 0; i < self->n_points; i++)
    {
      MsSeriesPoint point = self->points[i];
      MsSeriesPoint *last = n > 0 ? &self->points[n - 1] : NULL;

      point.bin /= 2;
      if (last == NULL || last->bin != point.bin)
        {
          self->points[n++] = point;
          continue;
        }
      last->max = MAX (last->max, point.max);
      last->min = MIN (last->min, point.min);
      last->last = point.last;
      last->allocated += point.allocated;
    }
  self->n_points = n;
}

MsLiveSeries
ms_live_series_copy (const MsLiveSeries *self)
{
  return (MsLiveSeries) { .points = g_memdup2 (self->points, self->n_points * sizeof *self->points),
                          .n_points = self->n_points,
                          .capacity = self->n_points };
}

/* Bytes of a stored bin are spread evenly over the output bins that it covers. */
static void
spread_allocated (const MsSeriesPoint *point, guint n_stored, guint n_bins, guint64 *allocated)
{
  guint first = (guint) ((guint64) point->bin * n_bins / n_stored);
  guint end = (guint) (((guint64) point->bin + 1) * n_bins / n_stored);
  guint n = MAX (1, end > first ? end - first : 0);
  guint64 given = 0;

  for (guint i = 0; i < n; i++)
    {
      guint64 until = (guint64) ((__uint128_t) point->allocated * (i + 1) / n);

      allocated[MIN (first + i, n_bins - 1)] += until - given;
      given = until;
    }
}

void
ms_live_series_resample (const MsLiveSeries *self,
                         guint n_stored,
                         guint n_bins,
                         guint64 *max,
                         guint64 *min,
                         guint64 *allocated)
{
  guint32 next = 0; /* first point that ends after the output bin's begin */

  if (n_bins == 0)
    return;
  if (allocated != NULL)
    {
      memset (allocated, 0, n_bins * sizeof *allocated);
      for (guint32 i = 0; i < self->n_points; i++)
        spread_allocated (&self->points[i], n_stored, n_bins, allocated);
    }
  for (guint i = 0; (max || min) && i < n_bins; i++)
    {
      guint32 first = (guint32) ((guint64) i * n_stored / n_bins);
      guint32 end = (guint32) (((guint64) (i + 1) * n_stored + n_bins - 1) / n_bins);
      guint64 highest = 0, lowest = 0, before;
      guint32 bin = first, p;

      while (next < self->n_points && self->points[next].bin < first)
        next++;
      before = next > 0 ? self->points[next - 1].last : 0;
      highest = lowest = next < self->n_points && self->points[next].bin == first
                             ? self->points[next].max
                             : before;
      if (next < self->n_points && self->points[next].bin == first)
        lowest = self->points[next].min;
      for (p = next; p < self->n_points && self->points[p].bin < MAX (end, bin + 1); p++)
        {
          highest = MAX (highest, self->points[p].max);
          lowest = MIN (lowest, self->points[p].min);
        }
      if (max)
        max[i] = highest;
      if (min)
        min[i] = lowest;
    }
}
