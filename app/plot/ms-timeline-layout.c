/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-timeline-layout.h"

#include <math.h>

#define SIDE_MARGIN_PX 18.0
#define TOP_MARGIN_PX 10.0
#define LABEL_GAP_PX 20.0
#define ROW_GAP_PX 8.0
/* Below this width a column of labels would leave too little. */
#define NARROW_PX 620.0
#define NARROW_LABELS 2.2 /* nor may they take half of it, in a large font */
#define CURVE_HEIGHT_PX 56.0
#define TALL_HEIGHT_PX 128.0
#define NARROW_TALL_HEIGHT_PX 88.0
#define HEAT_HEIGHT_PX 104.0 /* of all rows together, as long as each is… */
#define LEAST_HEAT_ROW_PX 3.0
#define MOST_HEAT_ROW_PX 12.0
#define AXIS_GAP_PX 6.0
#define LEAST_TICK_GAP_PX 96.0
#define LEAST_LABEL_PX 132.0
#define MOST_LABEL_PX 230.0
/* As wide as so many lines are high: no more than the above in a usual font, but in a large one. */
#define LEAST_LABEL_LINES 7.5
#define MOST_LABEL_LINES 13

static double
get_plot_height (const MsLane *lane, gboolean is_narrow, double label_px)
{
  double height;

  if (lane->kind == MS_LANE_HEAT)
    {
      guint n_rows = MAX (lane->series->len, 1);

      height =
          n_rows * CLAMP (floor (HEAT_HEIGHT_PX / n_rows), LEAST_HEAT_ROW_PX, MOST_HEAT_ROW_PX);
    }
  else if (lane->is_tall)
    height = is_narrow ? NARROW_TALL_HEIGHT_PX : TALL_HEIGHT_PX;
  else
    height = CURVE_HEIGHT_PX;
  /* Beside its label a plot is not lower than that. */
  return is_narrow ? height : MAX (height, label_px);
}

/* Of a level the scale stays when the window moves; of a rate, finer bins have higher peaks. */
static double
find_top (const MsLane *lane, const MsLane *fine, const MsTimeWindow *window)
{
  double top = 0;

  if (lane->is_scale_fixed)
    return 100;
  for (guint i = 0; i < lane->series->len; i++)
    {
      const MsCurve *whole = &g_array_index (lane->series, MsLaneSeries, i).curve;
      const MsCurve *close = fine != NULL && i < fine->series->len
                                 ? &g_array_index (fine->series, MsLaneSeries, i).curve
                                 : NULL;
      double high, low;

      if (ms_curve_get_range (whole, NULL, 0, window->duration_ns, &high, &low))
        top = fmax (top, high);
      if (close == NULL || close->n_bins == 0 || close->start_ns >= window->end_ns
          || close->end_ns <= window->start_ns)
        continue;
      if (ms_curve_get_range (whole, close, MAX (window->start_ns, close->start_ns),
                              MIN (window->end_ns, close->end_ns), &high, &low))
        top = fmax (top, high);
    }
  return top;
}

/* Lines of text in a lane's label: its title, its note, and a reading a curve. */
static double
get_label_height (const MsLane *lane, const MsTimelineMetrics *metrics)
{
  guint n_readings = lane->kind == MS_LANE_HEAT ? 1 : MAX (lane->series->len, 1);

  return metrics->name_line_px + n_readings * metrics->small_line_px;
}

static double
lay_out_lane (MsLaneLayout *self,
              const MsTimelineLayout *layout,
              const MsTimelineMetrics *metrics,
              double y)
{
  gboolean is_absent = self->lane->absence != NULL;
  double label_height = get_label_height (self->lane, metrics);

  self->label_y = y;
  self->plot = (MsRect) { layout->plot.x, y, layout->plot.width, 0 };
  if (is_absent)
    {
      self->plot.height = metrics->name_line_px;
      if (layout->is_narrow)
        self->plot.y += metrics->name_line_px;
    }
  else
    {
      self->top = find_top (self->lane, self->fine, &layout->window);
      self->plot.height = get_plot_height (self->lane, layout->is_narrow, label_height);
      if (layout->is_narrow)
        self->plot.y += metrics->name_line_px + 2;
      /* A line at the bottom needs no room above it. */
      if (self->top <= 0 && self->lane->kind == MS_LANE_CURVES)
        self->plot.height = layout->is_narrow ? 2 : label_height;
    }

  double bottom = self->plot.y + self->plot.height + ROW_GAP_PX;
  /* The peak's name stands above it. */
  if (self->lane->is_tall && self->plot.height > 2 * metrics->small_line_px)
    {
      self->plot.y += metrics->small_line_px;
      self->plot.height -= metrics->small_line_px;
    }
  self->row =
      (MsRect) { SIDE_MARGIN_PX, y, MAX (layout->width_px - 2 * SIDE_MARGIN_PX, 0), bottom - y };
  return bottom + ROW_GAP_PX;
}

void
ms_timeline_layout (MsTimelineLayout *self,
                    const MsTimelineData *data,
                    const MsTimelineData *fine,
                    const MsTimeWindow *window,
                    const MsTimelineMetrics *metrics,
                    double width_px,
                    double height_px)
{
  double label_px = CLAMP (metrics->label_width_px,
                           MAX (LEAST_LABEL_PX, LEAST_LABEL_LINES * metrics->small_line_px),
                           MAX (MOST_LABEL_PX, MOST_LABEL_LINES * metrics->small_line_px));
  double axis_px = AXIS_GAP_PX + metrics->small_line_px + AXIS_GAP_PX;
  double y = TOP_MARGIN_PX;

  *self = (MsTimelineLayout) { .width_px = width_px,
                               .height_px = height_px,
                               .is_narrow = width_px < MAX (NARROW_PX, NARROW_LABELS * label_px),
                               .window = *window };
  double left = SIDE_MARGIN_PX + (self->is_narrow ? 0 : label_px + LABEL_GAP_PX);
  self->axis_y = MAX (height_px - axis_px, 0);
  self->plot = (MsRect) { left, 0, MAX (width_px - left - SIDE_MARGIN_PX, 0), self->axis_y };
  self->label_x = SIDE_MARGIN_PX;
  self->label_width = self->is_narrow ? self->plot.width : label_px;
  ms_time_axis_layout (&self->axis, window->start_ns, window->end_ns, self->plot.x,
                       self->plot.width, LEAST_TICK_GAP_PX);

  /* Names of instants have a line to themselves, above that of the peak. */
  if (data->instants->len > 0)
    y += metrics->small_line_px;
  self->n_lanes = data->lanes->len;
  self->lanes = g_new0 (MsLaneLayout, self->n_lanes);
  for (guint i = 0; i < self->n_lanes; i++)
    {
      self->lanes[i].lane = g_ptr_array_index (data->lanes, i);
      self->lanes[i].fine = ms_timeline_data_find_lane (fine, self->lanes[i].lane->id);
      y = lay_out_lane (&self->lanes[i], self, metrics, y);
    }

  self->n_lives = data->lives->len;
  self->life_height_px = metrics->small_line_px + 3;
  self->lives_label_y = y;
  if (self->n_lives > 0)
    {
      if (self->is_narrow)
        y += metrics->name_line_px + 2;
      self->lives =
          (MsRect) { self->plot.x, y, self->plot.width, self->n_lives * self->life_height_px };
      /* The label beside it has two lines. */
      y +=
          MAX (self->lives.height, metrics->name_line_px + 2 * metrics->small_line_px) + ROW_GAP_PX;
    }
  self->content_px = y;
}

void
ms_timeline_layout_clear (MsTimelineLayout *self)
{
  g_clear_pointer (&self->lanes, g_free);
  self->n_lanes = self->n_lives = 0;
}

const MsCurve *
ms_lane_layout_get_fine (const MsLaneLayout *self, guint series)
{
  return self->fine != NULL && series < self->fine->series->len
             ? &g_array_index (self->fine->series, MsLaneSeries, series).curve
             : NULL;
}

gboolean
ms_timeline_layout_sees (const MsTimelineLayout *self, const MsRect *rect, double scroll_px)
{
  return rect->y + rect->height >= scroll_px && rect->y <= scroll_px + self->axis_y;
}

gboolean
ms_timeline_layout_get_life (const MsTimelineLayout *self,
                             const MsTimelineData *data,
                             guint index,
                             MsRect *bar)
{
  const MsLife *life = &g_array_index (data->lives, MsLife, index);

  if (life->end_ns < self->window.start_ns || life->start_ns > self->window.end_ns)
    return FALSE;

  double left = ms_time_window_get_x (&self->window, &self->lives,
                                      MAX (life->start_ns, self->window.start_ns));
  double right =
      ms_time_window_get_x (&self->window, &self->lives, MIN (life->end_ns, self->window.end_ns));
  double end = self->lives.x + self->lives.width;
  double width = MAX (right - left, MIN (1, self->lives.width));
  *bar = (MsRect) { MIN (left, end - width), self->lives.y + index * self->life_height_px + 1,
                    width, self->life_height_px - 2 };
  return TRUE;
}

gboolean
ms_timeline_layout_find_life (const MsTimelineLayout *self, double y, guint *index)
{
  if (y < self->lives.y || y >= self->lives.y + self->n_lives * self->life_height_px
      || self->n_lives == 0)
    return FALSE;
  *index = MIN ((guint) ((y - self->lives.y) / self->life_height_px), self->n_lives - 1);
  return TRUE;
}

void
ms_timeline_layout_get_visible_lives (const MsTimelineLayout *self,
                                      double top_y,
                                      double bottom_y,
                                      guint *first,
                                      guint *end)
{
  double row = MAX (self->life_height_px, 1);

  *first = (guint) CLAMP (floor ((top_y - self->lives.y) / row), 0, self->n_lives);
  *end = (guint) CLAMP (ceil ((bottom_y - self->lives.y) / row), *first, self->n_lives);
}

guint
ms_heat_layout (const MsCurve *whole,
                const MsCurve *fine,
                const MsTimeWindow *window,
                double top,
                double x_px,
                double width_px,
                MsHeatRun *runs)
{
  guint n_columns = width_px >= 1 ? (guint) width_px : 0;
  double column_ns = (double) (window->end_ns - window->start_ns) / MAX (n_columns, 1);
  double column_px = width_px / MAX (n_columns, 1);
  guint n_runs = 0;
  gboolean open = FALSE;

  for (guint i = 0; i < n_columns; i++)
    {
      gint64 from_ns = window->start_ns + (gint64) (i * column_ns);
      gint64 to_ns = MAX (window->start_ns + (gint64) ((i + 1) * column_ns), from_ns + 1);
      double high, low;

      if (!ms_curve_get_range (whole, fine, from_ns, to_ns, &high, &low))
        {
          open = FALSE;
          continue;
        }
      guint shade = (guint) round (CLAMP (top > 0 ? high / top : 0, 0, 1) * MS_HEAT_SHADES);
      if (open && runs[n_runs - 1].shade == shade)
        runs[n_runs - 1].width += column_px;
      else
        runs[n_runs++] = (MsHeatRun) { x_px + i * column_px, column_px, shade };
      open = TRUE;
    }
  return n_runs;
}
