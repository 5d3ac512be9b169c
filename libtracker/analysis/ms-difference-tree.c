/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * First a trie in the order in which stacks come, in which a child is found by its parent and its function's
 * name; then the same nodes by depth, children of one parent together.
 */
#include "ms-difference-tree.h"

#include <math.h>
#include <string.h>

#include "ms-call-paths.h"

struct _MsDifferenceTree {
  gatomicrefcount n_refs;
  MsComparison *comparison; /* whose names the labels are */
  GArray *nodes;            /* of MsDifferenceNode */
};

/* While it grows, standard_error has the square, and first_child the number of the label. */
typedef struct {
  GArray *nodes;        /* of MsDifferenceNode; first_child is not known yet */
  GHashTable *numbers;  /* label → its number + 1 */
  GHashTable *children; /* parent and label's number → child + 1 */
} Trie;

static MsDifferenceNode *
node_at (GArray *nodes, guint node)
{
  return &g_array_index (nodes, MsDifferenceNode, node);
}

static guint
number_of_label (Trie *trie, const char *label)
{
  gpointer known = g_hash_table_lookup (trie->numbers, label);

  if (known == NULL)
    {
      known = GUINT_TO_POINTER (g_hash_table_size (trie->numbers) + 1);
      g_hash_table_insert (trie->numbers, (gpointer) label, known);
    }
  return GPOINTER_TO_UINT (known) - 1;
}

static guint
ensure_child (Trie *trie, guint parent, guint label)
{
  gint64 key = (gint64) parent << 32 | label;
  gpointer known = g_hash_table_lookup (trie->children, &key);

  if (known == NULL)
    {
      MsDifferenceNode child = { .parent = (gint) parent,
                                 .first_child = label, /* for now */
                                 .depth = node_at (trie->nodes, parent)->depth + 1 };

      g_array_append_val (trie->nodes, child);
      node_at (trie->nodes, parent)->n_children++;
      known = GUINT_TO_POINTER (trie->nodes->len);
      g_hash_table_insert (trie->children, g_memdup2 (&key, sizeof key), known);
    }
  return GPOINTER_TO_UINT (known) - 1;
}

static void
add_to (MsDifferenceNode *node, const MsChange *change)
{
  node->n_stacks++;
  node->width += MAX (change->before, change->after);
  node->change.before += change->before;
  node->change.after += change->after;
  node->change.standard_error += change->standard_error * change->standard_error;
}

static void
add_row (Trie *trie, const MsComparedRow *row, const MsChange *change, GArray *path)
{
  guint depth, at = 0;
  const guint *frames = ms_frame_names_get_stack (row->names, row->stack, &depth, NULL);

  g_array_set_size (path, 0);
  for (guint i = depth; i > 0; i--)
    {
      guint label = number_of_label (trie, ms_frame_names_get_label (row->names, frames[i - 1]));

      g_array_append_val (path, label);
    }
  depth = ms_call_path_collapse ((guint *) (gpointer) path->data, path->len);
  add_to (node_at (trie->nodes, 0), change);
  for (guint i = 0; i < depth; i++)
    {
      at = ensure_child (trie, at, g_array_index (path, guint, i));
      add_to (node_at (trie->nodes, at), change);
    }
}

/* Labels by their numbers. (transfer container) */
static const char **
dup_labels (Trie *trie)
{
  const char **labels = g_new0 (const char *, g_hash_table_size (trie->numbers) + 1);
  GHashTableIter iter;
  gpointer label, number;

  g_hash_table_iter_init (&iter, trie->numbers);
  while (g_hash_table_iter_next (&iter, &label, &number))
    labels[GPOINTER_TO_UINT (number) - 1] = label;
  return labels;
}

/* --- in order ------------------------------------------------------------------------------------ */

typedef struct {
  GArray *nodes;      /* of the trie */
  const guint *place; /* of a node of the trie in the result, for all shallower ones */
  const char **labels;
} Order;

static gint
compare_nodes (gconstpointer a, gconstpointer b, gpointer data)
{
  const Order *order = data;
  const MsDifferenceNode *x = node_at (order->nodes, *(const guint *) a);
  const MsDifferenceNode *y = node_at (order->nodes, *(const guint *) b);
  guint left = order->place[x->parent], right = order->place[y->parent];

  if (left != right)
    return left < right ? -1 : 1;
  if (x->width != y->width)
    return x->width > y->width ? -1 : 1;
  return strcmp (order->labels[x->first_child], order->labels[y->first_child]);
}

/* One depth after the other: the places of its parents are known by then. */
static GArray *
put_in_order (Trie *trie)
{
  guint n = trie->nodes->len, n_placed = 1;
  g_autofree guint *place = g_new0 (guint, n);
  g_autofree const char **labels = dup_labels (trie);
  g_autoptr (GArray) level = g_array_new (FALSE, FALSE, sizeof (guint));
  GArray *ordered = g_array_sized_new (FALSE, TRUE, sizeof (MsDifferenceNode), n);
  Order order = { trie->nodes, place, labels };

  g_array_set_size (ordered, n);
  *node_at (ordered, 0) = *node_at (trie->nodes, 0);
  node_at (ordered, 0)->label = "(all)";
  for (guint depth = 1; n_placed < n; depth++)
    {
      g_array_set_size (level, 0);
      for (guint i = 1; i < n; i++)
        if (node_at (trie->nodes, i)->depth == depth)
          g_array_append_val (level, i);
      g_array_sort_with_data (level, compare_nodes, &order);
      for (guint i = 0; i < level->len; i++)
        {
          guint from = g_array_index (level, guint, i);
          MsDifferenceNode node = *node_at (trie->nodes, from);
          MsDifferenceNode *parent = node_at (ordered, place[node.parent]);

          place[from] = n_placed;
          if (parent->first_child == 0)
            parent->first_child = n_placed;
          node.parent = (gint) place[node.parent];
          node.label = labels[node.first_child];
          node.first_child = 0;
          *node_at (ordered, n_placed++) = node;
        }
    }
  for (guint i = 0; i < n; i++)
    node_at (ordered, i)->change.standard_error =
        sqrt (node_at (ordered, i)->change.standard_error);
  return ordered;
}

MsDifferenceTree *
ms_difference_tree_new (MsComparison *comparison, MsFigureKind figure)
{
  MsDifferenceTree *self = g_new0 (MsDifferenceTree, 1);
  MsDifferenceNode root = { .parent = -1 };
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) children =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (MsDifferenceNode));
  Trie trie = { nodes, numbers, children };

  g_atomic_ref_count_init (&self->n_refs);
  self->comparison = ms_comparison_ref (comparison);
  g_array_append_val (nodes, root);
  g_array_set_size (path, 1); /* never NULL */
  for (guint i = 0; i < ms_comparison_get_n_rows (comparison, MS_COMPARED_STACKS); i++)
    {
      const MsComparedRow *row = ms_comparison_get_row (comparison, MS_COMPARED_STACKS, i);
      const MsChange *change = &row->changes[figure];

      if (change->before > 0 || change->after > 0)
        add_row (&trie, row, change, path);
    }
  self->nodes = put_in_order (&trie);
  return self;
}

MsDifferenceTree *
ms_difference_tree_ref (MsDifferenceTree *self)
{
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
ms_difference_tree_unref (MsDifferenceTree *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  g_array_unref (self->nodes);
  ms_comparison_unref (self->comparison);
  g_free (self);
}

guint
ms_difference_tree_get_n_nodes (MsDifferenceTree *self)
{
  return self->nodes->len;
}

const MsDifferenceNode *
ms_difference_tree_get_node (MsDifferenceTree *self, guint node)
{
  g_return_val_if_fail (node < self->nodes->len, NULL);
  return node_at (self->nodes, node);
}
