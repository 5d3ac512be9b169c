/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-scatter-paint.h"
#include "ms-figures.h"
#include "ms-scatter-labels.h"
#include "ms-series-line.h"
#include "ms-text.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define SHADES 8
#define LEAST_SHADE 0.22
#define HIGH_GRID_ALPHA 0.4
#define LEGEND_PX 96.0
#define SHORT_LEGEND_PX 40.0
#define WIDEST_NAME_PX 150.0

void
ms_scatter_measure (PangoContext *context,
                    const MsScatterData *data,
                    double *line_px,
                    double *y_label_px)
{
  double most = data->y_default;
  MsValueAxis axis;

  for (guint i = 0; i < data->n_points; i++)
    most = MAX (most, data->points[i].y);
  ms_value_axis_layout (&axis, most / ms_figures_get_mega (NULL, NULL), 400, 44);
  *line_px = ms_text_line_height_px (context, MS_TEXT_SMALL);
  *y_label_px = 0;
  for (guint i = 0; i < axis.n_ticks; i++)
    *y_label_px =
        MAX (*y_label_px, ms_text_measure_px (context, axis.ticks[i].label, MS_TEXT_SMALL));
}

static char *
get_y_name (void)
{
  const char *unit;

  ms_figures_get_mega (NULL, &unit);
  /* Translators: the name of an axis; %s is its unit, "MB/s" or "MiB/s". */
  return g_strdup_printf (_ ("Allocation rate, %s"), unit);
}

static void
paint_axes (cairo_t *cr,
            PangoContext *context,
            const MsScatterLayout *layout,
            const MsPalette *palette)
{
  const MsRect *plot = &layout->plot;
  double right = plot->x + plot->width, bottom = plot->y + plot->height;
  double line_px = ms_text_line_height_px (context, MS_TEXT_SMALL);
  /* In high contrast lines are as strong as what is plotted: those of the grid shall not be taken for it. */
  MsColor grid = ms_color_with_alpha (palette->line, palette->high_contrast ? HIGH_GRID_ALPHA : 1);

  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < layout->x_axis.n_ticks; i++)
    {
      const MsValueTick *tick = &layout->x_axis.ticks[i];
      g_autofree char *label = g_strdup_printf ("%s" MS_THIN_SPACE "%%", tick->label);
      double width = ms_text_measure_px (context, label, MS_TEXT_SMALL);
      double x = round (plot->x + tick->place_px) + 0.5;

      ms_color_set_source (cr, i == 0 ? palette->line : grid);
      ms_line_stroke (cr, x, plot->y, x, bottom);
      ms_text_paint (cr, context, label, MS_TEXT_SMALL, palette->dim_text,
                     MIN (x - width / 2, layout->width_px - width), bottom + 8, -1);
    }
  for (guint i = 0; i < layout->y_axis.n_ticks; i++)
    {
      const MsValueTick *tick = &layout->y_axis.ticks[i];
      double y = round (bottom - tick->place_px) + 0.5;

      ms_color_set_source (cr, i == 0 ? palette->line : grid);
      ms_line_stroke (cr, plot->x, y, right, y);
      ms_text_paint_right (cr, context, tick->label, MS_TEXT_SMALL, palette->dim_text, plot->x - 8,
                           y - line_px / 2);
    }

  /* xgettext:no-c-format */
  const char *x_name = _ ("Processor, % of one core");
  double x_width = ms_text_measure_px (context, x_name, MS_TEXT_SMALL_STRONG);
  ms_text_paint (cr, context, x_name, MS_TEXT_SMALL_STRONG, palette->text,
                 MAX (plot->x + (plot->width - x_width) / 2, 0), bottom + 8 + line_px + 6,
                 layout->width_px);

  g_autofree char *y_name = get_y_name ();
  ms_text_paint (cr, context, y_name, MS_TEXT_SMALL_STRONG, palette->text, 14, 14,
                 layout->width_px / 2);
}

static MsColor
get_shade (const MsPalette *palette, double share)
{
  return ms_color_over (ms_color_with_alpha (palette->role[MS_ROLE_IO_INTENSIVE],
                                             LEAST_SHADE + (1 - LEAST_SHADE) * CLAMP (share, 0, 1)),
                        palette->surface);
}

/* What the shades mean, in the corner above the plot. */
static void
paint_legend (cairo_t *cr,
              PangoContext *context,
              const MsScatterLayout *layout,
              const MsPalette *palette)
{
  double right = layout->plot.x + layout->plot.width, y = 14;
  double line_px = ms_text_line_height_px (context, MS_TEXT_SMALL);

  if (layout->shade_top <= 0)
    return;

  /* Where the name would reach into that of the axis, the shades are shorter. */
  g_autofree char *y_name = get_y_name ();
  double left = 14 + ms_text_measure_px (context, y_name, MS_TEXT_SMALL_STRONG) + 12;
  const char *name = _ ("I/O calls 0");
  double name_px = ms_text_measure_px (context, name, MS_TEXT_SMALL);
  g_autofree char *most = ms_figure_count ((guint64) round (layout->shade_top));
  right -= ms_text_paint_right (cr, context, most, MS_TEXT_SMALL, palette->dim_text, right, y) + 6;
  double legend_px = right - LEGEND_PX - 6 - name_px >= left ? LEGEND_PX : SHORT_LEGEND_PX;
  for (guint i = 0; i < SHADES; i++)
    {
      ms_color_set_source (cr, get_shade (palette, (double) i / (SHADES - 1)));
      cairo_rectangle (cr, right - legend_px + i * legend_px / SHADES, y + line_px / 2 - 5,
                       legend_px / SHADES, 10);
      cairo_fill (cr);
    }
  right -= legend_px + 6;
  if (right - name_px >= left)
    ms_text_paint_right (cr, context, name, MS_TEXT_SMALL, palette->dim_text, right, y);
}

/* The later, the stronger. */
static void
paint_path (cairo_t *cr, const MsScatterLayout *layout, const MsPalette *palette)
{
  cairo_set_line_width (cr, 1);
  for (guint i = 1; i < layout->n_places; i++)
    {
      double share = (double) i / layout->n_places;

      ms_color_set_source (cr, ms_color_with_alpha (palette->dim_text, 0.15 + 0.75 * share));
      ms_line_stroke (cr, layout->places[i - 1].x, layout->places[i - 1].y, layout->places[i].x,
                      layout->places[i].y);
    }
}

static void
paint_points (cairo_t *cr,
              const MsScatterLayout *layout,
              const MsScatterData *data,
              const MsPalette *palette)
{
  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < layout->n_places; i++)
    {
      double shade = data->points[i].shade;
      gboolean known = !isnan (shade);

      cairo_new_sub_path (cr);
      cairo_arc (cr, layout->places[i].x, layout->places[i].y, layout->radius_px, 0, 2 * G_PI);
      /* Not measured: a ring. */
      if (known)
        {
          ms_color_set_source (cr,
                               get_shade (palette,
                                          layout->shade_top > 0 ? shade / layout->shade_top : 1));
          cairo_fill_preserve (cr);
        }
      /* The palest would be lost on the ground. */
      ms_color_set_source (cr, palette->role[MS_ROLE_IO_INTENSIVE]);
      cairo_stroke (cr);
    }
}

static void
paint_names (cairo_t *cr,
             PangoContext *context,
             const MsScatterLayout *layout,
             const MsScatterData *data,
             const MsPalette *palette)
{
  double widths[MS_SCATTER_MOST_LABELS];
  MsRect rects[MS_SCATTER_MOST_LABELS];

  if (data->is_path || layout->n_places > MS_SCATTER_MOST_LABELS)
    return;
  for (guint i = 0; i < layout->n_places; i++)
    {
      const char *name = data->points[i].name;

      widths[i] = name != NULL ? ms_text_measure_px (context, name, MS_TEXT_SMALL) : 0;
      widths[i] = MIN (ceil (widths[i]), WIDEST_NAME_PX);
    }
  ms_scatter_labels_layout (layout, widths, ms_text_line_height_px (context, MS_TEXT_SMALL), rects);
  for (guint i = 0; i < layout->n_places; i++)
    if (rects[i].width > 0)
      ms_text_paint (cr, context, data->points[i].name, MS_TEXT_SMALL, palette->text, rects[i].x,
                     rects[i].y, rects[i].width);
}

void
ms_scatter_paint (cairo_t *cr,
                  PangoContext *context,
                  const MsScatterLayout *layout,
                  const MsScatterData *data,
                  const MsPalette *palette)
{
  static const double DASHES[] = { 7, 5 };

  paint_axes (cr, context, layout, palette);
  paint_legend (cr, context, layout, palette);
  if (data->is_path)
    paint_path (cr, layout, palette);
  paint_points (cr, layout, data, palette);
  paint_names (cr, context, layout, data, palette);
  if (!layout->has_line)
    return;
  cairo_save (cr);
  cairo_set_dash (cr, DASHES, G_N_ELEMENTS (DASHES), 0);
  cairo_set_line_width (cr, 2);
  ms_color_set_source (cr, palette->accent);
  ms_line_stroke (cr, layout->line[0].x, layout->line[0].y, layout->line[1].x, layout->line[1].y);
  cairo_restore (cr);
}

/* --- marks --- */

static void
paint_reading (cairo_t *cr,
               PangoContext *context,
               const MsScatterLayout *layout,
               const MsScatterPoint *point,
               MsPoint place,
               const MsPalette *palette)
{
  g_autofree char *text = ms_scatter_describe_point (point);
  double width = ms_text_measure_px (context, text, MS_TEXT_SMALL_STRONG);
  double height = ms_text_line_height_px (context, MS_TEXT_SMALL);
  double x = CLAMP (place.x - width / 2, 8, MAX (layout->width_px - width - 8, 8));
  double y = place.y - height - 16 >= 4 ? place.y - height - 16 : place.y + 14;

  cairo_arc (cr, place.x, place.y, layout->radius_px + 3, 0, 2 * G_PI);
  ms_color_set_source (cr, palette->accent);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  ms_color_set_source (cr, palette->surface);
  cairo_rectangle (cr, x - 6, y - 3, MIN (width, layout->width_px - 16) + 12, height + 6);
  cairo_fill_preserve (cr);
  ms_color_set_source (cr, palette->line);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  ms_text_paint (cr, context, text, MS_TEXT_SMALL_STRONG, palette->text, x, y,
                 layout->width_px - 16);
}

void
ms_scatter_paint_marks (cairo_t *cr,
                        PangoContext *context,
                        const MsScatterLayout *layout,
                        const MsScatterData *data,
                        const MsScatterMarks *marks,
                        const MsPalette *palette)
{
  ms_color_set_source (cr, palette->accent);
  cairo_set_line_width (cr, 1.5);
  for (guint i = 0; i < marks->n_chosen; i++)
    if (marks->chosen[i] < layout->n_places)
      {
        const MsPoint *place = &layout->places[marks->chosen[i]];

        cairo_new_sub_path (cr);
        cairo_arc (cr, place->x, place->y, layout->radius_px + 2, 0, 2 * G_PI);
      }
  cairo_stroke (cr);
  if (marks->has_brush)
    {
      cairo_rectangle (cr, marks->brush.x, marks->brush.y, marks->brush.width, marks->brush.height);
      ms_color_set_source (cr, ms_color_with_alpha (palette->accent, 0.12));
      cairo_fill_preserve (cr);
      ms_color_set_source (cr, palette->accent);
      cairo_set_line_width (cr, 1);
      cairo_stroke (cr);
    }
  if (marks->point < data->n_points)
    paint_reading (cr, context, layout, &data->points[marks->point], layout->places[marks->point],
                   palette);
}

/* --- words --- */

char *
ms_scatter_describe_point (const MsScatterPoint *point)
{
  g_autofree char *cpu = ms_figure_percent (point->x);
  g_autofree char *rate = ms_figure_byte_rate_with_error (point->y, point->y_error);
  g_autofree char *when = point->name == NULL ? ms_figure_duration (point->time_ns) : NULL;
  const char *name = point->name != NULL ? point->name : when;

  if (isnan (point->shade))
    /* Translators: a thread or a time, processor use, allocation rate. */
    return g_strdup_printf (_ ("%s: %s processor, %s"), name, cpu, rate);

  g_autofree char *calls = ms_figure_count ((guint64) round (MAX (point->shade, 0)));
  /* Translators: a thread or a time, processor use, allocation rate, how many calls. */
  return g_strdup_printf (_ ("%s: %s processor, %s, %s I/O calls"), name, cpu, rate, calls);
}

char *
ms_scatter_describe (const MsScatterData *data)
{
  double x_most = 0, y_most = 0;

  if (data->n_points == 0)
    return g_strdup (_ ("No point"));
  for (guint i = 0; i < data->n_points; i++)
    {
      x_most = MAX (x_most, data->points[i].x);
      y_most = MAX (y_most, data->points[i].y);
    }

  g_autofree char *cpu = ms_figure_percent (x_most);
  g_autofree char *rate = ms_figure_byte_rate (y_most);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                       "%u point; processor up to %s, allocation rate up to %s",
                                       "%u points; processor up to %s, allocation rate up to %s",
                                       data->n_points),
                          data->n_points, cpu, rate);
}
