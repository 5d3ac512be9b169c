/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names as people type them against names as C++, Rust and compilers make them. */
#include "ms-name-pattern.h"

#include <gio/gio.h>
#include <string.h>

static guint
match (MsNameKind kind, const char *text, const char *name)
{
  MsNamePattern pattern = { 0 };
  g_autoptr (GError) error = NULL;
  guint result;

  g_assert_true (ms_name_pattern_init (&pattern, text, &error));
  g_assert_no_error (error);
  result = ms_name_pattern_match (&pattern, kind, name);
  ms_name_pattern_clear (&pattern);
  return result;
}

static void
test_matches (void)
{
  static const struct {
    MsNameKind kind;
    const char *pattern, *name;
    guint wanted;
  } cases[] = {
    { MS_NAME_FUNCTION, "decode", "decode", 2 },
    { MS_NAME_FUNCTION, "decode", "codec::decode(int)", 2 },
    { MS_NAME_FUNCTION, "codec::decode", "void codec::decode<int>(int)", 2 },
    { MS_NAME_FUNCTION, "decode", "decode_batch", 1 },
    { MS_NAME_FUNCTION, "decode", "Decode", 0 },
    { MS_NAME_FUNCTION, "vector", "run(std::vector<int>)", 1 },
    { MS_NAME_FUNCTION, "vector", "std::vector<int>::push_back(int&&)", 2 },
    { MS_NAME_FUNCTION, "push_back", "std::vector<a::b>::push_back(int&&)", 2 },
    { MS_NAME_FUNCTION, "decode*", "codec::decode_batch(int)", 2 },
    { MS_NAME_FUNCTION, "*batch", "codec::decode_batch(int)", 2 },
    { MS_NAME_FUNCTION, "*batch", "codec::decode_batches(int)", 0 },
    { MS_NAME_FUNCTION, "d?code", "decode", 2 },
    { MS_NAME_FUNCTION, "operator\\*", "Matrix::operator*(Matrix const&)", 2 },
    { MS_NAME_FUNCTION, "operator new", "operator new(unsigned long)", 2 },
    { MS_NAME_FUNCTION, "run", "<app::Server as app::Service>::run", 2 },
    { MS_NAME_PATH, "json.c", "/home/me/src/json.c", 2 },
    { MS_NAME_PATH, "src/json.c", "/home/me/src/json.c", 2 },
    { MS_NAME_PATH, "json", "/home/me/src/json.c", 1 },
    { MS_NAME_PATH, "*.c", "/home/me/src/json.c", 2 },
    { MS_NAME_PATH, "libc.so.6", "libc.so.6", 2 },
    { MS_NAME_PATH, "libc.so", "libc.so.6", 1 },
    { MS_NAME_PATH, "json.c", "/home/me/src/json.cc", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("'%s' and '%s'", cases[i].pattern, cases[i].name);
      g_assert_cmpuint (match (cases[i].kind, cases[i].pattern, cases[i].name), ==,
                        cases[i].wanted);
    }
}

static void
test_bad (void)
{
  static const char *const texts[] = { "", "abc\\", "\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      MsNamePattern pattern = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (ms_name_pattern_init (&pattern, texts[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_short (void)
{
  static const char *const cases[][2] = {
    { "decode", "decode" },
    { "void codec::decode<int>(int)", "decode" },
    { "std::map<a::b, c(*)(d)>::find(a::b const&) const", "find" },
    { "operator new(unsigned long)", "operator new" },
    { "app::Matrix::operator()(int)", "operator()" },
    { "app::Matrix::operator<(int)", "operator<" },
    { "<app::Server as app::Service>::run", "run" },
    { "(anonymous namespace)::start(int)", "start" },
    { "g(int) [clone .cold]", "g" },
    { "(((", "(((" },
    { "a::", "a::" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *part = ms_name_short (MS_NAME_FUNCTION, cases[i][0]);

      g_assert_cmpstr (part, ==, cases[i][1]);
    }
}

static void
test_distance (void)
{
  g_autofree char *longest = g_strnfill (64, 'a'), *too_long = g_strnfill (65, 'a');

  g_assert_cmpuint (ms_name_distance ("decode", "decode"), ==, 0);
  g_assert_cmpuint (ms_name_distance ("decode", "Decode"), ==, 0);
  g_assert_cmpuint (ms_name_distance ("decode", "deocde"), ==, 1);
  g_assert_cmpuint (ms_name_distance ("decode", "decod"), ==, 1);
  g_assert_cmpuint (ms_name_distance ("decode", "encode"), ==, 2);
  g_assert_cmpuint (ms_name_distance ("", "abc"), ==, 3);
  g_assert_cmpuint (ms_name_distance (longest, ""), ==, 64);
  g_assert_cmpuint (ms_name_distance (too_long, ""), ==, G_MAXUINT);
}

/* Whatever a program calls its functions. */
static void
test_any_bytes (void)
{
  static const char letters[] = "ab:<>() *~[]/\\operator";
  GRand *random = g_rand_new_with_seed (3);

  for (guint i = 0; i < 20000; i++)
    {
      char name[24] = { 0 };
      guint n = (guint) g_rand_int_range (random, 0, 23);
      g_autofree char *part = NULL;

      for (guint k = 0; k < n; k++)
        name[k] = letters[g_rand_int_range (random, 0, sizeof letters - 1)];
      part = ms_name_short (MS_NAME_FUNCTION, name);
      g_assert_nonnull (strstr (name, part));
      g_assert_cmpuint (match (MS_NAME_FUNCTION, "zz", name), ==, 0);
      g_assert_cmpuint (match (MS_NAME_FUNCTION, "*", name), ==, 2);
    }
  g_rand_free (random);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/name-pattern/matches", test_matches);
  g_test_add_func ("/name-pattern/bad", test_bad);
  g_test_add_func ("/name-pattern/short", test_short);
  g_test_add_func ("/name-pattern/distance", test_distance);
  g_test_add_func ("/name-pattern/any-bytes", test_any_bytes);
  return g_test_run ();
}
