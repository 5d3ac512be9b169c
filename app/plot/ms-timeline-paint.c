/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-timeline-paint.h"
#include "ms-figures.h"
#include "ms-series-line.h"
#include "ms-text.h"
#include "ms-time-axis-paint.h"
#include "ms-timeline-words.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define LEAST_SHADE_ALPHA 0.05
#define MOST_SHADE_ALPHA 0.9
/* Names are read on bars: 4.5:1 on the darkest. */
#define BAR_ALPHA 0.12
#define MOST_BAR_ALPHA 0.38
#define FADED 0.3
#define MOST_INSTANT_PX 160.0

void
ms_timeline_measure (MsTimelineMetrics *self, PangoContext *context, const MsTimelineData *data)
{
  *self = (MsTimelineMetrics) {
    .name_line_px = ms_text_line_height_px (context, MS_TEXT_NAME),
    .small_line_px = ms_text_line_height_px (context, MS_TEXT_SMALL),
    /* A range of bytes is the widest reading that is common. */
    .label_width_px = ms_text_measure_px (context, "888.8 MB – 888.8 MB", MS_TEXT_SMALL_STRONG),
  };
  /* But for a rate with what it is taken over. */
  g_autofree char *rate = g_strdup_printf (_ ("max %s over %s"), "8.88 GB/s", "88.8 ms");

  self->label_width_px =
      MAX (self->label_width_px, ms_text_measure_px (context, rate, MS_TEXT_SMALL));
  for (guint i = 0; i < data->lanes->len; i++)
    {
      const MsLane *lane = g_ptr_array_index (data->lanes, i);
      double width = ms_text_measure_px (context, lane->title, MS_TEXT_NAME);

      self->label_width_px = MAX (self->label_width_px, width);
    }
}

/* --- lanes --- */

static void
paint_curves (cairo_t *cr,
              const MsLaneLayout *row,
              const MsTimelineLayout *layout,
              const MsPalette *palette)
{
  g_autofree MsCurvePoint *points = g_new (MsCurvePoint, (gsize) row->plot.width + 1);
  MsColor hue = palette->role[row->lane->hue];

  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (guint i = 0; row->top > 0 && i < row->lane->series->len; i++)
    {
      const MsLaneSeries *series = &g_array_index (row->lane->series, MsLaneSeries, i);
      guint n = ms_curve_layout (&series->curve, ms_lane_layout_get_fine (row, i), &layout->window,
                                 row->top, &row->plot, points);

      if (!series->is_line && !palette->high_contrast)
        {
          /* Between the highest and the lowest half as strong as below both. */
          ms_color_set_source (cr, ms_color_with_alpha (hue, palette->area * 0.6));
          ms_curve_path_high (cr, points, n, &row->plot, TRUE);
          cairo_fill (cr);
          ms_curve_path_low (cr, points, n, &row->plot);
          cairo_fill (cr);
        }
      ms_color_set_source (cr, series->is_line ? palette->text : hue);
      cairo_set_line_width (cr, 1.25);
      ms_curve_path_high (cr, points, n, &row->plot, FALSE);
      cairo_stroke (cr);
    }
  ms_color_set_source (cr, palette->line);
  cairo_set_line_width (cr, 1);
  double base = round (row->plot.y + row->plot.height) - 0.5;
  ms_line_stroke (cr, row->plot.x, base, row->plot.x + row->plot.width, base);
}

static void
paint_heat (cairo_t *cr,
            const MsLaneLayout *row,
            const MsTimelineLayout *layout,
            const MsPalette *palette)
{
  g_autofree MsHeatRun *runs = g_new (MsHeatRun, (gsize) row->plot.width + 1);
  MsColor hue = palette->role[row->lane->hue];
  guint n_rows = row->lane->series->len;
  double pitch = row->plot.height / MAX (n_rows, 1);

  for (guint i = 0; i < n_rows; i++)
    {
      const MsLaneSeries *series = &g_array_index (row->lane->series, MsLaneSeries, i);
      guint n = ms_heat_layout (&series->curve, ms_lane_layout_get_fine (row, i), &layout->window,
                                100, row->plot.x, row->plot.width, runs);

      for (guint run = 0; run < n; run++)
        {
          double share = (double) runs[run].shade / MS_HEAT_SHADES;

          ms_color_set_source (cr, ms_color_with_alpha (hue, LEAST_SHADE_ALPHA
                                                                 + share
                                                                       * (MOST_SHADE_ALPHA
                                                                          - LEAST_SHADE_ALPHA)));
          cairo_rectangle (cr, runs[run].x, row->plot.y + i * pitch, runs[run].width,
                           MAX (pitch - 1, 1));
          cairo_fill (cr);
        }
    }
}

static void
paint_absence (cairo_t *cr,
               PangoContext *context,
               const MsLaneLayout *row,
               const MsTimelineMetrics *metrics,
               const MsPalette *palette)
{
  /* Translators: why a resource was not measured. */
  g_autofree char *text = row->lane->note != NULL
                              ? g_strdup_printf ("%s: %s", row->lane->note, row->lane->absence)
                              : g_strdup_printf (_ ("not available: %s"), row->lane->absence);

  ms_text_paint (cr, context, text, MS_TEXT_SMALL, palette->dim_text, row->plot.x,
                 row->plot.y + (metrics->name_line_px - metrics->small_line_px) / 2,
                 row->plot.width);
}

static void
paint_peak (cairo_t *cr,
            PangoContext *context,
            const MsLaneLayout *row,
            const MsTimelineLayout *layout,
            const MsTimelineData *data,
            const MsPalette *palette)
{
  static const double DASHES[] = { 3, 3 };

  if (data->peak_time_ns < layout->window.start_ns || data->peak_time_ns > layout->window.end_ns)
    return;

  double x = floor (ms_time_window_get_x (&layout->window, &row->plot, data->peak_time_ns)) + 0.5;
  double right = row->plot.x + row->plot.width;
  g_autofree char *when = ms_figure_duration (data->peak_time_ns);
  g_autofree char *bytes = ms_figure_bytes_with_error (data->peak_bytes, data->peak_standard_error);
  /* Translators: peak memory, and when it was reached. */
  g_autofree char *text = g_strdup_printf (_ ("Peak %s at %s"), bytes, when);
  double width = ms_text_measure_px (context, text, MS_TEXT_SMALL);

  cairo_save (cr);
  ms_color_set_source (cr, palette->dim_text);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, DASHES, G_N_ELEMENTS (DASHES), 0);
  ms_line_stroke (cr, x, row->plot.y, x, row->plot.y + row->plot.height);
  cairo_restore (cr);
  double label_x = CLAMP (x - width / 2, row->plot.x, MAX (right - width, row->plot.x));
  ms_text_paint (cr, context, text, MS_TEXT_SMALL, palette->dim_text, label_x,
                 row->plot.y - ms_text_line_height_px (context, MS_TEXT_SMALL) - 1, -1);
}

static void
paint_lane (cairo_t *cr,
            PangoContext *context,
            const MsLaneLayout *row,
            const MsTimelineLayout *layout,
            const MsTimelineData *data,
            const MsTimelineMetrics *metrics,
            const MsPalette *palette)
{
  gboolean is_absent = row->lane->absence != NULL;
  double line_y = round (row->row.y + row->row.height) - 0.5;

  ms_text_paint (cr, context, row->lane->title, MS_TEXT_NAME,
                 is_absent ? palette->dim_text : palette->text, layout->label_x, row->label_y,
                 layout->label_width);
  if (is_absent)
    paint_absence (cr, context, row, metrics, palette);
  else if (row->lane->kind == MS_LANE_HEAT)
    paint_heat (cr, row, layout, palette);
  else
    paint_curves (cr, row, layout, palette);
  if (!is_absent && g_str_equal (row->lane->id, "live") && data->peak_time_ns != MS_TIME_NONE)
    paint_peak (cr, context, row, layout, data, palette);

  ms_color_set_source (cr, palette->line);
  cairo_set_line_width (cr, 1);
  ms_line_stroke (cr, row->row.x, line_y, row->row.x + row->row.width, line_y);
}

/* --- marks --- */

/* FALSE: it is not in sight. */
static gboolean
get_instant_x (const MsTimelineLayout *layout, const MsInstant *instant, double *x)
{
  *x = floor (ms_time_window_get_x (&layout->window, &layout->plot, instant->time_ns)) + 0.5;
  return instant->time_ns >= layout->window.start_ns && instant->time_ns <= layout->window.end_ns;
}

/* At the top, where it does not lie over the one before; on ground of its own, as lines pass below. */
static void
paint_instant_texts (cairo_t *cr,
                     PangoContext *context,
                     const MsTimelineLayout *layout,
                     const MsTimelineData *data,
                     const MsPalette *palette)
{
  double right = layout->plot.x + layout->plot.width, free_x = layout->plot.x, x;

  for (guint i = 0; i < data->instants->len; i++)
    {
      const MsInstant *instant = &g_array_index (data->instants, MsInstant, i);
      double width;

      if (!get_instant_x (layout, instant, &x) || x + 4 < free_x)
        continue;
      width = MIN (ms_text_measure_px (context, instant->text, MS_TEXT_SMALL), MOST_INSTANT_PX);
      if (x + 4 + width > right)
        continue;
      ms_color_set_source (cr, palette->surface);
      cairo_rectangle (cr, x + 1, 1, width + 6, ms_text_line_height_px (context, MS_TEXT_SMALL));
      cairo_fill (cr);
      ms_text_paint (cr, context, instant->text, MS_TEXT_SMALL, palette->text, x + 4, 1, width);
      free_x = x + width + 10;
    }
}

/* A line through all lanes for each; thousands of them are as many as there are pixels. */
static void
paint_instants (cairo_t *cr,
                PangoContext *context,
                const MsTimelineLayout *layout,
                const MsTimelineData *data,
                const MsPalette *palette)
{
  double before_x = -1, x;

  ms_color_set_source (cr, ms_color_with_alpha (palette->accent, 0.6));
  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < data->instants->len; i++)
    if (get_instant_x (layout, &g_array_index (data->instants, MsInstant, i), &x) && x > before_x)
      {
        ms_line_stroke (cr, x, 0, x, layout->axis_y);
        before_x = x;
      }
  paint_instant_texts (cr, context, layout, data, palette);
}

/* --- threads --- */

static double
get_highest_peak (const MsTimelineData *data)
{
  guint64 highest = 1;

  for (guint i = 0; i < data->lives->len; i++)
    highest = MAX (highest, g_array_index (data->lives, MsLife, i).peak_bytes);
  return (double) highest;
}

/* The darker, the more was live: on one scale for all threads, of square roots, so that small ones
 * differ as well. */
static void
paint_bar (cairo_t *cr,
           const MsLife *life,
           const MsRect *bar,
           const MsTimelineLayout *layout,
           double highest,
           MsColor hue,
           double opacity,
           MsHeatRun *runs)
{
  MsTimeWindow window = layout->window;
  guint n = 0;

  cairo_save (cr);
  cairo_rectangle (cr, bar->x, bar->y, bar->width, bar->height);
  cairo_clip (cr);
  ms_color_set_source (cr, ms_color_with_alpha (hue, BAR_ALPHA * opacity));
  cairo_paint (cr);
  if (life->live.n_bins > 0)
    n = ms_heat_layout (&life->live, NULL, &window, highest, layout->lives.x, layout->lives.width,
                        runs);
  for (guint i = 0; i < n; i++)
    {
      double share = sqrt ((double) runs[i].shade / MS_HEAT_SHADES);

      ms_color_set_source (cr, ms_color_with_alpha (hue, share * MOST_BAR_ALPHA * opacity));
      cairo_rectangle (cr, runs[i].x, bar->y, runs[i].width, bar->height);
      cairo_fill (cr);
    }
  cairo_restore (cr);
}

/* In the bar where it fits, else to its right, else to its left. */
static void
paint_bar_name (cairo_t *cr,
                PangoContext *context,
                const MsLife *life,
                const MsRect *bar,
                const MsTimelineLayout *layout,
                MsColor color)
{
  double width = ms_text_measure_px (context, life->name, MS_TEXT_SMALL);
  double right = layout->lives.x + layout->lives.width;
  double y = bar->y - 0.5;

  if (width + 8 <= bar->width)
    ms_text_paint (cr, context, life->name, MS_TEXT_SMALL, color, bar->x + 4, y, -1);
  else if (bar->x + bar->width + 4 + width <= right)
    ms_text_paint (cr, context, life->name, MS_TEXT_SMALL, color, bar->x + bar->width + 4, y, -1);
  else if (bar->x - 4 - width >= layout->lives.x)
    ms_text_paint (cr, context, life->name, MS_TEXT_SMALL, color, bar->x - 4 - width, y, -1);
  else if (bar->width > 24)
    ms_text_paint (cr, context, life->name, MS_TEXT_SMALL, color, bar->x + 4, y, bar->width - 8);
}

static void
paint_lives (cairo_t *cr,
             PangoContext *context,
             const MsTimelineLayout *layout,
             const MsTimelineData *data,
             const MsTimelineMarks *marks,
             const MsPalette *palette,
             double scroll_px)
{
  double highest = get_highest_peak (data);
  g_autofree MsHeatRun *runs = g_new (MsHeatRun, (gsize) layout->lives.width + 1);
  guint first, end;

  if (data->lives->len == 0)
    return;
  ms_text_paint (cr, context, _ ("Threads"), MS_TEXT_NAME, palette->text, layout->label_x,
                 layout->lives_label_y, -1);
  ms_timeline_layout_get_visible_lives (layout, scroll_px, scroll_px + layout->axis_y, &first,
                                        &end);
  for (guint i = first; i < end; i++)
    {
      const MsLife *life = &g_array_index (data->lives, MsLife, i);
      double opacity = marks->has_focus && marks->focused_id != life->id ? FADED : 1;
      MsColor hue = life->tracked ? palette->role[life->role] : palette->dim_text;
      MsRect bar;

      if (!ms_timeline_layout_get_life (layout, data, i, &bar))
        continue;
      paint_bar (cr, life, &bar, layout, highest, hue, opacity, runs);
      ms_color_set_source (cr, ms_color_with_alpha (hue, opacity));
      cairo_set_line_width (cr, 1);
      cairo_rectangle (cr, bar.x + 0.5, bar.y + 0.5, MAX (bar.width - 1, 0), bar.height - 1);
      cairo_stroke (cr);
      paint_bar_name (cr, context, life, &bar, layout,
                      ms_color_with_alpha (life->tracked ? palette->text : palette->dim_text,
                                           opacity));
    }
}

/* --- the whole --- */

void
ms_timeline_paint (cairo_t *cr,
                   PangoContext *context,
                   const MsTimelineLayout *layout,
                   const MsTimelineData *data,
                   const MsTimelineMarks *marks,
                   const MsPalette *palette,
                   double scroll_px)
{
  MsTimelineMetrics metrics;

  ms_timeline_measure (&metrics, context, data);
  /* From here on y is of the content; nothing is painted over the axis. */
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, layout->width_px, layout->axis_y);
  cairo_clip (cr);
  cairo_translate (cr, 0, -scroll_px);
  for (guint i = 0; i < layout->n_lanes; i++)
    if (ms_timeline_layout_sees (layout, &layout->lanes[i].row, scroll_px))
      paint_lane (cr, context, &layout->lanes[i], layout, data, &metrics, palette);
  paint_lives (cr, context, layout, data, marks, palette, scroll_px);
  cairo_restore (cr);
  paint_instants (cr, context, layout, data, palette);
  ms_time_axis_paint (cr, context, &layout->axis, layout->plot.x,
                      layout->plot.x + layout->plot.width, round (layout->axis_y) + 0.5,
                      layout->axis_y + 6, palette);
}
