/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-strip-paint.h"
#include "ms-figures.h"
#include "ms-series-line.h"
#include "ms-text.h"
#include "ms-time-axis-paint.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static void
paint_series (cairo_t *cr,
              const MsStripLayout *layout,
              const MsPoint *points,
              guint n_points,
              MsColor color,
              double area_alpha)
{
  ms_series_line_path (cr, points, n_points, &layout->plot, TRUE);
  ms_color_set_source (cr, ms_color_with_alpha (color, area_alpha));
  cairo_fill (cr);
  ms_series_line_path (cr, points, n_points, &layout->plot, FALSE);
  ms_color_set_source (cr, color);
  cairo_set_line_width (cr, 1.25);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
}

/* A dot at the peak and what it is above, as near as the plot's sides allow. */
static void
paint_peak (cairo_t *cr,
            PangoContext *context,
            const MsStripLayout *layout,
            const MsStripData *data,
            const MsPalette *palette)
{
  g_autofree char *bytes = ms_figure_bytes_with_error (data->peak_bytes, data->peak_standard_error);
  g_autofree char *time = ms_figure_duration (data->peak_time_ns);
  /* Translators: peak memory, and when it was reached. */
  g_autofree char *label = g_strdup_printf (_ ("Peak %s at %s"), bytes, time);
  double width = ms_text_measure_px (context, label, MS_TEXT_SMALL);
  double right = layout->plot.x + layout->plot.width;
  double x =
      CLAMP (layout->peak.x - width / 2, layout->plot.x, MAX (right - width, layout->plot.x));

  cairo_arc (cr, layout->peak.x, layout->peak.y, 2.5, 0, 2 * G_PI);
  ms_color_set_source (cr, palette->text);
  cairo_fill (cr);
  ms_text_paint (cr, context, label, MS_TEXT_SMALL, palette->text, x, layout->peak_label_y_px, -1);
}

void
ms_strip_paint (cairo_t *cr,
                PangoContext *context,
                const MsStripLayout *layout,
                const MsStripData *data,
                const MsPalette *palette)
{
  ms_time_axis_paint (cr, context, &layout->axis, layout->plot.x,
                      layout->plot.x + layout->plot.width,
                      round (layout->plot.y + layout->plot.height) - 0.5, layout->label_y_px,
                      palette);
  if (layout->n_points > 0)
    paint_series (cr, layout, layout->points, layout->n_points, palette->dim_text, 0.15);
  if (layout->n_thread_points > 0)
    paint_series (cr, layout, layout->thread_points, layout->n_thread_points,
                  palette->role[data->thread_role], 0.35);
  if (layout->has_peak)
    paint_peak (cr, context, layout, data, palette);
}

char *
ms_strip_describe_bin (const MsStripData *data, guint bin)
{
  g_autofree char *time = ms_figure_duration (ms_strip_get_bin_time_ns (data, bin));
  g_autofree char *bytes = ms_figure_bytes (data->n_bins > 0 ? data->max[bin] : 0);

  if (data->thread != NULL && data->n_thread_bins > 0)
    {
      guint thread_bin = (guint) ((guint64) bin * data->n_thread_bins / MAX (data->n_bins, 1));
      g_autofree char *own = ms_figure_bytes (data->thread[thread_bin]);

      /* Translators: a time, live bytes of the process then, those of the focused thread. */
      return g_strdup_printf (_ ("%s: %s, thread %s"), time, bytes, own);
    }
  /* Translators: a time, live bytes of the process then. */
  return g_strdup_printf (_ ("%s: %s"), time, bytes);
}

void
ms_strip_paint_cursor (cairo_t *cr,
                       PangoContext *context,
                       const MsStripLayout *layout,
                       const MsStripData *data,
                       const MsPalette *palette,
                       guint bin)
{
  if (bin >= data->n_bins)
    return;

  g_autofree char *label = ms_strip_describe_bin (data, bin);
  double width = ms_text_measure_px (context, label, MS_TEXT_SMALL_STRONG);
  double height = ms_text_line_height_px (context, MS_TEXT_SMALL);
  double right = layout->plot.x + layout->plot.width;
  double x =
      floor (ms_strip_layout_get_x (layout, data, ms_strip_get_bin_time_ns (data, bin))) + 0.5;
  double label_x = x + 6 + width <= right ? x + 6 : x - 6 - width;
  double label_y = layout->plot.y + (layout->plot.height - height) / 2;

  ms_color_set_source (cr, palette->accent);
  cairo_set_line_width (cr, 1);
  ms_line_stroke (cr, x, layout->plot.y - 4, x, layout->plot.y + layout->plot.height);
  ms_color_set_source (cr, palette->surface);
  cairo_rectangle (cr, label_x - 4, label_y - 2, width + 8, height + 4);
  cairo_fill_preserve (cr);
  ms_color_set_source (cr, palette->line);
  cairo_stroke (cr);
  ms_text_paint (cr, context, label, MS_TEXT_SMALL_STRONG, palette->text, label_x, label_y, -1);
}

#define HANDLE_WIDTH_PX 4.0

static void
paint_handle (cairo_t *cr, const MsRect *plot, double x)
{
  double top = plot->y - 2, height = plot->height + 4, radius = HANDLE_WIDTH_PX / 2;

  cairo_new_sub_path (cr);
  cairo_arc (cr, x, top + radius, radius, G_PI, 2 * G_PI);
  cairo_arc (cr, x, top + height - radius, radius, 0, G_PI);
  cairo_close_path (cr);
  cairo_fill (cr);
}

void
ms_strip_paint_range (cairo_t *cr,
                      const MsStripLayout *layout,
                      const MsStripData *data,
                      const MsPalette *palette,
                      gint64 start_ns,
                      gint64 end_ns)
{
  const MsRect *plot = &layout->plot;
  double start = ms_strip_layout_get_x (layout, data, start_ns);
  double end = ms_strip_layout_get_x (layout, data, end_ns);

  ms_color_set_source (cr, ms_color_with_alpha (palette->surface, 0.6));
  cairo_rectangle (cr, plot->x, plot->y, start - plot->x, plot->height);
  cairo_rectangle (cr, end, plot->y, plot->x + plot->width - end, plot->height);
  cairo_fill (cr);
  ms_color_set_source (cr, ms_color_with_alpha (palette->accent, 0.14));
  cairo_rectangle (cr, start, plot->y, end - start, plot->height);
  cairo_fill (cr);
  ms_color_set_source (cr, palette->accent);
  paint_handle (cr, plot, start);
  paint_handle (cr, plot, end);
}

char *
ms_strip_describe (const MsStripData *data)
{
  g_autofree char *duration = ms_figure_duration (data->duration_ns);

  if (data->peak_time_ns == MS_TIME_NONE || data->peak_bytes == 0)
    return g_strdup_printf (_ ("Live bytes of the process over %s: none"), duration);

  g_autofree char *peak = ms_figure_bytes_with_error (data->peak_bytes, data->peak_standard_error);
  g_autofree char *when = ms_figure_duration (data->peak_time_ns);
  g_autofree char *end = ms_figure_bytes (data->n_bins > 0 ? data->max[data->n_bins - 1] : 0);
  /* Translators: duration, peak bytes, time of the peak, bytes at the end. */
  return g_strdup_printf (
      _ ("Live bytes of the process over %s: a peak of %s at %s, %s at the end"), duration, peak,
      when, end);
}
