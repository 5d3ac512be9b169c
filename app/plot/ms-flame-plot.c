/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-flame-plot.h"
#include "ms-flame-layout.h"

#include <math.h>

/* Boxes that several light ones were merged into may be narrower than a pixel: then there is nothing to
 * see. */
#define LEAST_MERGED_PX 0.5

static double
row_y (const MsFlamePlot *self, guint row)
{
  guint from_top = self->orientation == MS_FLAME_ROOT_ABOVE ? row : self->n_rows - 1 - row;

  return from_top * self->row_px;
}

/* The path from the root to @zoomed, without @zoomed. (element-type guint) */
static GArray *
get_ancestors (MsCallTree *tree, guint zoomed)
{
  GArray *ancestors = g_array_new (FALSE, FALSE, sizeof (guint));

  for (gint at = ms_call_tree_get_node (tree, zoomed)->parent; at >= 0;
       at = ms_call_tree_get_node (tree, (guint) at)->parent)
    g_array_prepend_val (ancestors, at);
  return ancestors;
}

static void
add_ancestors (MsFlamePlot *self, MsCallTree *tree, guint column, const GArray *ancestors)
{
  for (guint i = 0; i < ancestors->len; i++)
    {
      guint node = g_array_index (ancestors, guint, i);

      self->rows[i] = self->n_cells;
      self->cells[self->n_cells++] =
          (MsFlameCell) { .rect = { 0, row_y (self, i), self->width_px, self->row_px },
                          .row = i,
                          .parent = (gint) i - 1,
                          .node = (gint) node,
                          .value = ms_call_tree_get_total (tree, node, column) };
    }
}

static void
add_boxes (MsFlamePlot *self, const GArray *boxes)
{
  /* The cell of each box, which a merged box too narrow to be seen does not have. */
  g_autofree gint *places = g_new (gint, boxes->len + 1);

  for (guint i = 0; i < boxes->len; i++)
    {
      const MsFlameBox *box = &g_array_index (boxes, MsFlameBox, i);
      guint row = box->depth + self->n_ancestors;

      places[i] = -1;
      if (box->node < 0 && box->width * self->width_px < LEAST_MERGED_PX)
        continue;
      places[i] = (gint) self->n_cells;
      if (self->rows[row] == G_MAXUINT)
        self->rows[row] = self->n_cells;
      self->cells[self->n_cells++] = (MsFlameCell) {
        .rect = { box->x * self->width_px, row_y (self, row), box->width * self->width_px,
                  self->row_px },
        .row = row,
        .parent = box->parent >= 0 ? places[box->parent] : (gint) self->n_ancestors - 1,
        .node = box->node,
        .n_merged = box->n_merged,
        .value = box->value,
      };
    }
}

static guint
count_rows (const GArray *boxes, double width_px)
{
  guint deepest = 0;

  for (guint i = 0; i < boxes->len; i++)
    {
      const MsFlameBox *box = &g_array_index (boxes, MsFlameBox, i);

      if (box->node >= 0 || box->width * width_px >= LEAST_MERGED_PX)
        deepest = MAX (deepest, box->depth + 1);
    }
  return deepest;
}

void
ms_flame_plot_layout (MsFlamePlot *self,
                      MsCallTree *tree,
                      guint column,
                      guint zoomed,
                      double width_px,
                      double row_px,
                      MsFlameOrientation orientation)
{
  g_autoptr (GArray) boxes = NULL;
  g_autoptr (GArray) ancestors = NULL;

  *self = (MsFlamePlot) { .width_px = width_px, .row_px = row_px, .orientation = orientation };
  if (width_px < 1)
    return;
  boxes = ms_flame_layout_new (tree, column, zoomed, 1 / width_px);
  if (boxes->len == 0)
    return;

  ancestors = get_ancestors (tree, zoomed);
  self->n_ancestors = ancestors->len;
  self->n_rows = self->n_ancestors + count_rows (boxes, width_px);
  self->height_px = self->n_rows * row_px;
  self->cells = g_new (MsFlameCell, ancestors->len + boxes->len);
  self->rows = g_new (guint, self->n_rows + 1);
  for (guint row = 0; row < self->n_rows; row++)
    self->rows[row] = G_MAXUINT;
  add_ancestors (self, tree, column, ancestors);
  add_boxes (self, boxes);
  self->rows[self->n_rows] = self->n_cells;
}

void
ms_flame_plot_clear (MsFlamePlot *self)
{
  g_clear_pointer (&self->cells, g_free);
  g_clear_pointer (&self->rows, g_free);
  self->n_cells = self->n_rows = self->n_ancestors = 0;
  self->height_px = 0;
}

gint
ms_flame_plot_find (const MsFlamePlot *self, double x_px, double y_px)
{
  if (self->n_rows == 0 || x_px < 0 || y_px < 0 || y_px >= self->height_px)
    return -1;

  guint from_top = MIN ((guint) (y_px / self->row_px), self->n_rows - 1);
  guint row = self->orientation == MS_FLAME_ROOT_ABOVE ? from_top : self->n_rows - 1 - from_top;
  guint low = self->rows[row], high = self->rows[row + 1];

  /* The last cell that begins at or before x. */
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (self->cells[middle].rect.x <= x_px)
        low = middle;
      else
        high = middle;
    }
  if (low == high || x_px < self->cells[low].rect.x
      || x_px >= self->cells[low].rect.x + self->cells[low].rect.width)
    return -1;
  return (gint) low;
}

gint
ms_flame_plot_find_node (const MsFlamePlot *self, gint node)
{
  for (guint i = 0; i < self->n_cells; i++)
    if (self->cells[i].node == node)
      return (gint) i;
  return -1;
}

static guint
find_callee (const MsFlamePlot *self, guint cell)
{
  guint row = self->cells[cell].row + 1;

  for (guint i = row < self->n_rows ? self->rows[row] : self->n_cells;
       i < self->n_cells && self->cells[i].row == row; i++)
    if (self->cells[i].parent == (gint) cell)
      return i;
  return cell;
}

guint
ms_flame_plot_walk (const MsFlamePlot *self, guint cell, MsFlameStep step)
{
  g_return_val_if_fail (cell < self->n_cells, cell);

  guint row = self->cells[cell].row;
  switch (step)
    {
    case MS_FLAME_CALLER:
      return self->cells[cell].parent >= 0 ? (guint) self->cells[cell].parent : cell;
    case MS_FLAME_CALLEE:
      return find_callee (self, cell);
    case MS_FLAME_LEFT:
      return cell > self->rows[row] ? cell - 1 : cell;
    case MS_FLAME_RIGHT:
      return cell + 1 < self->rows[row + 1] ? cell + 1 : cell;
    case MS_FLAME_ROW_START:
      return self->rows[row];
    case MS_FLAME_ROW_END:
    default:
      return self->rows[row + 1] - 1;
    }
}
