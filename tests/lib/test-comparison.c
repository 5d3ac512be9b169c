/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two traces of a program that was built anew: other addresses, another file name, other lines.
 *
 *                                   before              after
 *   main > load > g_malloc          1 000 kept          5 000 kept
 *   main > parse (two lines)        300 + 300 freed     600 freed, by one line
 *   main > old                      70 kept
 *   main > new                                          90 kept
 *   main > same                     10 kept             10 kept
 *   ?16 (no name)                   1                   1
 *
 * by thread main, but parse by "worker": two threads before, one after, which are alive all the time.
 */
#include "ms-comparison.h"

#include <math.h>

#include "ms-difference-tree.h"
#include "name-table.h"
#include "trace-fixture.h"

typedef struct {
  TraceFixture fixture;
  NameTable *table;
  MsTrace *trace;
  MsFrameNames *names;
  MsView *view;
  guint64 next;
} Side;

typedef struct {
  Side before, after;
  MsComparison *comparison;
} Pair;

/* --- sides ----------------------------------------------------------------------------------- */

static void
side_set_up (Side *self, const char *path, guint64 start)
{
  trace_fixture_set_up (&self->fixture, NULL);
  self->table = name_table_new (path, start);
  self->next = 0;
}

/* Returns the block's address. */
static guint64
side_alloc (Side *self, guint thread, const char *words, guint64 size)
{
  guint32 stack = name_table_add_stack (self->table, self->fixture.builder, thread, words);
  guint64 address = 0x10000000 + 0x10000 * ++self->next;

  trace_builder_alloc (self->fixture.builder, thread, 1000 * self->next, address, size, stack);
  return address;
}

static void
side_free (Side *self, guint thread, guint64 address)
{
  trace_builder_free_block (self->fixture.builder, thread, 1000 * ++self->next, address);
}

static void
side_load (Side *self, MsFilter *filter)
{
  g_autoptr (GError) error = NULL;

  name_table_add_module (self->table, self->fixture.builder);
  trace_builder_finish (self->fixture.builder, TRACE_BUILDER_CLOSED);
  self->trace =
      ms_trace_load_full (self->fixture.folder, MS_LOAD_HISTORY, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  self->names = ms_frame_names_new (self->trace, MS_NAME_RESOLVER (self->table), NULL, &error);
  g_assert_no_error (error);
  self->view = ms_view_new (self->trace, filter, NULL, &error);
  g_assert_no_error (error);
}

static void
side_tear_down (Side *self)
{
  g_clear_object (&self->view);
  g_clear_pointer (&self->names, ms_frame_names_unref);
  g_clear_object (&self->trace);
  g_clear_object (&self->table);
  trace_fixture_tear_down (&self->fixture, NULL);
}

static void
pair_set_up (Pair *self, gconstpointer data)
{
  side_set_up (&self->before, "/usr/bin/victim", 0x400000);
  side_set_up (&self->after, "/home/me/build/victim", 0x7f0000400000);
}

static void
pair_tear_down (Pair *self, gconstpointer data)
{
  g_clear_pointer (&self->comparison, ms_comparison_unref);
  side_tear_down (&self->before);
  side_tear_down (&self->after);
}

static void
pair_compare (Pair *self, MsComparisonFlags flags)
{
  g_autoptr (GError) error = NULL;
  MsComparisonSide before = { self->before.view, self->before.names };
  MsComparisonSide after = { self->after.view, self->after.names };

  self->comparison = ms_comparison_new (&before, &after, MS_DOMAIN_HEAP, flags, NULL, &error);
  g_assert_no_error (error);
}

/* What stands at the top of this file. */
static void
pair_build (Pair *self)
{
  guint64 blocks[2];

  trace_builder_name (self->before.fixture.builder, 1, 1, "worker", -1);
  trace_builder_name (self->before.fixture.builder, 2, 1, "worker", -1);
  trace_builder_name (self->after.fixture.builder, 1, 1, "worker", -1);
  side_alloc (&self->before, 0, "main@m.c:1 > load@l.c:5 > g_malloc", 1000);
  blocks[0] = side_alloc (&self->before, 1, "main@m.c:1 > parse@p.c:1", 300);
  blocks[1] = side_alloc (&self->before, 2, "main@m.c:1 > parse@p.c:2", 300);
  side_free (&self->before, 1, blocks[0]);
  side_free (&self->before, 2, blocks[1]);
  side_alloc (&self->before, 0, "main@m.c:1 > old", 70);
  side_alloc (&self->before, 0, "main@m.c:1 > same", 10);
  side_alloc (&self->before, 0, "?16", 1);

  side_alloc (&self->after, 0, "main@m.c:1 > load@l.c:6 > g_malloc", 5000);
  blocks[0] = side_alloc (&self->after, 1, "main@m.c:1 > parse@p.c:1", 600);
  side_free (&self->after, 1, blocks[0]);
  side_alloc (&self->after, 0, "main@m.c:1 > new", 90);
  side_alloc (&self->after, 0, "main@m.c:1 > same", 10);
  side_alloc (&self->after, 0, "?32", 1);
}

/* The row whose innermost frame's label, or whose name, is @name. */
static const MsComparedRow *
find (MsComparison *self, MsComparedKind kind, const char *name)
{
  for (guint r = 0; r < ms_comparison_get_n_rows (self, kind); r++)
    {
      const MsComparedRow *row = ms_comparison_get_row (self, kind, r);
      const char *label = row->name;

      if (row->names != NULL)
        {
          guint depth;
          const guint *frames = ms_frame_names_get_stack (row->names, row->stack, &depth, NULL);

          label = ms_frame_names_get_label (row->names, frames[0]);
        }
      if (g_str_equal (label, name))
        return row;
    }
  return NULL;
}

static void
assert_change (const MsComparedRow *row, MsFigureKind kind, guint64 before, guint64 after)
{
  g_assert_nonnull (row);
  g_assert_cmpuint (row->changes[kind].before, ==, before);
  g_assert_cmpuint (row->changes[kind].after, ==, after);
  g_assert_cmpfloat (row->changes[kind].standard_error, ==, 0);
  g_assert_cmpint (ms_change_is_significant (&row->changes[kind]), ==, before != after);
}

/* Groups partition what they are groups of. */
static void
assert_adds_up (MsComparison *self)
{
  static const MsFigureKind additive[] = {
    MS_FIGURE_BYTES_AT_PROCESS_PEAK, MS_FIGURE_LIVE_BYTES,           MS_FIGURE_LEAKED_BYTES,
    MS_FIGURE_LEAKED_ALLOCATIONS,    MS_FIGURE_ALLOCATIONS,          MS_FIGURE_ALLOCATED_BYTES,
    MS_FIGURE_DEALLOCATIONS,         MS_FIGURE_TEMPORARY_ALLOCATIONS
  };
  const MsComparedRow *totals = ms_comparison_get_totals (self);

  for (guint kind = 0; kind < MS_N_COMPARED; kind++)
    for (guint i = 0; i < G_N_ELEMENTS (additive); i++)
      {
        guint64 before = 0, after = 0;

        for (guint r = 0; r < ms_comparison_get_n_rows (self, kind); r++)
          {
            const MsComparedRow *row = ms_comparison_get_row (self, kind, r);

            before += row->changes[additive[i]].before;
            after += row->changes[additive[i]].after;
          }
        g_assert_cmpuint (before, ==, totals->changes[additive[i]].before);
        g_assert_cmpuint (after, ==, totals->changes[additive[i]].after);
      }
}

/* --- two recordings -------------------------------------------------------------------------- */

static void
test_recordings (Pair *self, gconstpointer data)
{
  const MsComparedRow *row;
  g_autofree guint *ranked = NULL;
  guint n;

  pair_build (self);
  side_load (&self->before, NULL);
  side_load (&self->after, NULL);
  pair_compare (self, MS_COMPARE_BY_FUNCTIONS);
  assert_adds_up (self->comparison);
  g_assert_false (ms_comparison_is_sampled (self->comparison));

  row = ms_comparison_get_totals (self->comparison);
  assert_change (row, MS_FIGURE_PEAK_BYTES, 1600, 5600 + 101 - 101);
  assert_change (row, MS_FIGURE_LEAKED_BYTES, 1081, 5101);
  assert_change (row, MS_FIGURE_ALLOCATIONS, 6, 5);

  g_assert_cmpuint (ms_comparison_get_n_rows (self->comparison, MS_COMPARED_STACKS), ==, 6);
  row = find (self->comparison, MS_COMPARED_STACKS, "g_malloc");
  assert_change (row, MS_FIGURE_LEAKED_BYTES, 1000, 5000);
  assert_change (row, MS_FIGURE_PEAK_BYTES, 1000, 5000);
  g_assert_true (row->has_own_peak);
  g_assert_true (row->names == self->after.names);
  row = find (self->comparison, MS_COMPARED_STACKS, "parse");
  g_assert_cmpuint (row->n_before, ==, 2);
  g_assert_cmpuint (row->n_after, ==, 1);
  g_assert_false (row->has_own_peak);
  assert_change (row, MS_FIGURE_BYTES_AT_PROCESS_PEAK, 600, 600);
  row = find (self->comparison, MS_COMPARED_STACKS, "old");
  g_assert_cmpuint (row->n_after, ==, 0);
  assert_change (row, MS_FIGURE_LEAKED_BYTES, 70, 0);
  g_assert_true (row->names == self->before.names);
  row = find (self->comparison, MS_COMPARED_STACKS, "new");
  g_assert_cmpuint (row->n_before, ==, 0);
  assert_change (row, MS_FIGURE_LEAKED_BYTES, 0, 90);

  g_assert_cmpuint (ms_comparison_get_n_rows (self->comparison, MS_COMPARED_THREADS), ==, 2);
  row = find (self->comparison, MS_COMPARED_THREADS, "worker");
  g_assert_cmpuint (row->n_before, ==, 2);
  g_assert_cmpuint (row->n_after, ==, 1);
  g_assert_false (row->has_own_peak);
  assert_change (row, MS_FIGURE_ALLOCATED_BYTES, 600, 600);

  row = find (self->comparison, MS_COMPARED_SITES, "load");
  assert_change (row, MS_FIGURE_LEAKED_BYTES, 1000, 5000);
  g_assert_true (ms_comparison_find_cause (self->comparison, MS_FIGURE_PEAK_BYTES) == row);
  g_assert_null (find (self->comparison, MS_COMPARED_SITES, "g_malloc"));

  ranked = ms_comparison_rank (self->comparison, MS_COMPARED_STACKS, MS_FIGURE_LEAKED_BYTES, 0, &n);
  g_assert_cmpuint (n, ==, 3); /* load, new, old: what is the same is not among them */
  row = ms_comparison_get_row (self->comparison, MS_COMPARED_STACKS, ranked[1]);
  assert_change (row, MS_FIGURE_LEAKED_BYTES, 0, 90);
}

static void
test_lines (Pair *self, gconstpointer data)
{
  pair_build (self);
  side_load (&self->before, NULL);
  side_load (&self->after, NULL);
  pair_compare (self, MS_COMPARE_BY_LINES);
  assert_adds_up (self->comparison);
  /* load is at another line; one of two lines of parse went; old, new, same, and what has no name */
  g_assert_cmpuint (ms_comparison_get_n_rows (self->comparison, MS_COMPARED_STACKS), ==, 8);
}

/* How deep a recursion went does not part stacks. */
static void
test_recursion (Pair *self, gconstpointer data)
{
  const MsComparedRow *row;

  side_alloc (&self->before, 0, "main > walk > walk > leaf", 10);
  side_alloc (&self->before, 0, "main > walk > leaf", 1);
  side_alloc (&self->after, 0, "main > walk > walk > walk > leaf", 100);
  side_load (&self->before, NULL);
  side_load (&self->after, NULL);
  pair_compare (self, MS_COMPARE_BY_FUNCTIONS);
  assert_adds_up (self->comparison);
  g_assert_cmpuint (ms_comparison_get_n_rows (self->comparison, MS_COMPARED_STACKS), ==, 1);
  row = ms_comparison_get_row (self->comparison, MS_COMPARED_STACKS, 0);
  g_assert_cmpuint (row->n_before, ==, 2);
  assert_change (row, MS_FIGURE_ALLOCATED_BYTES, 11, 100);
}

/* Without names the module stands for what is in it, unless both have the same build. */
static void
test_unnamed (Pair *self, gconstpointer data)
{
  const MsComparedRow *row;

  side_alloc (&self->before, 0, "main > ?16", 10);
  side_alloc (&self->before, 0, "main > ?48", 10);
  side_alloc (&self->after, 0, "main > ?32", 50);
  side_load (&self->before, NULL);
  side_load (&self->after, NULL);
  pair_compare (self, MS_COMPARE_BY_FUNCTIONS);
  g_assert_cmpuint (ms_comparison_get_n_rows (self->comparison, MS_COMPARED_STACKS), ==, 1);
  g_clear_pointer (&self->comparison, ms_comparison_unref);

  /* With itself: each address is one. */
  self->comparison =
      ms_comparison_new (&(MsComparisonSide) { self->before.view, self->before.names },
                         &(MsComparisonSide) { self->before.view, self->before.names },
                         MS_DOMAIN_HEAP, MS_COMPARE_BY_FUNCTIONS, NULL, NULL);
  g_assert_cmpuint (ms_comparison_get_n_rows (self->comparison, MS_COMPARED_STACKS), ==, 2);
  row = ms_comparison_get_totals (self->comparison);
  assert_change (row, MS_FIGURE_PEAK_BYTES, 20, 20);
  g_assert_null (ms_comparison_find_cause (self->comparison, MS_FIGURE_PEAK_BYTES));
}

/* --- two stretches of one -------------------------------------------------------------------- */

static void
test_ranges (Pair *self, gconstpointer data)
{
  g_autoptr (MsFilter) first = ms_filter_with_range (NULL, MS_TIME_NONE, 2500);
  g_autoptr (MsFilter) rest = ms_filter_with_range (NULL, 2500, MS_TIME_NONE);
  g_autoptr (MsView) early = NULL;
  g_autoptr (GError) error = NULL;
  const MsComparedRow *row;
  guint64 block;

  block = side_alloc (&self->before, 0, "main > a", 100); /* 1000 */
  side_alloc (&self->before, 0, "main > b", 20);          /* 2000 */
  side_free (&self->before, 0, block);                    /* 3000 */
  side_alloc (&self->before, 0, "main > b", 30);          /* 4000 */
  side_alloc (&self->before, 0, "main > c", 200);         /* 5000 */
  side_alloc (&self->after, 0, "main", 1);
  side_load (&self->after, NULL);
  side_load (&self->before, NULL);
  g_clear_object (&self->before.view);
  self->before.view = ms_view_new (self->before.trace, rest, NULL, &error);
  g_assert_no_error (error);
  early = ms_view_new (self->before.trace, first, NULL, NULL);
  g_assert_nonnull (early);
  self->comparison =
      ms_comparison_new (&(MsComparisonSide) { early, self->before.names },
                         &(MsComparisonSide) { self->before.view, self->before.names },
                         MS_DOMAIN_HEAP, MS_COMPARE_BY_FUNCTIONS, NULL, NULL);
  assert_adds_up (self->comparison);
  row = ms_comparison_get_totals (self->comparison);
  assert_change (row, MS_FIGURE_PEAK_BYTES, 120, 250);
  assert_change (row, MS_FIGURE_ALLOCATED_BYTES, 120, 230);
  assert_change (row, MS_FIGURE_LIVE_BYTES, 120, 250);
  row = find (self->comparison, MS_COMPARED_STACKS, "b");
  assert_change (row, MS_FIGURE_BYTES_AT_PROCESS_PEAK, 20, 50);
  g_assert_false (row->has_own_peak);
  row = find (self->comparison, MS_COMPARED_STACKS, "a");
  assert_change (row, MS_FIGURE_BYTES_AT_PROCESS_PEAK, 100, 0);
  assert_change (row, MS_FIGURE_DEALLOCATIONS, 0, 1);
}

/* --- samples --------------------------------------------------------------------------------- */

static void
sample (Side *self, guint n, guint64 size)
{
  trace_builder_set_configuration (self->fixture.builder, "\"allocation_sampling_rate\":0.5");
  trace_builder_sampling (self->fixture.builder, 0, 0.5, 0);
  for (guint i = 0; i < n; i++)
    side_alloc (self, 0, "main > a", size);
}

/* 100 and 104 kept of some 200: by chance.  100 and 200: not.  Each kept one adds (1 − p) / p² = 2. */
static void
test_samples (Pair *self, gconstpointer data)
{
  const guint n_after = GPOINTER_TO_UINT (data);
  const MsComparedRow *row;
  const MsChange *change;

  sample (&self->before, 100, 10);
  sample (&self->after, n_after, 10);
  side_load (&self->before, NULL);
  side_load (&self->after, NULL);
  pair_compare (self, MS_COMPARE_BY_FUNCTIONS);
  g_assert_true (ms_comparison_is_sampled (self->comparison));
  row = find (self->comparison, MS_COMPARED_STACKS, "a");
  g_assert_nonnull (row);
  change = &row->changes[MS_FIGURE_ALLOCATED_BYTES];
  g_assert_cmpuint (change->before, ==, 2000);
  g_assert_cmpuint (change->after, ==, 20 * n_after);
  g_assert_cmpfloat_with_epsilon (change->standard_error, sqrt (2 * 100.0 * (100 + n_after)), 1e-6);
  g_assert_cmpint (ms_change_is_significant (change), ==, n_after == 200);
}

/* 8 blocks of 10 bytes of which none was kept at p = 0.5 are no less than before: one chance in 256, but
 * 80 ± √(80 × 10).  2 blocks of 10 may be by chance. */
static void
test_nothing_kept (Pair *self, gconstpointer data)
{
  const guint n_before = GPOINTER_TO_UINT (data);
  const MsComparedRow *row;
  const MsChange *change;

  for (guint i = 0; i < n_before; i++)
    side_alloc (&self->before, 0, "main > a", 10);
  sample (&self->after, 0, 10);
  side_alloc (&self->after, 0, "main > b", 30);
  side_load (&self->before, NULL);
  side_load (&self->after, NULL);
  pair_compare (self, MS_COMPARE_BY_FUNCTIONS);
  row = find (self->comparison, MS_COMPARED_STACKS, "a");
  g_assert_nonnull (row);
  g_assert_cmpuint (row->n_after, ==, 0);
  change = &row->changes[MS_FIGURE_ALLOCATED_BYTES];
  g_assert_cmpfloat_with_epsilon (change->standard_error, sqrt (100.0 * n_before), 1e-6);
  g_assert_cmpint (ms_change_is_significant (change), ==, n_before == 8);
  change = &row->changes[MS_FIGURE_ALLOCATIONS];
  g_assert_cmpfloat_with_epsilon (change->standard_error, sqrt (n_before), 1e-6);
  /* What appeared in the sampled one has its own error. */
  row = find (self->comparison, MS_COMPARED_STACKS, "b");
  change = &row->changes[MS_FIGURE_ALLOCATED_BYTES];
  g_assert_cmpfloat_with_epsilon (change->standard_error, 30 * sqrt (2), 1e-6);
}

static void
test_changes (void)
{
  const MsChange up = { 100, 150, 0 }, from_nothing = { 0, 5, 0 }, huge = { G_MAXUINT64, 0, 0 };
  const MsChange unknown = { 1, 1000, NAN };
  double percent;

  g_assert_cmpint (ms_change_get_difference (&up), ==, 50);
  g_assert_true (ms_change_get_percent (&up, &percent));
  g_assert_cmpfloat (percent, ==, 50);
  g_assert_false (ms_change_get_percent (&from_nothing, &percent));
  g_assert_cmpint (ms_change_get_difference (&huge), ==, -G_MAXINT64);
  g_assert_cmpint (ms_change_compare (&huge, &up), <, 0);
  g_assert_false (ms_change_is_significant (&unknown));
}

/* The member of each figure is the one of the same name. */
static void
test_errors (void)
{
  MsTotals totals = { .standard_errors = { .allocations = 1,
                                           .deallocations = 2,
                                           .allocated_bytes = 3,
                                           .live_bytes = 4,
                                           .live_blocks = 9,
                                           .leaked_bytes = 10,
                                           .leaked_blocks = 5,
                                           .peak_bytes = 6,
                                           .bytes_at_process_peak = 7,
                                           .temporary_allocations = 8 } };
  static const double wanted[MS_N_FIGURES] = { 6, 7, 4, 10, 5, 3, 1, 2, 8 };

  for (MsFigureKind kind = 0; kind < MS_N_FIGURES; kind++)
    g_assert_cmpfloat (ms_totals_get_standard_error (&totals, kind), ==, wanted[kind]);
}

/* The stacks at the top of this file as a tree, each as wide as the greater of its two. */
static void
test_difference_tree (Pair *self, gconstpointer data)
{
  static const struct {
    const char *label;
    guint depth;
    guint64 before, after, width;
  } expected[] = {
    { "(all)", 0, 1681, 5701, 5771 },
    { "main", 1, 1680, 5700, 5770 },
    { NULL, 1, 1, 1, 1 },
    { "load", 2, 1000, 5000, 5000 },
    { "parse", 2, 600, 600, 600 },
    { "new", 2, 0, 90, 90 },
    { "old", 2, 70, 0, 70 },
    { "same", 2, 10, 10, 10 },
    { "g_malloc", 3, 1000, 5000, 5000 },
  };
  g_autoptr (MsDifferenceTree) tree = NULL;

  pair_build (self);
  side_load (&self->before, NULL);
  side_load (&self->after, NULL);
  pair_compare (self, MS_COMPARE_BY_FUNCTIONS);
  tree = ms_difference_tree_new (self->comparison, MS_FIGURE_ALLOCATED_BYTES);
  g_assert_cmpuint (ms_difference_tree_get_n_nodes (tree), ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const MsDifferenceNode *node = ms_difference_tree_get_node (tree, i);
      guint64 children = 0;

      if (expected[i].label != NULL)
        g_assert_cmpstr (node->label, ==, expected[i].label);
      g_assert_cmpuint (node->depth, ==, expected[i].depth);
      g_assert_cmpuint (node->change.before, ==, expected[i].before);
      g_assert_cmpuint (node->change.after, ==, expected[i].after);
      g_assert_cmpuint (node->width, ==, expected[i].width);
      g_assert_cmpfloat (node->change.standard_error, ==, 0);
      for (guint c = 0; c < node->n_children; c++)
        {
          const MsDifferenceNode *child = ms_difference_tree_get_node (tree, node->first_child + c);

          g_assert_cmpint (child->parent, ==, (gint) i);
          children += child->width;
        }
      g_assert_cmpuint (children, <=, node->width);
    }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    gconstpointer data;
    void (*test) (Pair *self, gconstpointer data);
  } tests[] = {
    { "/comparison/recordings", NULL, test_recordings },
    { "/comparison/lines", NULL, test_lines },
    { "/comparison/recursion", NULL, test_recursion },
    { "/comparison/unnamed", NULL, test_unnamed },
    { "/comparison/ranges", NULL, test_ranges },
    { "/comparison/difference-tree", NULL, test_difference_tree },
    { "/comparison/samples/by-chance", GUINT_TO_POINTER (104), test_samples },
    { "/comparison/samples/not-by-chance", GUINT_TO_POINTER (200), test_samples },
    { "/comparison/samples/two-not-kept", GUINT_TO_POINTER (2), test_nothing_kept },
    { "/comparison/samples/eight-not-kept", GUINT_TO_POINTER (8), test_nothing_kept },
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/comparison/changes", test_changes);
  g_test_add_func ("/comparison/errors", test_errors);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Pair, tests[i].data, pair_set_up, tests[i].test, pair_tear_down);
  return g_test_run ();
}
