/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-histogram-plot.h"
#include "ms-figures.h"
#include "ms-text.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define PLOT_HEIGHT_PX 96
#define WIDEST_BAR_PX 40

MsHistogramPlot *
ms_histogram_plot_new (const guint64 *bins, gboolean is_time)
{
  MsHistogramPlot *self = g_new0 (MsHistogramPlot, 1);
  guint last = 0;

  self->is_time = is_time;
  self->first = MS_HISTOGRAM_BINS;
  for (guint i = 0; bins != NULL && i < MS_HISTOGRAM_BINS; i++)
    {
      self->bins[i] = bins[i];
      self->sum += bins[i];
      self->highest = MAX (self->highest, bins[i]);
      if (bins[i] == 0)
        continue;
      self->first = MIN (self->first, i);
      last = i;
    }
  self->n = self->sum > 0 ? last - self->first + 1 : 0;
  return self;
}

void
ms_histogram_get_bounds (guint bin, guint64 *lowest, guint64 *highest)
{
  *lowest = bin == 0 ? 0 : G_GUINT64_CONSTANT (1) << (bin - 1);
  *highest = bin == 0 ? 0 : *lowest + (*lowest - 1);
}

static char *
format (guint64 value, gboolean is_time)
{
  return is_time ? ms_figure_duration ((gint64) MIN (value, G_MAXINT64)) : ms_figure_bytes (value);
}

char *
ms_histogram_dup_range (guint bin, gboolean is_time)
{
  guint64 lowest, highest;

  ms_histogram_get_bounds (bin, &lowest, &highest);
  g_autofree char *from = format (lowest, is_time);
  g_autofree char *to = format (highest, is_time);
  if (lowest == highest)
    return g_steal_pointer (&from);
  /* Translators: from a size, or a time, to another. */
  return g_strdup_printf (_ ("%s to %s"), from, to);
}

/* --- layout --- */

static double
get_height_px (gpointer plot, PangoContext *context, double width_px)
{
  return PLOT_HEIGHT_PX + ms_text_line_height_px (context, MS_TEXT_SMALL) + 3;
}

static void
lay_out (gpointer plot, PangoContext *context, double width_px, double height_px)
{
  MsHistogramPlot *self = plot;
  double label_px = ms_text_line_height_px (context, MS_TEXT_SMALL) + 3;

  self->width_px = width_px;
  self->plot = (MsRect) { 0, 0, MIN (width_px, MAX (self->n, 1) * (double) WIDEST_BAR_PX),
                          MAX (height_px - label_px, 1) };
  self->label_y_px = height_px - label_px + 3;
}

/* A bin with anything in it is seen: at least a pixel. */
MsRect
ms_histogram_plot_get_bar (const MsHistogramPlot *self, guint item)
{
  double step = self->plot.width / MAX (self->n, 1);
  double gap = step > 4 ? 2 : 0;
  guint64 value = self->bins[self->first + item];
  double height =
      value > 0 ? MAX (self->plot.height * (double) value / (double) self->highest, 1.5) : 0;

  return (MsRect) { self->plot.x + item * step, self->plot.y + self->plot.height - height,
                    MAX (step - gap, 1), height };
}

static guint
get_n_items (gpointer plot)
{
  return ((MsHistogramPlot *) plot)->n;
}

static gint
find (gpointer plot, double x_px, double y_px)
{
  MsHistogramPlot *self = plot;
  double at = (x_px - self->plot.x) / MAX (self->plot.width, 1) * self->n;

  return at >= 0 && at < self->n ? (gint) at : -1;
}

static guint
walk (gpointer plot, guint item, gint columns, gint rows)
{
  MsHistogramPlot *self = plot;

  return (guint) CLAMP ((gint) item + columns, 0, (gint) self->n - 1);
}

/* --- paint --- */

static void
paint (gpointer plot, cairo_t *cr, PangoContext *context, const MsPalette *palette)
{
  MsHistogramPlot *self = plot;
  double bottom = round (self->plot.y + self->plot.height) - 0.5;

  if (self->n == 0)
    return;
  for (guint i = 0; i < self->n; i++)
    {
      MsRect bar = ms_histogram_plot_get_bar (self, i);

      cairo_rectangle (cr, bar.x, bar.y, bar.width, bar.height);
    }
  ms_color_set_source (cr, palette->high_contrast ? palette->text
                                                  : ms_color_with_alpha (palette->accent, 0.75));
  cairo_fill (cr);
  cairo_move_to (cr, self->plot.x, bottom);
  cairo_line_to (cr, self->plot.x + self->plot.width, bottom);
  ms_color_set_source (cr, palette->line);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);

  guint64 lowest, highest, unused;
  ms_histogram_get_bounds (self->first, &lowest, &unused);
  ms_histogram_get_bounds (self->first + self->n - 1, &unused, &highest);
  g_autofree char *from = format (lowest, self->is_time);
  g_autofree char *to = format (highest, self->is_time);
  ms_text_paint (cr, context, from, MS_TEXT_SMALL, palette->dim_text, self->plot.x,
                 self->label_y_px, -1);
  double right = MAX (self->plot.x + self->plot.width,
                      self->plot.x + ms_text_measure_px (context, from, MS_TEXT_SMALL) + 12
                          + ms_text_measure_px (context, to, MS_TEXT_SMALL));
  if (self->n > 1)
    ms_text_paint_right (cr, context, to, MS_TEXT_SMALL, palette->dim_text, right,
                         self->label_y_px);
}

static void
paint_item (gpointer plot, cairo_t *cr, const MsPalette *palette, guint item)
{
  MsHistogramPlot *self = plot;
  MsRect bar = ms_histogram_plot_get_bar (self, item);

  cairo_rectangle (cr, bar.x, self->plot.y, bar.width, self->plot.height);
  ms_color_set_source (cr, ms_color_with_alpha (palette->text, 0.08));
  cairo_fill (cr);
  cairo_rectangle (cr, bar.x, bar.y, bar.width, bar.height);
  ms_color_set_source (cr, palette->accent);
  cairo_fill_preserve (cr);
  ms_color_set_source (cr, palette->text);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

/* --- in words --- */

static char *
describe (gpointer plot)
{
  MsHistogramPlot *self = plot;
  guint mode = 0;

  if (self->n == 0)
    return g_strdup (self->is_time ? _ ("No block was freed") : _ ("Nothing was allocated"));
  while (self->bins[mode] != self->highest)
    mode++;

  g_autofree char *range = ms_histogram_dup_range (mode, self->is_time);
  g_autofree char *share = ms_figure_percent (100.0 * (double) self->highest / (double) self->sum);
  /* Translators: from a size, or a time, to another, and the share of blocks with it. */
  return g_strdup_printf (_ ("Most: %s, %s"), range, share);
}

static char *
describe_item (gpointer plot, guint item)
{
  MsHistogramPlot *self = plot;
  guint64 value = self->bins[self->first + item];
  g_autofree char *range = ms_histogram_dup_range (self->first + item, self->is_time);
  g_autofree char *count = ms_figure_count (value);
  g_autofree char *share = ms_figure_percent (100.0 * (double) value / (double) MAX (self->sum, 1));

  /* Translators: a range of sizes or times, how many blocks, their share. */
  return g_strdup_printf (_ ("%s: %s (%s)"), range, count, share);
}

const MsPlotKind MS_HISTOGRAM_PLOT = {
  .get_height_px = get_height_px,
  .lay_out = lay_out,
  .paint = paint,
  .paint_item = paint_item,
  .get_n_items = get_n_items,
  .find = find,
  .walk = walk,
  .describe = describe,
  .describe_item = describe_item,
  .free = g_free,
};
