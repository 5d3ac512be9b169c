/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A box begins @start units right of the layout's left edge; units are those of the column. */
#include "ms-flame-layout.h"

typedef struct {
  MsCallTree *tree;
  guint column;
  double least_width;
  guint64 whole;
  GArray *boxes;  /* of MsFlameBox */
  GArray *starts; /* of guint64, a box */
} Layout;

static void
add_box (Layout *self, guint64 start, guint64 value, guint depth, gint parent, gint node, guint n)
{
  double left = (double) start / (double) self->whole;
  double right = (double) (start + value) / (double) self->whole;
  MsFlameBox box = { left, right - left, depth, parent, node, n, value };

  g_array_append_val (self->boxes, box);
  g_array_append_val (self->starts, start);
}

static void
add_children (Layout *self, guint parent)
{
  MsFlameBox below = g_array_index (self->boxes, MsFlameBox, parent);
  guint64 start = g_array_index (self->starts, guint64, parent);
  guint64 merged = 0;
  guint n_merged = 0;
  const MsCallNode *node;

  if (below.node < 0)
    return;
  node = ms_call_tree_get_node (self->tree, (guint) below.node);
  for (guint i = 0; i < node->n_children; i++)
    {
      guint child = node->first_child + i;
      guint64 value = ms_call_tree_get_total (self->tree, child, self->column);

      if (value == 0)
        continue;
      if ((double) value / (double) self->whole < self->least_width)
        {
          merged += value;
          n_merged++;
          continue;
        }
      add_box (self, start, value, below.depth + 1, (gint) parent, (gint) child, 0);
      start += value;
    }
  if (n_merged > 0)
    add_box (self, start, merged, below.depth + 1, (gint) parent, -1, n_merged);
}

GArray *
ms_flame_layout_new (MsCallTree *tree, guint column, guint root, double least_width)
{
  Layout self = { .tree = tree, .column = column, .least_width = least_width };

  self.boxes = g_array_new (FALSE, FALSE, sizeof (MsFlameBox));
  self.starts = g_array_new (FALSE, FALSE, sizeof (guint64));
  self.whole = ms_call_tree_get_total (tree, root, column);
  if (self.whole > 0)
    add_box (&self, 0, self.whole, 0, -1, (gint) root, 0);
  for (guint i = 0; i < self.boxes->len; i++)
    add_children (&self, i);
  g_array_unref (self.starts);
  return self.boxes;
}
