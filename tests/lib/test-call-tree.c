/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Trees, butterflies, functions and flame graphs of random stacks, with much recursion in them,
 * against sums over texts: each stack is the line "f0/f3/f1", and a node is a line that others begin
 * with.
 */
#include "ms-call-tree.h"
#include "ms-flame-layout.h"
#include "ms-function-totals.h"

#include <math.h>
#include <string.h>

#include "stack-case.h"

#define N_COLUMNS STACK_CASE_COLUMNS

/* --- the reference --------------------------------------------------------------------------- */

typedef struct {
  guint64 totals[N_COLUMNS], selfs[N_COLUMNS];
  guint n_stacks;
} Sums;

/* Adds the path @parts[0 … n − 1] to each of its beginnings. */
static void
reference_add (GHashTable *nodes, const char *const *parts, guint n, StackCase *self, guint stack)
{
  g_autoptr (GString) path = g_string_new ("");

  for (guint i = 0; i <= n; i++)
    {
      Sums *sums;

      if (i > 0)
        g_string_append_printf (path, "/%s", parts[i - 1]);
      sums = g_hash_table_lookup (nodes, path->str);
      if (sums == NULL)
        {
          sums = g_new0 (Sums, 1);
          g_hash_table_insert (nodes, g_strdup (path->str), sums);
        }
      sums->n_stacks++;
      for (guint c = 0; c < N_COLUMNS; c++)
        {
          sums->totals[c] += self->columns[c][stack];
          if (i == n)
            sums->selfs[c] += self->columns[c][stack];
        }
    }
}

typedef enum { TOP_DOWN, BOTTOM_UP, CALLEES, CALLERS } Kind;

static GHashTable *
reference_new (StackCase *self, Kind kind, const char *function)
{
  GHashTable *nodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  reference_add (nodes, NULL, 0,
                 &(StackCase) { .columns = { (guint64[]) { 0 }, (guint64[]) { 0 } } }, 0);
  ((Sums *) g_hash_table_lookup (nodes, ""))->n_stacks = 0;
  for (guint s = 0; s < self->n_stacks; s++)
    {
      GStrv line = g_ptr_array_index (self->lines, s);
      guint n = g_strv_length (line), first = 0, last = n;
      g_autoptr (GPtrArray) parts = g_ptr_array_new ();

      if (self->columns[0][s] == 0 && self->columns[1][s] == 0)
        continue;
      if ((kind == CALLEES || kind == CALLERS)
          && !g_strv_contains ((const char *const *) line, function))
        continue;
      for (guint i = 0; kind == CALLEES && i < n; i++)
        if (g_str_equal (line[i], function))
          first = i + 1;
      for (guint i = n; kind == CALLERS && i > 0; i--)
        if (g_str_equal (line[i - 1], function))
          last = i - 1;
      for (guint i = first; i < last; i++)
        g_ptr_array_insert (parts, kind == BOTTOM_UP || kind == CALLERS ? 0 : -1, line[i]);
      reference_add (nodes, (const char *const *) parts->pdata, parts->len, self, s);
    }
  return nodes;
}

static char *
path_of (MsCallTree *tree, guint node)
{
  GString *path = g_string_new ("");

  for (; node > 0; node = (guint) ms_call_tree_get_node (tree, node)->parent)
    {
      g_string_prepend (path, ms_call_tree_get_label (tree, node));
      g_string_prepend_c (path, '/');
    }
  return g_string_free (path, FALSE);
}

/* --- what holds for each tree ---------------------------------------------------------------- */

static void
assert_sound (MsCallTree *tree)
{
  guint next = 1;

  for (guint i = 0; i < ms_call_tree_get_n_nodes (tree); i++)
    {
      const MsCallNode *node = ms_call_tree_get_node (tree, i);

      g_assert_cmpuint (node->first_child, ==, next);
      next += node->n_children;
      for (guint c = 0; c < N_COLUMNS; c++)
        {
          guint64 sum = ms_call_tree_get_self (tree, i, c);

          for (guint child = 0; child < node->n_children; child++)
            sum += ms_call_tree_get_total (tree, node->first_child + child, c);
          g_assert_cmpuint (sum, ==, ms_call_tree_get_total (tree, i, c));
        }
      for (guint child = 0; child < node->n_children; child++)
        {
          const MsCallNode *below = ms_call_tree_get_node (tree, node->first_child + child);

          g_assert_cmpint (below->parent, ==, (gint) i);
          g_assert_cmpuint (below->depth, ==, node->depth + 1);
          if (child > 0 && below->function != MS_FUNCTION_OTHERS)
            g_assert_cmpuint (ms_call_tree_get_total (tree, node->first_child + child - 1, 0), >=,
                              ms_call_tree_get_total (tree, node->first_child + child, 0));
        }
    }
  g_assert_cmpuint (next, ==, ms_call_tree_get_n_nodes (tree));
}

static void
assert_equals_reference (MsCallTree *tree, GHashTable *reference)
{
  g_assert_cmpuint (ms_call_tree_get_n_nodes (tree), ==, g_hash_table_size (reference));
  for (guint i = 0; i < ms_call_tree_get_n_nodes (tree); i++)
    {
      g_autofree char *path = path_of (tree, i);
      const Sums *sums = g_hash_table_lookup (reference, path);

      g_assert_nonnull (sums);
      g_assert_cmpuint (ms_call_tree_get_node (tree, i)->n_stacks, ==, sums->n_stacks);
      for (guint c = 0; c < N_COLUMNS; c++)
        {
          g_assert_cmpuint (ms_call_tree_get_total (tree, i, c), ==, sums->totals[c]);
          g_assert_cmpuint (ms_call_tree_get_self (tree, i, c), ==, sums->selfs[c]);
        }
    }
}

/* The stacks of a node are those that its sums are of. */
static void
assert_stacks (MsCallTree *tree, StackCase *self)
{
  for (guint i = 0; i < ms_call_tree_get_n_nodes (tree); i++)
    {
      guint n_stacks;
      const guint *stacks = ms_call_tree_get_stacks (tree, i, &n_stacks);

      g_assert_cmpuint (n_stacks, ==, ms_call_tree_get_node (tree, i)->n_stacks);
      for (guint c = 0; c < N_COLUMNS; c++)
        {
          guint64 sum = 0;

          for (guint s = 0; s < n_stacks; s++)
            sum += self->columns[c][stacks[s]];
          g_assert_cmpuint (sum, ==, ms_call_tree_get_total (tree, i, c));
        }
    }
}

/* Errors whose squares are the values: then the square of a node's is its value. */
static double *
errors_new (StackCase *self, guint column)
{
  double *errors = g_new (double, self->n_stacks + 1);

  for (guint s = 0; s < self->n_stacks; s++)
    errors[s] = sqrt ((double) self->columns[column][s]);
  return errors;
}

static void
assert_square (double error, guint64 value)
{
  g_assert_cmpfloat_with_epsilon (error * error, (double) value, 1e-9 * (double) value + 1e-9);
}

static void
assert_errors (MsCallTree *tree)
{
  for (guint i = 0; i < ms_call_tree_get_n_nodes (tree); i++)
    {
      assert_square (ms_call_tree_get_total_error (tree, i, 0),
                     ms_call_tree_get_total (tree, i, 0));
      assert_square (ms_call_tree_get_self_error (tree, i, 0), ms_call_tree_get_self (tree, i, 0));
      /* The other column is exact. */
      g_assert_cmpfloat (ms_call_tree_get_total_error (tree, i, 1), ==, 0);
      g_assert_cmpfloat (ms_call_tree_get_self_error (tree, i, 1), ==, 0);
    }
}

static void
set_errors (MsCallTree *tree, StackCase *self)
{
  g_autofree double *errors = errors_new (self, 0);
  const double *columns[N_COLUMNS] = { errors, NULL };

  g_assert_cmpfloat (ms_call_tree_get_total_error (tree, 0, 0), ==, 0);
  ms_call_tree_set_errors (tree, columns);
  assert_errors (tree);
}

/* --- random stacks --------------------------------------------------------------------------- */

static void
check_trees (StackCase *self)
{
  for (Kind kind = TOP_DOWN; kind <= BOTTOM_UP; kind++)
    {
      g_autoptr (GHashTable) reference = reference_new (self, kind, NULL);
      g_autoptr (MsCallTree) tree =
          ms_call_tree_new (self->names,
                            kind == TOP_DOWN ? MS_CALL_TREE_TOP_DOWN : MS_CALL_TREE_BOTTOM_UP,
                            stack_case_columns (self), N_COLUMNS);

      assert_sound (tree);
      assert_equals_reference (tree, reference);
      assert_stacks (tree, self);
      set_errors (tree, self);
    }
}

static void
check_butterflies (StackCase *self)
{
  g_autoptr (GArray) functions =
      ms_function_totals_new (self->names, self->columns[0], MS_FUNCTIONS_BY_TOTAL, 0);

  for (guint i = 0; i < functions->len; i++)
    {
      const MsFunctionTotals *entry = &g_array_index (functions, MsFunctionTotals, i);
      const char *label = ms_frame_names_get_function (self->names, entry->function)->label;
      g_autoptr (GHashTable) callees = reference_new (self, CALLEES, label);
      g_autoptr (GHashTable) callers = reference_new (self, CALLERS, label);
      g_autoptr (MsCallTree) in = ms_call_tree_new_callees (self->names, entry->function,
                                                            stack_case_columns (self), N_COLUMNS);
      g_autoptr (MsCallTree) out = ms_call_tree_new_callers (self->names, entry->function,
                                                             stack_case_columns (self), N_COLUMNS);

      assert_sound (in);
      assert_sound (out);
      assert_equals_reference (in, callees);
      assert_equals_reference (out, callers);
      assert_stacks (in, self);
      assert_stacks (out, self);
      set_errors (in, self);
      set_errors (out, self);
      ms_call_tree_set_root_error (in, 0, 3);
      g_assert_cmpfloat (ms_call_tree_get_total_error (in, 0, 0), ==, 3);
      g_assert_cmpuint (ms_call_tree_get_node (in, 0)->function, ==, entry->function);
      g_assert_cmpuint (ms_call_tree_get_total (in, 0, 0), ==, entry->total);
      g_assert_cmpuint (ms_call_tree_get_total (out, 0, 0), ==, entry->total);
      g_assert_cmpuint (ms_call_tree_get_self (in, 0, 0), ==, entry->self);
      for (guint n = 1; n < ms_call_tree_get_n_nodes (in); n++)
        g_assert_cmpuint (ms_call_tree_get_node (in, n)->function, !=, entry->function);
      for (guint n = 1; n < ms_call_tree_get_n_nodes (out); n++)
        g_assert_cmpuint (ms_call_tree_get_node (out, n)->function, !=, entry->function);
    }
}

/* Selfs and totals by their definition, on the stacks as they are. */
static void
check_functions (StackCase *self)
{
  g_autoptr (GArray) by_self =
      ms_function_totals_new (self->names, self->columns[0], MS_FUNCTIONS_BY_SELF, 0);
  g_autoptr (GArray) two =
      ms_function_totals_new (self->names, self->columns[0], MS_FUNCTIONS_BY_SELF, 2);
  guint64 before = G_MAXUINT64, whole = 0;
  g_autofree double *errors = errors_new (self, 0);
  g_autofree gboolean *is_chosen =
      g_new0 (gboolean, ms_frame_names_get_n_functions (self->names) + 1);

  for (guint s = 0; s < self->n_stacks; s++)
    whole += self->columns[0][s];
  g_assert_cmpuint (two->len, ==, MIN (2, by_self->len));
  ms_function_totals_set_errors (by_self, self->names, self->columns[0], errors);
  for (guint i = 0; i < by_self->len; i++)
    {
      const MsFunctionTotals *entry = &g_array_index (by_self, MsFunctionTotals, i);
      guint64 own = 0, total = 0;
      guint n_stacks = 0;

      for (guint s = 0; s < self->n_stacks; s++)
        {
          guint depth;
          const guint *frames = ms_frame_names_get_stack (self->names, s, &depth, NULL);
          gboolean is_on = FALSE;

          for (guint f = 0; f < depth; f++)
            is_on =
                is_on || ms_frame_names_get_function_of (self->names, frames[f]) == entry->function;
          if (!is_on || self->columns[0][s] == 0)
            continue;
          n_stacks++;
          total += self->columns[0][s];
          if (ms_frame_names_get_function_of (self->names, frames[0]) == entry->function)
            own += self->columns[0][s];
        }
      g_assert_cmpuint (entry->self, ==, own);
      g_assert_cmpuint (entry->total, ==, total);
      assert_square (entry->self_error, own);
      assert_square (entry->total_error, total);
      g_assert_cmpuint (entry->n_stacks, ==, n_stacks);
      g_assert_cmpuint (entry->self, <=, before);
      before = entry->self;

      is_chosen[entry->function] = TRUE;
      g_assert_cmpuint (ms_functions_get_total (self->names, self->columns[0], is_chosen), ==,
                        total);
      is_chosen[entry->function] = FALSE;
    }
  for (guint f = 0; f < ms_frame_names_get_n_functions (self->names); f++)
    is_chosen[f] = TRUE;
  guint64 of_none = 0;
  for (guint s = 0; s < self->n_stacks; s++)
    {
      guint depth;

      ms_frame_names_get_stack (self->names, s, &depth, NULL);
      of_none += depth == 0 ? self->columns[0][s] : 0;
    }
  g_assert_cmpuint (ms_functions_get_total (self->names, self->columns[0], is_chosen), ==,
                    whole - of_none);
}

static void
check_cuts (StackCase *self, GRand *random)
{
  g_autoptr (MsCallTree) tree =
      ms_call_tree_new (self->names, MS_CALL_TREE_TOP_DOWN, stack_case_columns (self), N_COLUMNS);
  guint n = ms_call_tree_get_n_nodes (tree);
  guint most = (guint) g_rand_int_range (random, 0, (gint) n + 2), n_kept = 0, n_folded = 0;
  g_autoptr (MsCallTree) exact = ms_call_tree_new_cut (tree, most);
  g_autoptr (MsCallTree) cut = NULL;

  g_assert_cmpfloat (ms_call_tree_get_total_error (exact, 0, 0), ==, 0);
  set_errors (tree, self);
  cut = ms_call_tree_new_cut (tree, most);
  assert_sound (cut);
  assert_errors (cut);
  for (guint i = 0; i < ms_call_tree_get_n_nodes (cut); i++)
    {
      const MsCallNode *node = ms_call_tree_get_node (cut, i);

      n_folded += node->n_folded;
      n_kept += node->function != MS_FUNCTION_OTHERS;
      g_assert_cmpint (node->function == MS_FUNCTION_OTHERS, ==, node->n_folded > 0);
    }
  g_assert_cmpuint (n_kept, ==, CLAMP (most, 1, n));
  g_assert_cmpuint (n_kept + n_folded, ==, n);
  g_assert_null (ms_call_tree_get_stacks (cut, 0, &n_kept));
  for (guint c = 0; c < N_COLUMNS; c++)
    g_assert_cmpuint (ms_call_tree_get_total (cut, 0, c), ==, ms_call_tree_get_total (tree, 0, c));
}

static void
check_layout (StackCase *self, GRand *random)
{
  g_autoptr (MsCallTree) tree =
      ms_call_tree_new (self->names, MS_CALL_TREE_TOP_DOWN, stack_case_columns (self), N_COLUMNS);
  double least = g_rand_double (random) / 20;
  guint root = (guint) g_rand_int_range (random, 0, (gint) ms_call_tree_get_n_nodes (tree));
  g_autoptr (GArray) boxes = ms_flame_layout_new (tree, 0, root, least);
  guint64 whole = ms_call_tree_get_total (tree, root, 0);
  g_autofree guint64 *above = g_new0 (guint64, boxes->len + 1);
  g_autofree double *edges = g_new (double, boxes->len + 1);

  g_assert_cmpint (boxes->len > 0, ==, whole > 0);
  for (guint i = 0; i < boxes->len; i++)
    {
      const MsFlameBox *box = &g_array_index (boxes, MsFlameBox, i);
      const MsFlameBox *below = i > 0 ? &g_array_index (boxes, MsFlameBox, box->parent) : NULL;

      edges[i] = box->x;
      g_assert_cmpfloat (fabs (box->width * (double) whole - (double) box->value), <, 1e-3);
      g_assert_cmpint (box->node<0, ==, box->n_merged> 0);
      if (box->node >= 0 && i > 0)
        {
          g_assert_cmpfloat (box->width, >=, least - 1e-12);
          g_assert_cmpuint (box->value, ==, ms_call_tree_get_total (tree, (guint) box->node, 0));
        }
      if (below == NULL)
        continue;
      g_assert_cmpuint (box->depth, ==, below->depth + 1);
      g_assert_cmpfloat (box->x, ==, edges[box->parent]); /* neighbours meet */
      edges[box->parent] = box->x + box->width;
      above[box->parent] += box->value;
    }
  for (guint i = 0; i < boxes->len; i++)
    {
      const MsFlameBox *box = &g_array_index (boxes, MsFlameBox, i);

      if (box->node >= 0)
        g_assert_cmpuint (above[i] + ms_call_tree_get_self (tree, (guint) box->node, 0), ==,
                          box->value);
    }
}

static void
test_random (gconstpointer data)
{
  GRand *random = g_rand_new_with_seed (20);

  for (guint round = 0; round < 60; round++)
    {
      StackCase self = { 0 };

      stack_case_set_up (&self, NULL);
      stack_case_make_random (&self, random, (guint) g_rand_int_range (random, 1, 60),
                              (guint) g_rand_int_range (random, 1, 7),
                              (guint) g_rand_int_range (random, 1, 20));
      check_trees (&self);
      check_butterflies (&self);
      check_functions (&self);
      check_cuts (&self, random);
      check_layout (&self, random);
      stack_case_tear_down (&self, NULL);
    }
  g_rand_free (random);
}

/* --- by hand --------------------------------------------------------------------------------- */

static void
test_recursion (StackCase *self, gconstpointer data)
{
  static const char *const stacks[][2] = {
    { "main > a > a > a > b", "/main/a/b" },
    { "main > a > b > a > b > a > b > c", "/main/a/b/c" },
    { "main > a > a > b > a > a > b > d", "/main/a/b/d" },
    { "main > a > b > a", "/main/a/b/a" },
    { "main", "/main" },
  };
  g_autoptr (MsCallTree) tree = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (stacks); i++)
    stack_case_add (self, stacks[i][0], i);
  stack_case_load (self);
  for (guint s = 0; s < self->n_stacks; s++)
    self->columns[0][s] = 1;
  tree = ms_call_tree_new (self->names, MS_CALL_TREE_TOP_DOWN, stack_case_columns (self), 1);
  g_assert_cmpuint (ms_call_tree_get_n_columns (tree), ==, 1);
  g_assert_cmpuint (ms_call_tree_get_n_nodes (tree), ==, 7);
  for (guint i = 0; i < G_N_ELEMENTS (stacks); i++)
    {
      g_auto (GStrv) parts = g_strsplit (stacks[i][1] + 1, "/", -1);
      gint node = 0;

      for (guint p = 0; parts[p] != NULL; p++)
        {
          node = ms_call_tree_find_child (tree, (guint) node, stack_case_find (self, parts[p]));
          g_assert_cmpint (node, >, 0);
        }
      g_assert_cmpuint (ms_call_tree_get_self (tree, (guint) node, 0), ==, 1);
    }
  g_assert_cmpint (ms_call_tree_find_child (tree, 0, stack_case_find (self, "a")), ==, -1);
}

/* A stack without frames counts in the root, and nothing is needed to have a tree. */
static void
test_empty (StackCase *self, gconstpointer data)
{
  g_autoptr (MsCallTree) tree = NULL;
  g_autoptr (MsCallTree) cut = NULL;
  g_autoptr (GArray) boxes = NULL;

  trace_builder_alloc (self->trace_fixture.builder, 0, 10, 0x5000, 10, 0);
  stack_case_load (self);
  tree =
      ms_call_tree_new (self->names, MS_CALL_TREE_TOP_DOWN, stack_case_columns (self), N_COLUMNS);
  g_assert_cmpuint (ms_call_tree_get_n_nodes (tree), ==, 1);
  g_assert_cmpstr (ms_call_tree_get_label (tree, 0), ==, "(all)");
  boxes = ms_flame_layout_new (tree, 0, 0, 0);
  g_assert_cmpuint (boxes->len, ==, 0);
  g_clear_pointer (&tree, ms_call_tree_unref);

  for (guint s = 0; s < self->n_stacks; s++)
    self->columns[1][s] = 7;
  tree =
      ms_call_tree_new (self->names, MS_CALL_TREE_BOTTOM_UP, stack_case_columns (self), N_COLUMNS);
  g_assert_cmpuint (ms_call_tree_get_self (tree, 0, 1), ==, 7 * self->n_stacks);
  cut = ms_call_tree_new_cut (tree, 0);
  assert_sound (cut);
}

/* The figure of each stack, and what the trace says of them together. */
static void
test_values (StackCase *self, gconstpointer data)
{
  g_autoptr (MsView) view = NULL;
  g_autofree guint64 *values = NULL;
  guint64 sum = 0;

  for (guint i = 0; i < 10; i++)
    stack_case_add (self, i % 2 ? "main > a" : "main > b", i);
  stack_case_load (self);
  view = ms_view_new (self->trace, NULL, NULL, NULL);
  values = ms_stack_values_new (view, MS_DOMAIN_HEAP, MS_FIGURE_BYTES_AT_PROCESS_PEAK, NULL, NULL);
  for (guint s = 0; s < self->n_stacks; s++)
    sum += values[s];
  g_assert_cmpuint (sum, ==, ms_trace_get_totals (self->trace, MS_DOMAIN_HEAP)->peak_bytes);
  g_assert_null (ms_stack_errors_new (view, MS_DOMAIN_HEAP, MS_FIGURE_BYTES_AT_PROCESS_PEAK, NULL));
}

/* Not a test of a time: prints one. */
static void
test_many (StackCase *self, gconstpointer data)
{
  GRand *random = g_rand_new_with_seed (1);
  gint64 start_us, names_us, down_us, up_us, functions_us;
  g_autoptr (MsCallTree) down = NULL;
  g_autoptr (MsCallTree) up = NULL;
  g_autoptr (GArray) functions = NULL;

  for (guint s = 0; s < 20000; s++)
    {
      g_autoptr (GString) words = g_string_new ("main");

      /* Few ways from the outside, ever more inwards, as programs have them. */
      for (guint i = 1; i < 32; i++)
        g_string_append_printf (words, " > f%u_%d", i,
                                g_rand_int_range (random, 0, 1 + (gint) i / 3));
      stack_case_add (self, words->str, s);
    }
  stack_case_load (self);
  for (guint s = 0; s < self->n_stacks; s++)
    self->columns[0][s] = g_rand_int (random);
  start_us = g_get_monotonic_time ();
  ms_frame_names_unref (
      ms_frame_names_new (self->trace, MS_NAME_RESOLVER (self->table), NULL, NULL));
  names_us = g_get_monotonic_time ();
  down = ms_call_tree_new (self->names, MS_CALL_TREE_TOP_DOWN, stack_case_columns (self), 1);
  down_us = g_get_monotonic_time ();
  up = ms_call_tree_new (self->names, MS_CALL_TREE_BOTTOM_UP, stack_case_columns (self), 1);
  up_us = g_get_monotonic_time ();
  functions = ms_function_totals_new (self->names, self->columns[0], MS_FUNCTIONS_BY_TOTAL, 0);
  functions_us = g_get_monotonic_time ();
  g_test_message (
      "%u stacks: names %.1f ms; top-down %.1f ms, %u nodes; bottom-up %.1f ms, %u nodes; "
      "functions %.1f ms",
      self->n_stacks, (double) (names_us - start_us) / 1e3, (double) (down_us - names_us) / 1e3,
      ms_call_tree_get_n_nodes (down), (double) (up_us - down_us) / 1e3,
      ms_call_tree_get_n_nodes (up), (double) (functions_us - up_us) / 1e3);
  g_assert_cmpuint (ms_call_tree_get_total (down, 0, 0), ==, ms_call_tree_get_total (up, 0, 0));
  g_assert_cmpuint (g_array_index (functions, MsFunctionTotals, 0).total, ==,
                    ms_call_tree_get_total (down, 0, 0)); /* main */
  g_rand_free (random);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*test) (StackCase *self, gconstpointer data);
  } tests[] = {
    { "/call-tree/recursion", test_recursion },
    { "/call-tree/empty", test_empty },
    { "/call-tree/values", test_values },
    { "/call-tree/many", test_many },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/call-tree/random", NULL, test_random);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, StackCase, NULL, stack_case_set_up, tests[i].test,
                stack_case_tear_down);
  return g_test_run ();
}
