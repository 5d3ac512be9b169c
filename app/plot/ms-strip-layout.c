/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-strip-layout.h"

#define SIDE_MARGIN_PX 18.0
#define TOP_MARGIN_PX 4.0
#define LABEL_GAP_PX 4.0
#define PEAK_GAP_PX 4.0
#define BOTTOM_MARGIN_PX 6.0
#define LEAST_TICK_GAP_PX 88.0
#define HANDLE_REACH_PX 7.0

void
ms_strip_layout (MsStripLayout *self,
                 const MsStripData *data,
                 double width_px,
                 double height_px,
                 double label_height_px)
{
  *self = (MsStripLayout) { .width_px = width_px, .height_px = height_px };
  self->label_y_px = height_px - BOTTOM_MARGIN_PX - label_height_px;
  self->peak_label_y_px = TOP_MARGIN_PX;
  double top_px = TOP_MARGIN_PX + label_height_px + PEAK_GAP_PX;
  self->plot = (MsRect) { SIDE_MARGIN_PX, top_px, MAX (width_px - 2 * SIDE_MARGIN_PX, 0),
                          MAX (self->label_y_px - LABEL_GAP_PX - top_px, 0) };
  ms_time_axis_layout (&self->axis, 0, data->duration_ns, self->plot.x, self->plot.width,
                       LEAST_TICK_GAP_PX);

  /* Of a sampled recording the curve's highest point may lie above its peak. */
  guint64 top = data->peak_bytes;
  for (guint i = 0; data->max != NULL && i < data->n_bins; i++)
    top = MAX (top, data->max[i]);
  self->points = g_new (MsPoint, ms_series_line_max_points (data->n_bins, &self->plot) + 1);
  if (data->max != NULL)
    self->n_points =
        ms_series_line_layout (data->max, data->min, data->n_bins, top, &self->plot, self->points);
  self->thread_points =
      g_new (MsPoint, ms_series_line_max_points (data->n_thread_bins, &self->plot) + 1);
  if (data->thread != NULL)
    self->n_thread_points = ms_series_line_layout (data->thread, NULL, data->n_thread_bins, top,
                                                   &self->plot, self->thread_points);

  if (data->peak_time_ns != MS_TIME_NONE && data->peak_bytes > 0 && data->duration_ns > 0)
    {
      self->has_peak = TRUE;
      self->peak =
          (MsPoint) { ms_strip_layout_get_x (self, data, data->peak_time_ns), self->plot.y };
    }
}

void
ms_strip_layout_clear (MsStripLayout *self)
{
  g_clear_pointer (&self->points, g_free);
  g_clear_pointer (&self->thread_points, g_free);
  self->n_points = self->n_thread_points = 0;
}

guint
ms_strip_layout_get_bin (const MsStripLayout *self, const MsStripData *data, double x_px)
{
  double share = self->plot.width > 0 ? (x_px - self->plot.x) / self->plot.width : 0;
  double bin = share * data->n_bins;

  return data->n_bins > 0 ? (guint) CLAMP (bin, 0, data->n_bins - 1) : 0;
}

gint64
ms_strip_get_bin_time_ns (const MsStripData *data, guint bin)
{
  if (data->n_bins == 0)
    return 0;
  return (gint64) ((bin + 0.5) / data->n_bins * (double) data->duration_ns);
}

double
ms_strip_layout_get_x (const MsStripLayout *self, const MsStripData *data, gint64 time_ns)
{
  double share = data->duration_ns > 0 ? (double) time_ns / (double) data->duration_ns : 0;

  return self->plot.x + CLAMP (share, 0, 1) * self->plot.width;
}

gint64
ms_strip_layout_get_time (const MsStripLayout *self, const MsStripData *data, double x_px)
{
  double share = self->plot.width > 0 ? (x_px - self->plot.x) / self->plot.width : 0;

  return (gint64) (CLAMP (share, 0, 1) * (double) data->duration_ns);
}

MsStripPart
ms_strip_layout_find_part (const MsStripLayout *self,
                           const MsStripData *data,
                           gint64 start_ns,
                           gint64 end_ns,
                           double x_px)
{
  double start = ms_strip_layout_get_x (self, data, start_ns);
  double end = ms_strip_layout_get_x (self, data, end_ns);
  /* Of a narrow range there must be something left to take between its handles. */
  double inner = MIN (HANDLE_REACH_PX, (end - start) / 4);

  if (x_px >= start - HANDLE_REACH_PX && x_px <= start + inner)
    return MS_STRIP_START_HANDLE;
  if (x_px >= end - inner && x_px <= end + HANDLE_REACH_PX)
    return MS_STRIP_END_HANDLE;
  return x_px > start && x_px < end ? MS_STRIP_INSIDE : MS_STRIP_OUTSIDE;
}
