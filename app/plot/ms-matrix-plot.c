/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-matrix-plot.h"
#include "ms-figures.h"
#include "ms-text.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define LARGEST_CELL_PX 30
#define GAP_PX 2
#define LABEL_GAP_PX 8
/* The least that is not nothing. */
#define LEAST_ALPHA 0.12
/* A smaller cell would be all edge. */
#define LEAST_EDGED_PX 4

MsMatrixPlot *
ms_matrix_plot_new (MsFreeMatrix *matrix, char **names)
{
  MsMatrixPlot *self = g_new0 (MsMatrixPlot, 1);

  self->matrix = matrix;
  self->names = names;
  self->n = matrix->n_lines + (matrix->n_others > 0 ? 1 : 0);
  for (guint row = 0; row < self->n; row++)
    for (guint column = 0; column < self->n; column++)
      {
        guint64 *highest = row == column ? &self->highest_own : &self->highest_exchanged;

        *highest = MAX (*highest, ms_free_matrix_get (matrix, row, column));
      }
  return self;
}

static void
matrix_plot_free (gpointer plot)
{
  MsMatrixPlot *self = plot;

  ms_free_matrix_free (self->matrix);
  g_strfreev (self->names);
  g_free (self);
}

/* --- layout --- */

static double
measure_labels_px (const MsMatrixPlot *self, PangoContext *context)
{
  double widest = 0;

  for (guint i = 0; i < self->n; i++)
    widest = MAX (widest, ms_text_measure_px (context, self->names[i], MS_TEXT_SMALL));
  return widest;
}

static void
lay_out (gpointer plot, PangoContext *context, double width_px, double height_px)
{
  MsMatrixPlot *self = plot;

  self->text_px = ms_text_line_height_px (context, MS_TEXT_SMALL);
  self->label_px = MIN (ceil (measure_labels_px (self, context)), width_px * 0.4);
  self->cell_width_px =
      CLAMP ((width_px - self->label_px - LABEL_GAP_PX) / MAX (self->n, 1), 4, LARGEST_CELL_PX);
  self->cell_height_px = MAX (self->text_px + GAP_PX, MIN (self->cell_width_px, 22));
}

static double
get_height_px (gpointer plot, PangoContext *context, double width_px)
{
  MsMatrixPlot *self = plot;

  lay_out (plot, context, width_px, 0);
  return self->n * self->cell_height_px + self->text_px + 4;
}

MsRect
ms_matrix_plot_get_cell (const MsMatrixPlot *self, guint row, guint column)
{
  return (MsRect) { self->label_px + LABEL_GAP_PX + column * self->cell_width_px,
                    row * self->cell_height_px, self->cell_width_px - GAP_PX,
                    self->cell_height_px - GAP_PX };
}

static guint
get_n_items (gpointer plot)
{
  MsMatrixPlot *self = plot;

  return self->n * self->n;
}

static gint
find (gpointer plot, double x_px, double y_px)
{
  MsMatrixPlot *self = plot;
  double column = floor ((x_px - self->label_px - LABEL_GAP_PX) / self->cell_width_px);
  double row = floor (y_px / self->cell_height_px);

  if (column < 0 || row < 0 || column >= self->n || row >= self->n)
    return -1;
  return (gint) (row * self->n + column);
}

static guint
walk (gpointer plot, guint item, gint columns, gint rows)
{
  MsMatrixPlot *self = plot;
  gint n = (gint) self->n;
  gint row = CLAMP ((gint) item / n + rows, 0, n - 1);
  gint column = CLAMP ((gint) item % n + columns, 0, n - 1);

  return (guint) (row * n + column);
}

/* --- paint --- */

/* By the root of the share: exchanges differ by orders of magnitude. */
static MsColor
color_of (const MsMatrixPlot *self, guint row, guint column, const MsPalette *palette)
{
  guint64 bytes = ms_free_matrix_get (self->matrix, row, column);
  guint64 highest = row == column ? self->highest_own : self->highest_exchanged;
  double share = highest > 0 ? sqrt ((double) bytes / (double) highest) : 0;

  if (bytes == 0)
    return ms_color_with_alpha (palette->text, 0.04);
  if (row == column)
    return ms_color_with_alpha (palette->text, 0.08 + 0.27 * share);
  return ms_color_with_alpha (palette->accent, LEAST_ALPHA + (0.95 - LEAST_ALPHA) * share);
}

static void
paint_cell (const MsMatrixPlot *self,
            cairo_t *cr,
            const MsPalette *palette,
            guint row,
            guint column)
{
  MsRect rect = ms_matrix_plot_get_cell (self, row, column);

  cairo_rectangle (cr, rect.x, rect.y, rect.width, rect.height);
  ms_color_set_source (cr, color_of (self, row, column, palette));
  if (ms_free_matrix_get (self->matrix, row, column) == 0)
    {
      cairo_fill (cr);
      return;
    }
  cairo_fill (cr);
  if (rect.width < LEAST_EDGED_PX)
    return;
  ms_color_set_source (cr, palette->edge);
  cairo_set_line_width (cr, 1);
  cairo_rectangle (cr, rect.x + 0.5, rect.y + 0.5, rect.width - 1, rect.height - 1);
  cairo_stroke (cr);
}

static void
paint (gpointer plot, cairo_t *cr, PangoContext *context, const MsPalette *palette)
{
  MsMatrixPlot *self = plot;

  for (guint row = 0; row < self->n; row++)
    {
      double y = row * self->cell_height_px + (self->cell_height_px - GAP_PX - self->text_px) / 2;

      ms_text_paint (cr, context, self->names[row], MS_TEXT_SMALL, palette->dim_text, 0, y,
                     self->label_px);
      for (guint column = 0; column < self->n; column++)
        paint_cell (self, cr, palette, row, column);
    }
  /* Translators: below the columns of a table of threads: which thread freed. */
  ms_text_paint (cr, context, _ ("freed by →"), MS_TEXT_SMALL, palette->dim_text,
                 self->label_px + LABEL_GAP_PX, self->n * self->cell_height_px + 2, -1);
}

static void
paint_item (gpointer plot, cairo_t *cr, const MsPalette *palette, guint item)
{
  MsMatrixPlot *self = plot;
  MsRect rect = ms_matrix_plot_get_cell (self, item / self->n, item % self->n);

  cairo_rectangle (cr, rect.x - 0.5, rect.y - 0.5, rect.width + 1, rect.height + 1);
  ms_color_set_source (cr, palette->text);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
}

/* --- in words --- */

static char *
describe_item (gpointer plot, guint item)
{
  MsMatrixPlot *self = plot;
  guint row = item / self->n, column = item % self->n;
  g_autofree char *bytes = ms_figure_bytes (ms_free_matrix_get (self->matrix, row, column));

  if (row == column)
    /* Translators: a thread, bytes. */
    return g_strdup_printf (_ ("%s freed %s of its own"), self->names[row], bytes);
  /* Translators: a thread, bytes, the thread that allocated them. */
  return g_strdup_printf (_ ("%s freed %s of %s"), self->names[column], bytes, self->names[row]);
}

static char *
describe (gpointer plot)
{
  MsMatrixPlot *self = plot;

  for (guint row = 0; row < self->n; row++)
    for (guint column = 0; column < self->n; column++)
      if (row != column
          && ms_free_matrix_get (self->matrix, row, column) == self->highest_exchanged)
        {
          g_autofree char *most = describe_item (plot, row * self->n + column);

          /* Translators: a sentence such as "compact freed 8.0 MB of ingest". */
          return g_strdup_printf (_ ("Most: %s"), most);
        }
  return g_strdup (_ ("No thread freed memory of another"));
}

const MsPlotKind MS_MATRIX_PLOT = {
  .get_height_px = get_height_px,
  .lay_out = lay_out,
  .paint = paint,
  .paint_item = paint_item,
  .get_n_items = get_n_items,
  .find = find,
  .walk = walk,
  .describe = describe,
  .describe_item = describe_item,
  .free = matrix_plot_free,
};
