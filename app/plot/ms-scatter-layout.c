/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-scatter-layout.h"
#include "ms-figures.h"

#include <math.h>

#define MARGIN_PX 14.0
#define LABEL_GAP_PX 8.0
#define X_TICK_GAP_PX 96.0
#define Y_TICK_GAP_PX 64.0
#define RADIUS_PX 4.5
/* Many points are drawn smaller, so that they can be told apart. */
#define MANY_POINTS 400
#define SMALL_RADIUS_PX 2.5

/* 1, 2 or 5 × 10ⁿ, at least @least. */
static double
choose_step (double least)
{
  static const double MULTIPLES[] = { 1, 2, 5, 10 };
  double unit = pow (10, floor (log10 (MAX (least, 1e-9))));

  for (guint i = 0; i < G_N_ELEMENTS (MULTIPLES); i++)
    if (unit * MULTIPLES[i] >= least * (1 - 1e-9))
      return unit * MULTIPLES[i];
  return unit * 10;
}

void
ms_value_axis_layout (MsValueAxis *self, double most, double length_px, double least_gap_px)
{
  guint n_steps = (guint) CLAMP (length_px / least_gap_px, 1, MS_SCATTER_MAX_TICKS - 2);
  double step = choose_step (MAX (most, 1e-9) / n_steps);
  guint n = (guint) ceil (MAX (most, 1e-9) / step * (1 - 1e-9));

  *self = (MsValueAxis) { .top = step * MAX (n, 1) };
  for (guint i = 0; i <= MAX (n, 1) && self->n_ticks < MS_SCATTER_MAX_TICKS; i++)
    {
      MsValueTick *tick = &self->ticks[self->n_ticks++];

      tick->value = step * i;
      tick->place_px = length_px * tick->value / self->top;
      g_snprintf (tick->label, sizeof tick->label, "%.*f",
                  step >= 1 ? 0 : (int) MIN (ceil (-log10 (step) - 1e-9), 6), tick->value);
    }
}

/* The part of the line that lies in the plot. */
static void
lay_out_line (MsScatterLayout *self, const MsScatterData *data)
{
  double x0 = 0, x1 = self->x_axis.top;
  double top = self->y_axis.top * self->y_unit;

  if (!data->has_line || !isfinite (data->slope) || !isfinite (data->intercept))
    return;
  if (data->slope != 0)
    {
      double at_bottom = -data->intercept / data->slope;
      double at_top = (top - data->intercept) / data->slope;

      x0 = MAX (x0, MIN (at_bottom, at_top));
      x1 = MIN (x1, MAX (at_bottom, at_top));
    }
  else if (data->intercept < 0 || data->intercept > top)
    return;
  if (x0 >= x1)
    return;
  self->has_line = TRUE;
  for (guint i = 0; i < 2; i++)
    {
      double x = i == 0 ? x0 : x1;
      double y = CLAMP (data->slope * x + data->intercept, 0, top);

      self->line[i] = (MsPoint) { self->plot.x + x / self->x_axis.top * self->plot.width,
                                  self->plot.y + self->plot.height * (1 - y / top) };
    }
}

void
ms_scatter_layout (MsScatterLayout *self,
                   const MsScatterData *data,
                   double width_px,
                   double height_px,
                   double line_px,
                   double y_label_px)
{
  /* As far as the points reach; those next to nothing are not blown up. */
  double least = data->n_points > 0 ? 0.01 : 1;
  double x_most = least * data->x_default, y_most = least * data->y_default;

  *self = (MsScatterLayout) { .width_px = width_px,
                              .height_px = height_px,
                              .y_unit = ms_figures_get_mega (NULL, NULL) };
  for (guint i = 0; i < data->n_points; i++)
    {
      x_most = MAX (x_most, data->points[i].x);
      y_most = MAX (y_most, data->points[i].y);
      if (!isnan (data->points[i].shade))
        self->shade_top = MAX (self->shade_top, data->points[i].shade);
    }

  double left = MARGIN_PX + y_label_px + LABEL_GAP_PX;
  /* The name of the upright axis above it; labels and name of the other below. */
  double top = MARGIN_PX + line_px + LABEL_GAP_PX;
  double bottom = height_px - MARGIN_PX - 2 * line_px - 2 * LABEL_GAP_PX;
  self->plot =
      (MsRect) { left, top, MAX (width_px - left - MARGIN_PX - 8, 1), MAX (bottom - top, 1) };
  ms_value_axis_layout (&self->x_axis, x_most, self->plot.width, X_TICK_GAP_PX);
  ms_value_axis_layout (&self->y_axis, y_most / self->y_unit, self->plot.height, Y_TICK_GAP_PX);
  self->radius_px = data->n_points > MANY_POINTS ? SMALL_RADIUS_PX : RADIUS_PX;

  self->n_places = data->n_points;
  self->places = g_new (MsPoint, data->n_points);
  double y_top = self->y_axis.top * self->y_unit;
  for (guint i = 0; i < data->n_points; i++)
    self->places[i] =
        (MsPoint) { self->plot.x + data->points[i].x / self->x_axis.top * self->plot.width,
                    self->plot.y + self->plot.height * (1 - data->points[i].y / y_top) };
  lay_out_line (self, data);
}

void
ms_scatter_layout_clear (MsScatterLayout *self)
{
  g_clear_pointer (&self->places, g_free);
  self->n_places = 0;
}

gboolean
ms_scatter_layout_find (const MsScatterLayout *self,
                        double x_px,
                        double y_px,
                        double reach_px,
                        guint *index)
{
  double nearest = reach_px;
  gboolean found = FALSE;

  for (guint i = 0; i < self->n_places; i++)
    {
      double distance = hypot (self->places[i].x - x_px, self->places[i].y - y_px);

      if (distance > nearest)
        continue;
      nearest = distance;
      *index = i;
      found = TRUE;
    }
  return found;
}

GArray *
ms_scatter_layout_find_in (const MsScatterLayout *self, MsRect rect)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (guint));
  double left = MIN (rect.x, rect.x + rect.width), right = MAX (rect.x, rect.x + rect.width);
  double top = MIN (rect.y, rect.y + rect.height), bottom = MAX (rect.y, rect.y + rect.height);

  for (guint i = 0; i < self->n_places; i++)
    if (self->places[i].x >= left && self->places[i].x <= right && self->places[i].y >= top
        && self->places[i].y <= bottom)
      g_array_append_val (found, i);
  return found;
}
