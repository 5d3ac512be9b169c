/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The two sorted tables against the obvious slow way, on random input with a fixed seed. */
#include "ms-range-table.h"
#include "ms-scope-index.h"

typedef struct {
  guint64 start, end;
} Range;

/* The range that starts last; of those the shortest; G_MAXUINT: none. */
static guint
find_slowly (GArray *ranges, guint64 address)
{
  guint best = G_MAXUINT;

  for (guint i = 0; i < ranges->len; i++)
    {
      const Range *range = &g_array_index (ranges, Range, i);
      const Range *found = best == G_MAXUINT ? NULL : &g_array_index (ranges, Range, best);

      if (address < range->start || address >= range->end)
        continue;
      if (found == NULL || range->start > found->start
          || (range->start == found->start && range->end < found->end))
        best = i;
    }
  return best;
}

static void
test_ranges (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint round = 0; round < 200; round++)
    {
      g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (Range));
      g_autoptr (MsRangeTable) table = ms_range_table_new ();
      guint n = (guint) g_rand_int_range (random, 0, 40);

      for (guint i = 0; i < n; i++)
        {
          guint64 start = (guint64) g_rand_int_range (random, 0, 200);
          Range range = { start, start + (guint64) g_rand_int_range (random, 1, 80) };

          g_array_append_val (ranges, range);
          ms_range_table_add (table, range.start, range.end, i);
        }
      ms_range_table_seal (table);
      for (guint64 address = 0; address < 300; address++)
        {
          guint expected = find_slowly (ranges, address);
          guint64 value = 0;
          gboolean is_found = ms_range_table_find (table, address, &value);

          g_assert_cmpint (is_found, ==, expected != G_MAXUINT);
          if (!is_found)
            continue;
          /* Equal ranges may answer for one another. */
          g_assert_cmpuint (g_array_index (ranges, Range, value).start, ==,
                            g_array_index (ranges, Range, expected).start);
          g_assert_cmpuint (g_array_index (ranges, Range, value).end, ==,
                            g_array_index (ranges, Range, expected).end);
        }
    }
}

/* offset: 10 namespace a { 20 class B { 30 f } 40 g; 50 class C { 60 h } }  70 i */
static void
test_scopes (void)
{
  g_autoptr (MsScopeIndex) index = ms_scope_index_new ();
  guint a = ms_scope_index_open (index, 10, "a", MS_SCOPE_NONE);
  guint b = ms_scope_index_open (index, 20, "B", a);
  const struct {
    guint64 offset;
    const char *name, *expected;
  } cases[] = {
    { 5, "x", "x" },
    { 10, "a", "a" },
    { 20, "B", "a::B" },
    { 30, "f", "a::B::f" },
    { 40, "g", "a::g" },
    { 50, "", "a::" },
    { 60, "h", "a::(anonymous)::h" },
    { 70, "i", "i" },
    { 1000, "j", "j" },
  };

  ms_scope_index_close (index, b, 40);
  ms_scope_index_close (index, ms_scope_index_open (index, 50, NULL, a), 0);
  ms_scope_index_close (index, a, 70);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = ms_scope_index_qualify (index, cases[i].offset, cases[i].name);

      g_assert_cmpstr (name, ==, cases[i].expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/range-table/random", test_ranges);
  g_test_add_func ("/scope-index/nested", test_scopes);
  return g_test_run ();
}
