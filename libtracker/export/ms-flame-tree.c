/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Nodes are found by (parent, label, module): labels are interned in the view's names, so the key is
 * one number and two pointers.  Lines do not part frames: a function is one frame wherever in it
 * the call stands.
 */
#include "ms-flame-tree.h"

typedef struct {
  gint parent;
  const char *label;
  const char *module;
} NodeKey;

static guint
node_key_hash (gconstpointer key)
{
  const NodeKey *k = key;

  return ((guint) k->parent * 2654435761u) ^ g_direct_hash (k->label)
         ^ (g_direct_hash (k->module) * 31);
}

static gboolean
node_key_equal (gconstpointer a, gconstpointer b)
{
  const NodeKey *x = a, *y = b;

  return x->parent == y->parent && x->label == y->label && x->module == y->module;
}

static guint
find_child (GArray *nodes, GHashTable *known, gint parent, const char *label, const char *module)
{
  NodeKey key = { parent, label, module };
  MsFlameNode node = { .parent = parent, .label = label, .module = module };
  gpointer index = g_hash_table_lookup (known, &key);

  if (index)
    return GPOINTER_TO_UINT (index);
  g_array_append_val (nodes, node);
  g_hash_table_insert (known, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (nodes->len - 1));
  return nodes->len - 1;
}

static void
add_stack (MsExportView *view, GArray *nodes, GHashTable *known, const MsExportStack *stack)
{
  guint64 values[MS_N_STACK_METRICS];
  guint depth, node = 0;
  const guint *frames = ms_stack_names_get_stack (view->names, stack->stack, &depth, NULL);

  for (guint m = 0; m < MS_N_STACK_METRICS; m++)
    values[m] = ms_stack_metric_get (stack->totals, m);
  for (guint i = depth + 1; i > 0; i--)
    {
      if (i <= depth)
        node = find_child (nodes, known, (gint) node,
                           ms_stack_names_get_label (view->names, frames[i - 1]),
                           ms_stack_names_get_frame (view->names, frames[i - 1])->module);
      for (guint m = 0; m < MS_N_STACK_METRICS; m++)
        g_array_index (nodes, MsFlameNode, node).values[m] += values[m];
    }
}

typedef struct {
  guint index;
  double weight;
} Weighed;

/* Equal weights keep the order of creation, in which a parent precedes its children. */
static int
compare_weighed (gconstpointer a, gconstpointer b)
{
  const Weighed *x = a, *y = b;

  if (x->weight < y->weight || x->weight > y->weight)
    return x->weight > y->weight ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

static GArray *
keep_heaviest (GArray *nodes, guint most_nodes)
{
  const guint64 *sums = g_array_index (nodes, MsFlameNode, 0).values;
  g_autoptr (GArray) weighed = g_array_sized_new (FALSE, FALSE, sizeof (Weighed), nodes->len);
  g_autofree gint *moved = g_new (gint, nodes->len);
  GArray *kept = g_array_new (FALSE, FALSE, sizeof (MsFlameNode));

  for (guint i = 0; i < nodes->len; i++)
    {
      const MsFlameNode *node = &g_array_index (nodes, MsFlameNode, i);
      Weighed entry = { i, ms_stack_metrics_weight (node->values, sums) };

      moved[i] = -1;
      g_array_append_val (weighed, entry);
    }
  g_array_sort (weighed, compare_weighed);
  for (guint i = 0; i < MIN (weighed->len, most_nodes); i++)
    moved[g_array_index (weighed, Weighed, i).index] = 0;

  for (guint i = 0; i < nodes->len; i++)
    {
      MsFlameNode node = g_array_index (nodes, MsFlameNode, i);

      if (moved[i] < 0)
        continue;
      moved[i] = (gint) kept->len;
      node.parent = node.parent < 0 ? -1 : moved[node.parent];
      g_array_append_val (kept, node);
    }
  return kept;
}

GArray *
ms_flame_tree_build (MsExportView *view, guint most_nodes, guint *n_folded)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (MsFlameNode));
  g_autoptr (GHashTable) known =
      g_hash_table_new_full (node_key_hash, node_key_equal, g_free, NULL);
  MsFlameNode root = { .parent = -1 };
  GArray *kept;

  g_array_append_val (nodes, root);
  for (guint i = 0; i < view->stacks->len; i++)
    add_stack (view, nodes, known, &g_array_index (view->stacks, MsExportStack, i));
  kept = keep_heaviest (nodes, MAX (1, most_nodes));
  *n_folded = nodes->len - kept->len;
  return kept;
}
