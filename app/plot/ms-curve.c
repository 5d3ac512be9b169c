/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-curve.h"

#include <math.h>

void
ms_curve_init (MsCurve *self, gint64 start_ns, gint64 end_ns, guint n_bins, gboolean has_min)
{
  *self =
      (MsCurve) { .start_ns = start_ns, .end_ns = MAX (end_ns, start_ns + 1), .n_bins = n_bins };
  self->max = g_new (double, n_bins);
  self->min = has_min ? g_new (double, n_bins) : NULL;
  for (guint i = 0; i < n_bins; i++)
    {
      self->max[i] = NAN;
      if (has_min)
        self->min[i] = NAN;
    }
}

void
ms_curve_clear (MsCurve *self)
{
  g_clear_pointer (&self->max, g_free);
  g_clear_pointer (&self->min, g_free);
  self->n_bins = 0;
}

/* In bins, from the curve's start; may lie outside of it. */
static double
get_place (const MsCurve *self, gint64 time_ns)
{
  return (double) (time_ns - self->start_ns) / (double) (self->end_ns - self->start_ns)
         * self->n_bins;
}

gboolean
ms_curve_find_bin (const MsCurve *self, gint64 time_ns, guint *bin)
{
  if (self->n_bins == 0 || time_ns < self->start_ns || time_ns > self->end_ns)
    return FALSE;
  *bin = (guint) MIN (get_place (self, time_ns), self->n_bins - 1);
  return TRUE;
}

void
ms_curve_cover (MsCurve *self, gint64 from_ns, gint64 to_ns, double value)
{
  if (self->n_bins == 0 || to_ns <= self->start_ns || from_ns >= self->end_ns)
    return;

  guint first = (guint) CLAMP (get_place (self, from_ns), 0, self->n_bins - 1);
  guint end = (guint) CLAMP (ceil (get_place (self, to_ns)), first + 1, self->n_bins);
  for (guint i = first; i < end; i++)
    {
      /* fmax() and fmin() pass over NaN. */
      self->max[i] = fmax (self->max[i], value);
      if (self->min != NULL)
        self->min[i] = fmin (self->min[i], value);
    }
}

static gboolean
reaches (const MsCurve *self, gint64 from_ns, gint64 to_ns)
{
  return self != NULL && self->n_bins > 0 && from_ns >= self->start_ns && to_ns <= self->end_ns;
}

gint64
ms_curve_get_bin_ns (const MsCurve *whole, const MsCurve *fine, gint64 from_ns, gint64 to_ns)
{
  const MsCurve *self = reaches (fine, from_ns, to_ns) ? fine : whole;

  return self->n_bins > 0 ? (self->end_ns - self->start_ns) / self->n_bins : 0;
}

gboolean
ms_curve_get_range (const MsCurve *whole,
                    const MsCurve *fine,
                    gint64 from_ns,
                    gint64 to_ns,
                    double *high,
                    double *low)
{
  const MsCurve *self = reaches (fine, from_ns, to_ns) ? fine : whole;

  *high = *low = NAN;
  if (self == NULL || self->n_bins == 0 || to_ns < self->start_ns || from_ns >= self->end_ns)
    return FALSE;

  guint first = (guint) CLAMP (get_place (self, from_ns), 0, self->n_bins - 1);
  guint end = (guint) CLAMP (ceil (get_place (self, to_ns)), first + 1, self->n_bins);
  for (guint i = first; i < end; i++)
    {
      *high = fmax (*high, self->max[i]);
      *low = fmin (*low, self->min != NULL ? self->min[i] : self->max[i]);
    }
  return !isnan (*high);
}

guint
ms_curve_layout (const MsCurve *whole,
                 const MsCurve *fine,
                 const MsTimeWindow *window,
                 double top,
                 const MsRect *rect,
                 MsCurvePoint *points)
{
  guint n_columns = rect->width >= 1 ? (guint) rect->width : 0;
  double column_ns = (double) (window->end_ns - window->start_ns) / MAX (n_columns, 1);
  double scale = top > 0 ? rect->height / top : 0;

  for (guint i = 0; i < n_columns; i++)
    {
      gint64 from_ns = window->start_ns + (gint64) (i * column_ns);
      gint64 to_ns = window->start_ns + (gint64) ((i + 1) * column_ns);
      double high, low;

      ms_curve_get_range (whole, fine, from_ns, MAX (to_ns, from_ns + 1), &high, &low);
      /* NaN stays NaN. */
      points[i] = (MsCurvePoint) { rect->x + rect->width * (i + 0.5) / n_columns,
                                   rect->y + rect->height - MIN (high * scale, rect->height),
                                   rect->y + rect->height - MIN (low * scale, rect->height) };
      if (isnan (high))
        points[i].y_high = points[i].y_low = NAN;
    }
  return n_columns;
}

/* Each stretch without a gap is a path of its own, half a column wider than its outermost points. */
static void
add_path (cairo_t *cr,
          const MsCurvePoint *points,
          guint n_points,
          const MsRect *rect,
          gboolean low,
          gboolean closed)
{
  double half_px = n_points > 0 ? rect->width / n_points / 2 : 0;
  double bottom = rect->y + rect->height;
  gboolean open = FALSE;

  cairo_new_path (cr);
  for (guint i = 0; i < n_points; i++)
    {
      double y = low ? points[i].y_low : points[i].y_high;

      if (isnan (y))
        continue;
      if (!open)
        {
          cairo_move_to (cr, points[i].x - half_px, closed ? bottom : y);
          if (closed)
            cairo_line_to (cr, points[i].x - half_px, y);
        }
      cairo_line_to (cr, points[i].x, y);
      open = i + 1 < n_points && !isnan (points[i + 1].y_high);
      if (open)
        continue;
      cairo_line_to (cr, points[i].x + half_px, y);
      if (closed)
        {
          cairo_line_to (cr, points[i].x + half_px, bottom);
          cairo_close_path (cr);
        }
    }
}

void
ms_curve_path_high (cairo_t *cr,
                    const MsCurvePoint *points,
                    guint n_points,
                    const MsRect *rect,
                    gboolean closed)
{
  add_path (cr, points, n_points, rect, FALSE, closed);
}

void
ms_curve_path_low (cairo_t *cr, const MsCurvePoint *points, guint n_points, const MsRect *rect)
{
  add_path (cr, points, n_points, rect, TRUE, TRUE);
}
