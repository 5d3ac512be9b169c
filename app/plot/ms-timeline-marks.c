/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What lies over a timeline's still picture: readings, the selected range, the cursor. */
#include "ms-text.h"
#include "ms-timeline-paint.h"
#include "ms-timeline-words.h"

#include <glib/gi18n-lib.h>
#include <math.h>

void
ms_timeline_marks_init (MsTimelineMarks *self)
{
  *self = (MsTimelineMarks) { .cursor_ns = MS_TIME_NONE,
                              .start_ns = MS_TIME_NONE,
                              .end_ns = MS_TIME_NONE,
                              .life = MS_NO_LIFE };
}

/* The stretch of time that one column of pixels at the cursor stands for. */
static void
get_cursor_stretch (const MsTimelineLayout *layout, gint64 cursor_ns, gint64 *from, gint64 *to)
{
  gint64 column = (gint64) ((double) (layout->window.end_ns - layout->window.start_ns)
                            / MAX (layout->plot.width, 1));

  *from = cursor_ns;
  *to = cursor_ns + MAX (column, 1);
}

/* Where several curves share a plot, an area's reading has the area's colour: a line is drawn in that of
 * text. */
static MsColor
get_reading_color (const MsLane *lane, guint series, gboolean is_strong, const MsPalette *palette)
{
  if (lane->kind == MS_LANE_CURVES && lane->series->len > 1
      && !g_array_index (lane->series, MsLaneSeries, series).is_line)
    return palette->role_text[lane->hue];
  return is_strong ? palette->text : palette->dim_text;
}

/* Below the title, or to its right where labels stand above plots; what does not fit there, a line below. */
static void
paint_readings (cairo_t *cr,
                PangoContext *context,
                const MsLaneLayout *row,
                const MsTimelineLayout *layout,
                const MsTimelineMarks *marks,
                const MsTimelineMetrics *metrics,
                const MsPalette *palette)
{
  gboolean has_cursor = marks->cursor_ns != MS_TIME_NONE;
  double y = row->label_y + metrics->name_line_px;
  double end = layout->label_x + layout->label_width, right = end;
  double title_end =
      layout->label_x + 12
      + (layout->is_narrow ? ms_text_measure_px (context, row->lane->title, MS_TEXT_NAME) : 0);
  double narrow_y = row->label_y + (metrics->name_line_px - metrics->small_line_px) / 2;
  gint64 from, to;

  get_cursor_stretch (layout, marks->cursor_ns, &from, &to);
  /* Beside a title there is no room for two ranges. */
  if (layout->is_narrow && row->lane->series->len > 1)
    to = from + 1;
  for (guint i = ms_lane_get_n_readings (row->lane); i-- > 0 && row->lane->absence == NULL;)
    {
      g_autofree char *text = has_cursor
                                  ? ms_lane_read (row->lane, row->fine, i, from, to)
                                  : ms_lane_summarize (row->lane, row->fine, i, &layout->window);
      MsTextStyle style = has_cursor ? MS_TEXT_SMALL_STRONG : MS_TEXT_SMALL;
      MsColor color = get_reading_color (row->lane, i, has_cursor, palette);

      if (layout->is_narrow)
        {
          if (right < end && right - ms_text_measure_px (context, text, style) < title_end)
            {
              narrow_y += metrics->small_line_px;
              right = end;
            }
          right -= ms_text_paint_right (cr, context, text, style, color, right, narrow_y) + 12;
          continue;
        }
      ms_text_paint (cr, context, text, style, color, layout->label_x,
                     y + i * metrics->small_line_px, layout->label_width + 12);
    }
}

static void
paint_life_reading (cairo_t *cr,
                    PangoContext *context,
                    const MsTimelineLayout *layout,
                    const MsTimelineData *data,
                    const MsTimelineMarks *marks,
                    const MsTimelineMetrics *metrics,
                    const MsPalette *palette)
{
  double x = layout->label_x, width = layout->label_width;
  double y = layout->lives_label_y + metrics->name_line_px;

  if (layout->n_lives == 0)
    return;
  if (marks->life >= data->lives->len)
    {
      if (!layout->is_narrow)
        ms_text_paint (cr, context, _ ("stronger: more live bytes"), MS_TEXT_SMALL,
                       palette->dim_text, x, y, width + 12);
      return;
    }

  const MsLife *life = &g_array_index (data->lives, MsLife, marks->life);
  gint64 from, to;
  get_cursor_stretch (layout,
                      marks->cursor_ns != MS_TIME_NONE ? marks->cursor_ns : layout->window.start_ns,
                      &from, &to);
  g_autofree char *text = ms_life_read (life, from, to);
  if (layout->is_narrow)
    ms_text_paint_right (cr, context, text, MS_TEXT_SMALL_STRONG, palette->text, x + width,
                         layout->lives_label_y);
  else
    {
      /* It stays beside the row: hundreds of them scroll. */
      double row_y = layout->lives.y + marks->life * layout->life_height_px;

      ms_text_paint (cr, context, text, MS_TEXT_SMALL_STRONG, palette->text, x, MAX (row_y, y),
                     width + 12);
    }
  if (marks->has_keyboard_row)
    {
      ms_color_set_source (cr, palette->accent);
      cairo_set_line_width (cr, 1.5);
      cairo_rectangle (cr, layout->lives.x - 1,
                       layout->lives.y + marks->life * layout->life_height_px,
                       layout->lives.width + 2, layout->life_height_px);
      cairo_stroke (cr);
    }
}

static void
paint_selection (cairo_t *cr,
                 const MsTimelineLayout *layout,
                 const MsTimelineMarks *marks,
                 const MsPalette *palette)
{
  const MsRect *plot = &layout->plot;
  double left = ms_time_window_get_x (&layout->window, plot, marks->start_ns);
  double right = ms_time_window_get_x (&layout->window, plot, marks->end_ns);
  double ends[] = { left, right };

  if (marks->start_ns == MS_TIME_NONE || right < plot->x || left > plot->x + plot->width)
    return;
  cairo_save (cr);
  /* Handles at the very ends stand half outside. */
  cairo_rectangle (cr, plot->x - 3, 0, plot->width + 6, layout->axis_y);
  cairo_clip (cr);
  ms_color_set_source (cr, ms_color_with_alpha (palette->accent, 0.12));
  cairo_rectangle (cr, MAX (left, plot->x), 0,
                   MIN (right, plot->x + plot->width) - MAX (left, plot->x), layout->axis_y);
  cairo_fill (cr);
  ms_color_set_source (cr, palette->accent);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      double x = round (ends[i]) + (i == 0 ? -1 : 0);

      cairo_rectangle (cr, x, 0, 1, layout->axis_y);
      cairo_rectangle (cr, x - 2, layout->axis_y / 2 - 14, 5, 28);
      cairo_fill (cr);
    }
  cairo_restore (cr);
}

/* A dot on each curve. */
static void
paint_dots (cairo_t *cr,
            const MsLaneLayout *row,
            const MsTimelineLayout *layout,
            gint64 from_ns,
            gint64 to_ns,
            const MsPalette *palette)
{
  double x = ms_time_window_get_x (&layout->window, &row->plot, from_ns);

  for (guint i = 0; row->lane->absence == NULL && row->lane->kind == MS_LANE_CURVES
                    && i < row->lane->series->len;
       i++)
    {
      const MsLaneSeries *series = &g_array_index (row->lane->series, MsLaneSeries, i);
      double high, low;

      if (row->top <= 0
          || !ms_curve_get_range (&series->curve, ms_lane_layout_get_fine (row, i), from_ns, to_ns,
                                  &high, &low))
        continue;
      double y = row->plot.y + row->plot.height * (1 - MIN (high / row->top, 1));
      cairo_arc (cr, x, y, 3.5, 0, 2 * G_PI);
      ms_color_set_source (cr, palette->surface);
      cairo_fill (cr);
      cairo_arc (cr, x, y, 2.5, 0, 2 * G_PI);
      ms_color_set_source (cr, palette->accent);
      cairo_fill (cr);
    }
}

/* The cursor's time stands on the axis, in place of what is there. */
static void
paint_cursor_time (cairo_t *cr,
                   PangoContext *context,
                   const MsTimelineLayout *layout,
                   const MsTimelineMetrics *metrics,
                   gint64 cursor_ns,
                   double x,
                   const MsPalette *palette)
{
  g_autofree char *text =
      ms_time_axis_format (cursor_ns, layout->axis.step_ns / 100, layout->window.end_ns);
  double width = ms_text_measure_px (context, text, MS_TEXT_SMALL_STRONG);
  double right = layout->plot.x + layout->plot.width;
  double label_x = CLAMP (x - width / 2, layout->plot.x, MAX (right - width, layout->plot.x));

  ms_color_set_source (cr, palette->surface);
  cairo_rectangle (cr, label_x - 6, layout->axis_y + 4, width + 12, metrics->small_line_px + 4);
  cairo_fill_preserve (cr);
  ms_color_set_source (cr, palette->accent);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  ms_text_paint (cr, context, text, MS_TEXT_SMALL_STRONG, palette->text, label_x,
                 layout->axis_y + 6, -1);
}

void
ms_timeline_paint_marks (cairo_t *cr,
                         PangoContext *context,
                         const MsTimelineLayout *layout,
                         const MsTimelineData *data,
                         const MsTimelineMarks *marks,
                         const MsPalette *palette,
                         double scroll_px)
{
  gboolean has_cursor = marks->cursor_ns != MS_TIME_NONE
                        && marks->cursor_ns >= layout->window.start_ns
                        && marks->cursor_ns <= layout->window.end_ns;
  MsTimelineMetrics metrics;
  gint64 from, to;

  ms_timeline_measure (&metrics, context, data);
  get_cursor_stretch (layout, marks->cursor_ns, &from, &to);
  paint_selection (cr, layout, marks, palette);

  double x = floor (ms_time_window_get_x (&layout->window, &layout->plot, marks->cursor_ns)) + 0.5;
  if (has_cursor)
    {
      ms_color_set_source (cr, palette->accent);
      cairo_set_line_width (cr, 1);
      cairo_move_to (cr, x, 0);
      cairo_line_to (cr, x, layout->axis_y);
      cairo_stroke (cr);
    }
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, layout->width_px, layout->axis_y);
  cairo_clip (cr);
  cairo_translate (cr, 0, -scroll_px);
  for (guint i = 0; i < layout->n_lanes; i++)
    if (ms_timeline_layout_sees (layout, &layout->lanes[i].row, scroll_px))
      {
        paint_readings (cr, context, &layout->lanes[i], layout, marks, &metrics, palette);
        if (has_cursor)
          paint_dots (cr, &layout->lanes[i], layout, from, to, palette);
      }
  paint_life_reading (cr, context, layout, data, marks, &metrics, palette);
  cairo_restore (cr);
  if (has_cursor)
    paint_cursor_time (cr, context, layout, &metrics, marks->cursor_ns, x, palette);
}
