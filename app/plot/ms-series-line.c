/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-series-line.h"

#include <math.h>

static guint
n_columns (guint n_bins, const MsRect *rect)
{
  guint width_px = rect->width >= 1 ? (guint) rect->width : 0;

  return MIN (n_bins, width_px);
}

guint
ms_series_line_max_points (guint n_bins, const MsRect *rect)
{
  return 2 * n_columns (n_bins, rect);
}

static double
height_of (guint64 value, guint64 top, const MsRect *rect)
{
  double share = top > 0 ? MIN ((double) value / (double) top, 1.0) : 0;

  return rect->y + rect->height * (1 - share);
}

guint
ms_series_line_layout (const guint64 *max,
                       const guint64 *min,
                       guint n_bins,
                       guint64 top,
                       const MsRect *rect,
                       MsPoint *points)
{
  guint n_cols = n_columns (n_bins, rect);
  guint n_points = 0;

  for (guint column = 0; column < n_cols; column++)
    {
      guint first = (guint) ((guint64) column * n_bins / n_cols);
      guint end = (guint) ((guint64) (column + 1) * n_bins / n_cols);
      guint64 high = 0, low = G_MAXUINT64;
      guint high_at = first, low_at = first;

      for (guint bin = first; bin < end; bin++)
        {
          guint64 bin_low = min != NULL ? min[bin] : max[bin];

          if (max[bin] > high || bin == first)
            high = max[bin], high_at = bin;
          if (bin_low < low)
            low = bin_low, low_at = bin;
        }

      double x = rect->x + rect->width * (column + 0.5) / n_cols;
      double y_high = height_of (high, top, rect), y_low = height_of (low, top, rect);

      /* In the order in which they happened, so that the line does not zigzag backwards. */
      if (min == NULL || fabs (y_high - y_low) < 0.5)
        points[n_points++] = (MsPoint) { x, y_high };
      else if (high_at < low_at)
        {
          points[n_points++] = (MsPoint) { x, y_high };
          points[n_points++] = (MsPoint) { x, y_low };
        }
      else
        {
          points[n_points++] = (MsPoint) { x, y_low };
          points[n_points++] = (MsPoint) { x, y_high };
        }
    }
  return n_points;
}

void
ms_series_line_path (cairo_t *cr,
                     const MsPoint *points,
                     guint n_points,
                     const MsRect *rect,
                     gboolean closed)
{
  if (n_points == 0)
    return;

  double right = rect->x + rect->width, bottom = rect->y + rect->height;

  cairo_new_sub_path (cr);
  if (closed)
    cairo_move_to (cr, rect->x, bottom);
  cairo_line_to (cr, rect->x, points[0].y);
  for (guint i = 0; i < n_points; i++)
    cairo_line_to (cr, points[i].x, points[i].y);
  cairo_line_to (cr, right, points[n_points - 1].y);
  if (closed)
    {
      cairo_line_to (cr, right, bottom);
      cairo_close_path (cr);
    }
}

void
ms_line_stroke (cairo_t *cr, double x0, double y0, double x1, double y1)
{
  cairo_move_to (cr, x0, y0);
  cairo_line_to (cr, x1, y1);
  cairo_stroke (cr);
}
