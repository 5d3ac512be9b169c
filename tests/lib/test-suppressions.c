/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Patterns behave as LeakSanitizer's; files that are none are refused with the line. */
#include <string.h>

#include "ms-suppressions.h"

static void
test_patterns (void)
{
  static const struct {
    const char *pattern, *name;
    gboolean matches;
  } cases[] = {
    { "foobar", "foobar", TRUE },
    { "foobar", "prefix_foobar_postfix", TRUE },
    { "*foobar*", "foobar", TRUE },
    { "*foobar*", "prefix_foobar_postfix", TRUE },
    { "foo*bar", "foo_middle_bar", TRUE },
    { "foo*bar", "foobar", TRUE },
    { "foo*bar*baz", "foo_middle_bar_another_baz", TRUE },
    { "foo*bar*baz", "foo_middle_barbaz", TRUE },
    { "^foobar", "foobar", TRUE },
    { "^foobar", "foobar_postfix", TRUE },
    { "^*foobar", "foobar", TRUE },
    { "^*foobar", "prefix_foobar", TRUE },
    { "foobar$", "foobar", TRUE },
    { "foobar$", "prefix_foobar", TRUE },
    { "*foobar*$", "foobar", TRUE },
    { "*foobar*$", "foobar_postfix", TRUE },
    { "^foobar$", "foobar", TRUE },
    { "foo", "baz", FALSE },
    { "foobarbaz", "foobar", FALSE },
    { "foobarbaz", "barbaz", FALSE },
    { "foo*bar", "foobaz", FALSE },
    { "foo*bar", "foo_baz", FALSE },
    { "^foobar", "prefix_foobar", FALSE },
    { "foobar$", "foobar_postfix", FALSE },
    { "^foobar$", "prefix_foobar", FALSE },
    { "^foobar$", "foobar_postfix", FALSE },
    { "foo^bar", "foobar", FALSE },
    { "foo$bar", "foobar", FALSE },
    { "foo$^bar", "foobar", FALSE },
    /* A part that comes twice: the end is where the name ends. */
    { "bar$", "bar_bar", TRUE },
    { "^bar*bar$", "bar", FALSE },
    { "^bar*bar$", "barbar", TRUE },
    { "a*a*a", "aa", FALSE },
    { "*", "x", TRUE },
    { "*", "", FALSE },
    { "^$", "x", FALSE },
    { "$", "x", TRUE },
    { "std::vector<int, std::allocator<int>>::_M_realloc_insert*",
      "void std::vector<int, std::allocator<int>>::_M_realloc_insert<int>(int&&)", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (ms_suppression_pattern_matches (cases[i].pattern, cases[i].name), ==,
                     cases[i].matches);
  g_assert_false (ms_suppression_pattern_matches ("*", NULL));
}

static void
test_parse (void)
{
  static const char text[] = "  \t# a comment\n"
                             " \tleak:foo \t\r\n"
                             "\n"
                             "leak:bar* *baz\n"
                             "leak: spaced\n"
                             "leak:\xff#no comment\n"
                             "leak:last";
  static const char *const patterns[] = { "foo", "bar* *baz", " spaced", "\xef\xbf\xbd#no comment",
                                          "last" };
  static const guint lines[] = { 2, 4, 5, 6, 7 };
  g_autoptr (GError) error = NULL;
  g_autoptr (MsSuppressions) self = ms_suppressions_parse (text, -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ms_suppressions_get_n (self), ==, G_N_ELEMENTS (patterns));
  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_assert_cmpstr (ms_suppressions_get_pattern (self, i), ==, patterns[i]);
      g_assert_cmpuint (ms_suppressions_get_line (self, i), ==, lines[i]);
    }
}

static void
test_empty (void)
{
  g_autoptr (MsSuppressions) none = ms_suppressions_parse ("", 0, NULL);
  g_autoptr (MsSuppressions) comments = ms_suppressions_parse ("#leak:x\n\n   \n", -1, NULL);
  /* What lies beyond the length is not read. */
  g_autoptr (MsSuppressions) cut = ms_suppressions_parse ("leak:abcdef", 7, NULL);

  g_assert_cmpuint (ms_suppressions_get_n (none), ==, 0);
  g_assert_cmpuint (ms_suppressions_get_n (comments), ==, 0);
  g_assert_cmpstr (ms_suppressions_get_pattern (cut, 0), ==, "ab");
}

static void
test_refused (void)
{
  static const struct {
    const char *text, *words;
  } cases[] = {
    { "leak:a\n{\n   <name>\n   Memcheck:Leak\n}\n", "line 2: this is a suppression of Valgrind" },
    { "# x\nrace:foo\n", "line 2: “race:foo” is neither" },
    { "leak:\n", "line 1: there is no pattern" },
    { "leak:   \n", "line 1: there is no pattern" },
    { "LEAK:foo", "line 1: " },
    { "\xfe\xff garbage", "line 1: " },
    { "leak", "line 1: “leak” is neither" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ms_suppressions_parse (cases[i].text, -1, &error));
      g_assert_error (error, MS_SUPPRESSIONS_ERROR, MS_SUPPRESSIONS_ERROR_SYNTAX);
      g_assert_nonnull (strstr (error->message, cases[i].words));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_null (strchr (error->message, '\n'));
    }
}

/* Against an obvious matcher, which tries everything. */
static gboolean
matches_slowly (const char *pattern, const char *name, gboolean anywhere)
{
  if (pattern[0] == '$' && pattern[1] == '\0')
    return name[0] == '\0' || (anywhere && matches_slowly (pattern, name + 1, TRUE));
  if (pattern[0] == '\0')
    return TRUE;
  if (pattern[0] == '*')
    return matches_slowly (pattern + 1, name, TRUE);
  if (name[0] == pattern[0] && matches_slowly (pattern + 1, name + 1, FALSE))
    return TRUE;
  return anywhere && name[0] != '\0' && matches_slowly (pattern, name + 1, TRUE);
}

static void
test_random_patterns (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (9);
  guint n_matches = 0;

  for (guint round = 0; round < 200000; round++)
    {
      char pattern[8] = "", name[10] = "";
      guint n_pattern = (guint) g_rand_int_range (random, 1, 7);
      guint n_name = (guint) g_rand_int_range (random, 1, 9);
      gboolean at_start, expected;

      for (guint i = 0; i < n_pattern; i++)
        pattern[i] = "ab*"[g_rand_int_range (random, 0, 3)];
      if (g_rand_int_range (random, 0, 3) == 0)
        pattern[0] = '^';
      if (g_rand_int_range (random, 0, 3) == 0 && n_pattern > 1)
        pattern[n_pattern - 1] = '$';
      for (guint i = 0; i < n_name; i++)
        name[i] = "ab"[g_rand_int_range (random, 0, 2)];
      at_start = pattern[0] == '^';
      expected = matches_slowly (pattern + at_start, name, !at_start);
      g_assert_cmpint (ms_suppression_pattern_matches (pattern, name), ==, expected);
      n_matches += expected != FALSE;
    }
  g_assert_cmpuint (n_matches, >, 10000);
  g_assert_cmpuint (n_matches, <, 190000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/suppressions/patterns", test_patterns);
  g_test_add_func ("/suppressions/parse", test_parse);
  g_test_add_func ("/suppressions/empty", test_empty);
  g_test_add_func ("/suppressions/refused", test_refused);
  g_test_add_func ("/suppressions/random-patterns", test_random_patterns);
  return g_test_run ();
}
