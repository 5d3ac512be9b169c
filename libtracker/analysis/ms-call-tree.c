/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A node is a range of the sorted paths: those that begin with its own.  Its first paths may end in it,
 * and a child begins wherever a path has less in common with the one before it than the node is deep.
 *
 *   depth        0     1     2     3          common   of a path and the one before it
 *   path 0     main  load  read              0
 *   path 1     main  load  read  grow        3        so grow is a node of path 1 alone,
 *   path 2     main  load  seek              2        and load one of the paths 0 to 2
 *
 * Sums over a range are differences of running sums, so each node is made once, in its final place:
 * by depth, the children of a node side by side.
 *
 *   totals, selfs   [node × n_columns + column]
 *   errors          likewise, of totals and selfs: squares of standard errors.  NULL: all are exact
 *   stacks          of the sorted paths: a node has n_stacks of them from first_stacks[node] on.  Not kept
 *                   of a cut tree
 */
#include "ms-call-tree.h"

#include "ms-call-paths.h"

#include <math.h>

struct _MsCallTree {
  gatomicrefcount n_refs;
  MsFrameNames *names;
  guint n_columns;
  guint n_nodes;
  MsCallNode *nodes;
  guint64 *totals;
  guint64 *selfs;
  double *total_errors, *self_errors;
  guint *stacks, *first_stacks; /* NULL: it was cut */
};

G_DEFINE_BOXED_TYPE (MsCallTree, ms_call_tree, ms_call_tree_ref, ms_call_tree_unref)

static MsCallTree *
tree_alloc (MsFrameNames *names, guint n_columns, guint most_nodes)
{
  MsCallTree *self = g_new0 (MsCallTree, 1);

  g_atomic_ref_count_init (&self->n_refs);
  self->names = ms_frame_names_ref (names);
  self->n_columns = n_columns;
  self->nodes = g_new (MsCallNode, most_nodes);
  self->totals = g_new0 (guint64, (gsize) most_nodes * n_columns);
  self->selfs = g_new0 (guint64, (gsize) most_nodes * n_columns);
  return self;
}

static guint64 *
row_of (const MsCallTree *self, guint64 *values, guint node)
{
  return values + (gsize) node * self->n_columns;
}

/* --- building -------------------------------------------------------------------------------- */

/* Paths @first … @last − 1. */
typedef struct {
  guint first, last;
} Range;

typedef struct {
  guint function;
  Range range;
} Child;

typedef struct {
  MsCallTree *tree;
  MsCallPaths paths;
  guint *common;    /* a path */
  guint64 **sums;   /* of paths before each, a column */
  Range *ranges;    /* a node */
  GArray *children; /* of Child: of the node at hand */
} Building;

static guint
common_length (const MsCallPaths *paths, const MsCallPath *a, const MsCallPath *b)
{
  const guint *x = &g_array_index (paths->functions, guint, a->first);
  const guint *y = &g_array_index (paths->functions, guint, b->first);
  guint n = 0, most = MIN (a->n, b->n);

  while (n < most && x[n] == y[n])
    n++;
  return n;
}

/* Returns how many nodes there will be. */
static guint
measure (Building *self, const guint64 *const *columns, guint n_columns)
{
  guint n_paths = self->paths.paths->len, n_nodes = 1;
  const MsCallPath *paths = (const MsCallPath *) (gpointer) self->paths.paths->data;

  self->common = g_new0 (guint, n_paths + 1);
  self->sums = g_new (guint64 *, n_columns);
  for (guint c = 0; c < n_columns; c++)
    self->sums[c] = g_new0 (guint64, n_paths + 1);
  for (guint i = 0; i < n_paths; i++)
    {
      if (i > 0)
        self->common[i] = common_length (&self->paths, &paths[i - 1], &paths[i]);
      n_nodes += paths[i].n - self->common[i];
      for (guint c = 0; c < n_columns; c++)
        self->sums[c][i + 1] = self->sums[c][i] + columns[c][paths[i].stack];
    }
  return n_nodes;
}

static guint64
sum_of (const Building *self, Range range, guint column)
{
  return self->sums[column][range.last] - self->sums[column][range.first];
}

/* By value, heaviest first; then by number of the function: by nothing that another run would have in
 * another order. */
static int
compare_children (gconstpointer a, gconstpointer b, gpointer data)
{
  const Building *self = data;
  const Child *x = a, *y = b;

  for (guint c = 0; c < self->tree->n_columns; c++)
    {
      guint64 x_sum = sum_of (self, x->range, c), y_sum = sum_of (self, y->range, c);

      if (x_sum != y_sum)
        return x_sum > y_sum ? -1 : 1;
    }
  return x->function < y->function ? -1 : x->function > y->function;
}

static void
append_node (Building *self, gint parent, guint function, guint depth, Range range)
{
  MsCallTree *tree = self->tree;
  guint number = tree->n_nodes++;
  const MsCallPath *paths = (const MsCallPath *) (gpointer) self->paths.paths->data;
  Range own = { range.first, range.first };

  while (own.last < range.last && paths[own.last].n == depth)
    own.last++;
  tree->nodes[number] = (MsCallNode) { .parent = parent,
                                       .function = function,
                                       .depth = depth,
                                       .n_stacks = range.last - range.first };
  self->ranges[number] = (Range) { own.last, range.last }; /* those that go on */
  tree->first_stacks[number] = range.first;
  for (guint c = 0; c < tree->n_columns; c++)
    {
      row_of (tree, tree->totals, number)[c] = sum_of (self, range, c);
      row_of (tree, tree->selfs, number)[c] = sum_of (self, own, c);
    }
}

static void
append_children (Building *self, guint parent)
{
  MsCallTree *tree = self->tree;
  Range range = self->ranges[parent];
  guint depth = tree->nodes[parent].depth;

  g_array_set_size (self->children, 0);
  for (guint i = range.first; i < range.last;)
    {
      const MsCallPath *path = &g_array_index (self->paths.paths, MsCallPath, i);
      Child child = { .range = { i, i + 1 } };

      while (child.range.last < range.last && self->common[child.range.last] > depth)
        child.range.last++;
      child.function = g_array_index (self->paths.functions, guint, path->first + depth);
      g_array_append_val (self->children, child);
      i = child.range.last;
    }
  if (self->children->len > 1)
    g_array_sort_with_data (self->children, compare_children, self);
  tree->nodes[parent].first_child = tree->n_nodes;
  tree->nodes[parent].n_children = self->children->len;
  for (guint i = 0; i < self->children->len; i++)
    {
      const Child *child = &g_array_index (self->children, Child, i);

      append_node (self, (gint) parent, child->function, depth + 1, child->range);
    }
}

static void
building_clear (Building *self)
{
  for (guint c = 0; c < self->tree->n_columns; c++)
    g_free (self->sums[c]);
  g_free (self->sums);
  g_free (self->common);
  g_free (self->ranges);
  g_array_unref (self->children);
  ms_call_paths_clear (&self->paths);
}

static MsCallTree *
tree_new (MsFrameNames *names,
          MsCallPathKind kind,
          guint function,
          const guint64 *const *columns,
          guint n_columns)
{
  Building self = { 0 };
  guint n_nodes;

  ms_call_paths_init (&self.paths, names, kind, function, columns, n_columns);
  ms_call_paths_sort (&self.paths);
  n_nodes = measure (&self, columns, n_columns);
  self.tree = tree_alloc (names, n_columns, n_nodes);
  self.ranges = g_new (Range, n_nodes);
  self.tree->first_stacks = g_new (guint, n_nodes);
  self.tree->stacks = g_new (guint, self.paths.paths->len + 1);
  for (guint i = 0; i < self.paths.paths->len; i++)
    self.tree->stacks[i] = g_array_index (self.paths.paths, MsCallPath, i).stack;
  self.children = g_array_new (FALSE, FALSE, sizeof (Child));
  append_node (&self, -1, function, 0, (Range) { 0, self.paths.paths->len });
  for (guint i = 0; i < self.tree->n_nodes; i++)
    append_children (&self, i);
  building_clear (&self);
  return self.tree;
}

MsCallTree *
ms_call_tree_new (MsFrameNames *names,
                  MsCallTreeDirection direction,
                  const guint64 *const *columns,
                  guint n_columns)
{
  g_return_val_if_fail (n_columns > 0, NULL);
  return tree_new (names,
                   direction == MS_CALL_TREE_BOTTOM_UP ? MS_CALL_PATH_FROM_INNERMOST
                                                       : MS_CALL_PATH_FROM_OUTERMOST,
                   MS_FUNCTION_NONE, columns, n_columns);
}

MsCallTree *
ms_call_tree_new_callees (MsFrameNames *names,
                          guint function,
                          const guint64 *const *columns,
                          guint n_columns)
{
  g_return_val_if_fail (n_columns > 0, NULL);
  return tree_new (names, MS_CALL_PATH_CALLEES, function, columns, n_columns);
}

MsCallTree *
ms_call_tree_new_callers (MsFrameNames *names,
                          guint function,
                          const guint64 *const *columns,
                          guint n_columns)
{
  g_return_val_if_fail (n_columns > 0, NULL);
  return tree_new (names, MS_CALL_PATH_CALLERS, function, columns, n_columns);
}

/* --- errors --------------------------------------------------------------------------------- */

/* Squares.  A child comes after its parent, so each node is complete when it is added to its own. */
static void
sum_errors (MsCallTree *self, const double *errors, guint column)
{
  for (guint i = self->n_nodes; i > 0; i--)
    {
      const MsCallNode *node = &self->nodes[i - 1];
      gsize at = (gsize) (i - 1) * self->n_columns + column;
      guint n_own = node->n_stacks;

      for (guint child = 0; child < node->n_children; child++)
        n_own -= self->nodes[node->first_child + child].n_stacks;
      /* The first of its stacks end in it. */
      for (guint s = 0; s < n_own; s++)
        {
          double error = errors[self->stacks[self->first_stacks[i - 1] + s]];

          self->self_errors[at] += error * error;
        }
      self->total_errors[at] += self->self_errors[at];
      if (node->parent >= 0)
        self->total_errors[(gsize) node->parent * self->n_columns + column] +=
            self->total_errors[at];
    }
}

static void
alloc_errors (MsCallTree *self, guint most_nodes)
{
  self->total_errors = g_new0 (double, (gsize) most_nodes * self->n_columns);
  self->self_errors = g_new0 (double, (gsize) most_nodes * self->n_columns);
}

void
ms_call_tree_set_errors (MsCallTree *self, const double *const *errors)
{
  g_return_if_fail (self->stacks != NULL && self->total_errors == NULL);

  alloc_errors (self, self->n_nodes);
  for (guint c = 0; c < self->n_columns; c++)
    if (errors[c] != NULL)
      sum_errors (self, errors[c], c);
}

void
ms_call_tree_set_root_error (MsCallTree *self, guint column, double standard_error)
{
  g_return_if_fail (column < self->n_columns && self->total_errors != NULL);
  self->total_errors[column] = standard_error * standard_error;
}

/* --- cutting --------------------------------------------------------------------------------- */

typedef struct {
  guint node;
  double weight;
} Weighed;

/* Equal weights keep the order of numbers, in which a parent precedes its children. */
static int
compare_weighed (gconstpointer a, gconstpointer b)
{
  const Weighed *x = a, *y = b;

  if (x->weight < y->weight || x->weight > y->weight)
    return x->weight > y->weight ? -1 : 1;
  return x->node < y->node ? -1 : x->node > y->node;
}

/* is_kept[node]. (transfer full) */
static gboolean *
choose_heaviest (MsCallTree *self, guint most_nodes)
{
  g_autoptr (GArray) weighed = g_array_sized_new (FALSE, FALSE, sizeof (Weighed), self->n_nodes);
  gboolean *is_kept = g_new0 (gboolean, self->n_nodes);

  for (guint i = 0; i < self->n_nodes; i++)
    {
      Weighed entry = { .node = i };

      for (guint c = 0; c < self->n_columns; c++)
        if (self->totals[c] > 0)
          entry.weight = MAX (entry.weight, (double) ms_call_tree_get_total (self, i, c)
                                                / (double) self->totals[c]);
      g_array_append_val (weighed, entry);
    }
  g_array_sort (weighed, compare_weighed);
  for (guint i = 0; i < MIN (self->n_nodes, most_nodes); i++)
    is_kept[g_array_index (weighed, Weighed, i).node] = TRUE;
  is_kept[0] = TRUE;
  for (guint i = 1; i < self->n_nodes; i++)
    if (self->nodes[i].function == MS_FUNCTION_OTHERS)
      is_kept[i] = FALSE;
  return is_kept;
}

/* Nodes in the subtree of each node, itself included. (transfer full) */
static guint *
count_below (MsCallTree *self)
{
  guint *n_below = g_new0 (guint, self->n_nodes);

  for (guint i = self->n_nodes; i > 0; i--)
    {
      const MsCallNode *node = &self->nodes[i - 1];

      n_below[i - 1] += node->function == MS_FUNCTION_OTHERS ? node->n_folded : 1;
      if (node->parent >= 0)
        n_below[node->parent] += n_below[i - 1];
    }
  return n_below;
}

static void
copy_node (MsCallTree *cut, gint parent, MsCallTree *self, guint node)
{
  guint number = cut->n_nodes++;

  cut->nodes[number] = self->nodes[node];
  cut->nodes[number].parent = parent;
  for (guint c = 0; c < self->n_columns; c++)
    {
      row_of (cut, cut->totals, number)[c] = ms_call_tree_get_total (self, node, c);
      row_of (cut, cut->selfs, number)[c] = ms_call_tree_get_self (self, node, c);
    }
  for (guint c = 0; c < self->n_columns && self->total_errors != NULL; c++)
    {
      gsize from = (gsize) node * self->n_columns + c, to = (gsize) number * self->n_columns + c;

      cut->total_errors[to] = self->total_errors[from];
      cut->self_errors[to] = self->self_errors[from];
    }
}

/* One last child of @parent for those of @node's children that are not kept. */
static void
add_others (MsCallTree *cut,
            gint parent,
            MsCallTree *self,
            const MsCallNode *node,
            const gboolean *is_kept,
            const guint *n_below)
{
  guint number = cut->n_nodes++;
  MsCallNode *others = &cut->nodes[number];

  *others =
      (MsCallNode) { .parent = parent, .function = MS_FUNCTION_OTHERS, .depth = node->depth + 1 };
  for (guint i = node->first_child; i < node->first_child + node->n_children; i++)
    {
      if (is_kept[i])
        continue;
      others->n_stacks += self->nodes[i].n_stacks;
      others->n_folded += n_below[i];
      for (guint c = 0; c < self->n_columns; c++)
        row_of (cut, cut->totals, number)[c] += ms_call_tree_get_total (self, i, c);
      for (guint c = 0; c < self->n_columns && self->total_errors != NULL; c++)
        cut->total_errors[(gsize) number * self->n_columns + c] +=
            self->total_errors[(gsize) i * self->n_columns + c];
    }
  for (guint c = 0; c < self->n_columns && self->total_errors != NULL; c++)
    cut->self_errors[(gsize) number * self->n_columns + c] =
        cut->total_errors[(gsize) number * self->n_columns + c];
  for (guint c = 0; c < self->n_columns; c++)
    row_of (cut, cut->selfs, number)[c] = row_of (cut, cut->totals, number)[c];
}

MsCallTree *
ms_call_tree_new_cut (MsCallTree *self, guint most_nodes)
{
  g_autofree gboolean *is_kept = choose_heaviest (self, most_nodes);
  g_autofree guint *n_below = count_below (self);
  /* Each kept node may bring one more, for others. */
  guint most = (guint) MIN (self->n_nodes, 2 * (guint64) MAX (most_nodes, 1));
  g_autofree guint *origins = g_new (guint, most);
  MsCallTree *cut = tree_alloc (self->names, self->n_columns, most);

  if (self->total_errors != NULL)
    alloc_errors (cut, most);
  origins[0] = 0;
  copy_node (cut, -1, self, 0);
  for (guint i = 0; i < cut->n_nodes; i++)
    {
      const MsCallNode *node = &self->nodes[origins[i]];
      guint first = cut->n_nodes, n_left = 0;

      if (cut->nodes[i].function == MS_FUNCTION_OTHERS)
        {
          cut->nodes[i].first_child = first;
          continue;
        }
      for (guint child = node->first_child; child < node->first_child + node->n_children; child++)
        {
          if (!is_kept[child])
            {
              n_left++;
              continue;
            }
          origins[cut->n_nodes] = child;
          copy_node (cut, (gint) i, self, child);
        }
      if (n_left > 0)
        add_others (cut, (gint) i, self, node, is_kept, n_below);
      cut->nodes[i].first_child = first;
      cut->nodes[i].n_children = cut->n_nodes - first;
    }
  return cut;
}

/* --- what is in it --------------------------------------------------------------------------- */

MsCallTree *
ms_call_tree_ref (MsCallTree *self)
{
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
ms_call_tree_unref (MsCallTree *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  ms_frame_names_unref (self->names);
  g_free (self->nodes);
  g_free (self->totals);
  g_free (self->selfs);
  g_free (self->total_errors);
  g_free (self->self_errors);
  g_free (self->stacks);
  g_free (self->first_stacks);
  g_free (self);
}

MsFrameNames *
ms_call_tree_get_names (MsCallTree *self)
{
  return self->names;
}

guint
ms_call_tree_get_n_columns (MsCallTree *self)
{
  return self->n_columns;
}

guint
ms_call_tree_get_n_nodes (MsCallTree *self)
{
  return self->n_nodes;
}

const MsCallNode *
ms_call_tree_get_node (MsCallTree *self, guint node)
{
  g_return_val_if_fail (node < self->n_nodes, NULL);
  return &self->nodes[node];
}

const char *
ms_call_tree_get_label (MsCallTree *self, guint node)
{
  g_return_val_if_fail (node < self->n_nodes, NULL);
  if (self->nodes[node].function == MS_FUNCTION_NONE)
    return "(all)";
  if (self->nodes[node].function == MS_FUNCTION_OTHERS)
    return "(others)";
  return ms_frame_names_get_function (self->names, self->nodes[node].function)->label;
}

guint64
ms_call_tree_get_total (MsCallTree *self, guint node, guint column)
{
  g_return_val_if_fail (node < self->n_nodes && column < self->n_columns, 0);
  return self->totals[(gsize) node * self->n_columns + column];
}

guint64
ms_call_tree_get_self (MsCallTree *self, guint node, guint column)
{
  g_return_val_if_fail (node < self->n_nodes && column < self->n_columns, 0);
  return self->selfs[(gsize) node * self->n_columns + column];
}

double
ms_call_tree_get_total_error (MsCallTree *self, guint node, guint column)
{
  g_return_val_if_fail (node < self->n_nodes && column < self->n_columns, 0);
  return self->total_errors != NULL
             ? sqrt (self->total_errors[(gsize) node * self->n_columns + column])
             : 0;
}

double
ms_call_tree_get_self_error (MsCallTree *self, guint node, guint column)
{
  g_return_val_if_fail (node < self->n_nodes && column < self->n_columns, 0);
  return self->self_errors != NULL
             ? sqrt (self->self_errors[(gsize) node * self->n_columns + column])
             : 0;
}

gint
ms_call_tree_find_child (MsCallTree *self, guint node, guint function)
{
  const MsCallNode *parent = ms_call_tree_get_node (self, node);

  for (guint i = 0; parent != NULL && i < parent->n_children; i++)
    if (self->nodes[parent->first_child + i].function == function)
      return (gint) (parent->first_child + i);
  return -1;
}

const guint *
ms_call_tree_get_stacks (MsCallTree *self, guint node, guint *n_stacks)
{
  *n_stacks = 0;
  g_return_val_if_fail (node < self->n_nodes, NULL);

  if (self->stacks == NULL)
    return NULL;
  *n_stacks = self->nodes[node].n_stacks;
  return self->stacks + self->first_stacks[node];
}
