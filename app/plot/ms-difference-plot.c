/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-difference-plot.h"
#include "ms-display-name.h"
#include "ms-figures.h"
#include "ms-module-shades.h"
#include "ms-short-name.h"
#include "ms-text.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define TEXT_MARGIN_PX 5
/* Narrower boxes have no text: not three letters would fit. */
#define LEAST_TEXT_PX 34
/* Narrower ones have no gap to the next either. */
#define LEAST_GAP_PX 4
/* Of merged ones. */
#define LEAST_MERGED_PX 0.5
#define SWATCH_PX 11
#define LEGEND_GAP_PX 16

/* --- layout --- */

static void
clear_cells (MsDifferencePlot *self)
{
  g_clear_pointer (&self->cells, g_free);
  g_clear_pointer (&self->rows, g_free);
  self->n_cells = self->n_rows = 0;
}

static void
add_children (MsDifferencePlot *self, GArray *cells, guint parent)
{
  MsDifferenceCell above = g_array_index (cells, MsDifferenceCell, parent);
  const MsDifferenceNode *node = ms_difference_tree_get_node (self->tree, (guint) above.node);
  double px = above.rect.width / (double) MAX (node->width, 1);
  MsDifferenceCell cell = { .rect = { above.rect.x, (above.row + 1) * self->row_px, 0,
                                      self->row_px },
                            .row = above.row + 1,
                            .parent = (gint) parent };
  double merged = 0;
  guint n_merged = 0;

  for (guint i = 0; i < node->n_children; i++)
    {
      const MsDifferenceNode *child =
          ms_difference_tree_get_node (self->tree, node->first_child + i);
      double width = (double) child->width * px;

      /* Widest first: all others are merged, too. */
      if (width < 1)
        {
          merged += width;
          n_merged++;
          continue;
        }
      cell.rect.width = width;
      cell.node = (gint) (node->first_child + i);
      g_array_append_val (cells, cell);
      cell.rect.x += width;
    }
  if (merged < LEAST_MERGED_PX)
    return;
  cell.rect.width = merged;
  cell.node = -1;
  cell.n_merged = n_merged;
  g_array_append_val (cells, cell);
}

/* What is zoomed into and all above it, which leads back out: of full width. */
static void
add_ancestors (MsDifferencePlot *self, GArray *cells)
{
  guint row = ms_difference_tree_get_node (self->tree, self->zoomed)->depth + 1;

  g_array_set_size (cells, row);
  for (gint at = (gint) self->zoomed; at >= 0;
       at = ms_difference_tree_get_node (self->tree, (guint) at)->parent)
    {
      row--;
      g_array_index (cells, MsDifferenceCell, row) =
          (MsDifferenceCell) { .rect = { 0, row * self->row_px, self->width_px, self->row_px },
                               .row = row,
                               .parent = (gint) row - 1,
                               .node = at };
    }
}

/* Cells come by row, and from the left in a row. */
static void
lay_out_cells (MsDifferencePlot *self)
{
  g_autoptr (GArray) cells = g_array_new (FALSE, FALSE, sizeof (MsDifferenceCell));
  guint zoomed_row = ms_difference_tree_get_node (self->tree, self->zoomed)->depth;

  clear_cells (self);
  if (ms_difference_tree_get_node (self->tree, self->zoomed)->width == 0 || self->width_px < 1)
    return;
  add_ancestors (self, cells);
  for (guint i = zoomed_row; i < cells->len; i++)
    if (g_array_index (cells, MsDifferenceCell, i).node >= 0)
      add_children (self, cells, i);
  self->n_cells = cells->len;
  self->n_rows = g_array_index (cells, MsDifferenceCell, cells->len - 1).row + 1;
  self->rows = g_new (guint, self->n_rows + 1);
  for (guint i = cells->len; i > 0; i--)
    self->rows[g_array_index (cells, MsDifferenceCell, i - 1).row] = i - 1;
  self->rows[self->n_rows] = self->n_cells;
  self->cells = (MsDifferenceCell *) (gpointer) g_array_free (g_steal_pointer (&cells), FALSE);
}

/* Flows in lines; @cr NULL: only measured.  Returns the height. */
static double
flow_legend (MsDifferencePlot *self, cairo_t *cr, PangoContext *context, const MsPalette *palette)
{
  double height = ms_text_line_height_px (context, MS_TEXT_SMALL), x = 0, y = 0;

  for (MsDifference step = 0; step < MS_N_DIFFERENCES; step++)
    {
      const char *word = ms_difference_get_word (step);
      double entry_px = SWATCH_PX + 6 + ms_text_measure_px (context, word, MS_TEXT_SMALL);

      if (x > 0 && x + entry_px > self->width_px)
        x = 0, y += height + 4;
      if (cr != NULL)
        {
          double top = floor (self->legend_y_px + y + (height - SWATCH_PX) / 2);

          cairo_rectangle (cr, x + 0.5, top + 0.5, SWATCH_PX - 1, SWATCH_PX - 1);
          ms_color_set_source (cr, ms_difference_get_color (step, palette));
          cairo_fill_preserve (cr);
          ms_color_set_source (cr, ms_color_with_alpha (palette->text, 0.45));
          cairo_set_line_width (cr, 1);
          cairo_stroke (cr);
          ms_text_paint (cr, context, word, MS_TEXT_SMALL, palette->dim_text, x + SWATCH_PX + 6,
                         self->legend_y_px + y, -1);
        }
      x += entry_px + LEGEND_GAP_PX;
    }
  return y + height;
}

static void
lay_out (gpointer plot, PangoContext *context, double width_px, double height_px)
{
  MsDifferencePlot *self = plot;

  self->width_px = width_px;
  self->row_px = ceil (ms_text_line_height_px (context, MS_TEXT_SMALL)) + 6;
  lay_out_cells (self);
  self->legend_y_px = self->n_rows * self->row_px + 8;
}

static double
get_height_px (gpointer plot, PangoContext *context, double width_px)
{
  MsDifferencePlot measured = { .tree = ((MsDifferencePlot *) plot)->tree,
                                .zoomed = ((MsDifferencePlot *) plot)->zoomed };
  double height;

  lay_out (&measured, context, width_px, 0);
  height = measured.legend_y_px + flow_legend (&measured, NULL, context, NULL);
  clear_cells (&measured);
  return height;
}

static guint
get_n_items (gpointer plot)
{
  return ((MsDifferencePlot *) plot)->n_cells;
}

static gint
find (gpointer plot, double x_px, double y_px)
{
  MsDifferencePlot *self = plot;
  guint row, low, high;

  if (self->n_rows == 0 || x_px < 0 || y_px < 0 || y_px >= self->n_rows * self->row_px)
    return -1;
  row = MIN ((guint) (y_px / self->row_px), self->n_rows - 1);
  low = self->rows[row];
  high = self->rows[row + 1];
  /* The last cell that begins at or before x. */
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (self->cells[middle].rect.x <= x_px)
        low = middle;
      else
        high = middle;
    }
  if (x_px < self->cells[low].rect.x
      || x_px >= self->cells[low].rect.x + self->cells[low].rect.width)
    return -1;
  return (gint) low;
}

/* Down to the widest callee, up to the caller, aside in the row; Home and End are the first and the last. */
static guint
walk (gpointer plot, guint item, gint columns, gint rows)
{
  MsDifferencePlot *self = plot;
  guint row;

  if (item >= self->n_cells)
    return 0;
  row = self->cells[item].row;
  if (columns != 0 && rows != 0)
    return columns < 0 ? 0 : self->n_cells - 1;
  if (columns != 0)
    return (guint) CLAMP ((gint) item + columns, (gint) self->rows[row],
                          (gint) self->rows[row + 1] - 1);
  if (rows < 0)
    return self->cells[item].parent >= 0 ? (guint) self->cells[item].parent : item;
  for (guint i = self->rows[row + 1]; i < self->n_cells && self->cells[i].row == row + 1; i++)
    if (self->cells[i].parent == (gint) item)
      return i;
  return item;
}

/* --- paint --- */

static char *
dup_name (const MsDifferencePlot *self, const MsDifferenceCell *cell)
{
  g_autofree char *name = NULL;

  if (cell->node < 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u smaller", "%u smaller",
                                         cell->n_merged),
                            cell->n_merged);
  if (cell->node == 0)
    return g_strdup (_ ("All"));
  name = ms_short_name_new (ms_difference_tree_get_node (self->tree, (guint) cell->node)->label);
  return ms_display_name (name);
}

static MsDifference
difference_of (const MsDifferencePlot *self, const MsDifferenceCell *cell)
{
  return cell->node >= 0 ? ms_difference_of (
             &ms_difference_tree_get_node (self->tree, (guint) cell->node)->change)
                         : MS_DIFFERENCE_SAME;
}

/* "▲ grow  +40.0 MB": the sign first, so that it is not cut. */
static char *
dup_label (const MsDifferencePlot *self, const MsDifferenceCell *cell)
{
  g_autofree char *name = dup_name (self, cell);
  MsDifference difference = difference_of (self, cell);
  g_autofree char *change = NULL;

  if (cell->node < 0 || (difference == MS_DIFFERENCE_SAME && cell->node > 0))
    return g_steal_pointer (&name);
  change =
      ms_difference_format (&ms_difference_tree_get_node (self->tree, (guint) cell->node)->change,
                            self->is_bytes);
  return g_strdup_printf ("%s%s  %s",
                          difference > MS_DIFFERENCE_SAME   ? "▲ "
                          : difference < MS_DIFFERENCE_SAME ? "▼ "
                                                            : "",
                          name, change);
}

static void
paint_cell (const MsDifferencePlot *self,
            const MsDifferenceCell *cell,
            cairo_t *cr,
            PangoContext *context,
            const MsPalette *palette)
{
  MsColor ground = ms_difference_get_color (difference_of (self, cell), palette);
  double gap = cell->rect.width >= LEAST_GAP_PX ? 1 : 0;
  double text_y = (self->row_px - 1 - ms_text_line_height_px (context, MS_TEXT_SMALL)) / 2;

  cairo_rectangle (cr, cell->rect.x, cell->rect.y, cell->rect.width - gap, cell->rect.height - 1);
  ms_color_set_source (cr, ground);
  cairo_fill (cr);
  if (gap > 0)
    {
      cairo_rectangle (cr, cell->rect.x + 0.5, cell->rect.y + 0.5,
                       MAX (cell->rect.width - gap - 1, 0), cell->rect.height - 2);
      ms_color_set_source (cr, palette->edge);
      cairo_set_line_width (cr, 1);
      cairo_stroke (cr);
    }
  if (cell->rect.width < LEAST_TEXT_PX)
    return;

  g_autofree char *label = dup_label (self, cell);
  ms_text_paint (cr, context, label, MS_TEXT_SMALL, ms_color_get_ink (ground),
                 cell->rect.x + TEXT_MARGIN_PX, cell->rect.y + text_y,
                 cell->rect.width - 2 * TEXT_MARGIN_PX);
}

static void
paint (gpointer plot, cairo_t *cr, PangoContext *context, const MsPalette *palette)
{
  MsDifferencePlot *self = plot;

  if (self->n_cells == 0)
    return;
  for (guint i = 0; i < self->n_cells; i++)
    paint_cell (self, &self->cells[i], cr, context, palette);
  flow_legend (self, cr, context, palette);
}

/* A ring of two colours, so that it is seen on any of the boxes. */
static void
paint_item (gpointer plot, cairo_t *cr, const MsPalette *palette, guint item)
{
  MsDifferencePlot *self = plot;

  /* It may be of a wider picture. */
  if (item >= self->n_cells)
    return;

  const MsRect *rect = &self->cells[item].rect;
  cairo_rectangle (cr, rect->x + 2.5, rect->y + 2.5, MAX (rect->width - 6, 0.5),
                   MAX (rect->height - 6, 0.5));
  ms_color_set_source (cr, palette->surface);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_rectangle (cr, rect->x + 1, rect->y + 1, MAX (rect->width - 3, 0.5),
                   MAX (rect->height - 3, 0.5));
  ms_color_set_source (cr, palette->text);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
}

/* --- in words --- */

static char *
describe_item (gpointer plot, guint item)
{
  MsDifferencePlot *self = plot;

  if (item >= self->n_cells)
    return g_strdup ("");

  const MsDifferenceCell *cell = &self->cells[item];
  g_autofree char *name = dup_name (self, cell);
  g_autofree char *change = NULL;

  if (cell->node < 0)
    return g_steal_pointer (&name);
  change =
      ms_difference_describe (&ms_difference_tree_get_node (self->tree, (guint) cell->node)->change,
                              self->is_bytes);
  return g_strdup_printf ("%s: %s", name, change);
}

static char *
describe (gpointer plot)
{
  MsDifferencePlot *self = plot;
  const MsDifferenceNode *root = ms_difference_tree_get_node (self->tree, 0);
  g_autofree char *change = NULL;

  if (root->width == 0)
    return g_strdup (_ ("Nothing on either side"));
  change = ms_difference_describe (&root->change, self->is_bytes);
  /* Translators: what all call stacks had before and after. */
  return g_strdup_printf (_ ("In all: %s"), change);
}

static void
difference_plot_free (gpointer plot)
{
  MsDifferencePlot *self = plot;

  clear_cells (self);
  ms_difference_tree_unref (self->tree);
  g_free (self);
}

const MsPlotKind MS_DIFFERENCE_PLOT = {
  .get_height_px = get_height_px,
  .lay_out = lay_out,
  .paint = paint,
  .paint_item = paint_item,
  .get_n_items = get_n_items,
  .find = find,
  .walk = walk,
  .describe = describe,
  .describe_item = describe_item,
  .free = difference_plot_free,
};

MsDifferencePlot *
ms_difference_plot_new (MsDifferenceTree *tree, gboolean is_bytes, guint zoomed)
{
  MsDifferencePlot *self = g_new0 (MsDifferencePlot, 1);

  self->tree = ms_difference_tree_ref (tree);
  self->is_bytes = is_bytes;
  self->zoomed = zoomed;
  return self;
}
