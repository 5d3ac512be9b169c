/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names in Markdown: what is plain stays readable, what is not loses its meaning and no letter. */
#include "ms-markdown-text.h"

#include <string.h>

static void
test_code (void)
{
  static const char *const cases[][2] = {
    { "decode_batch", "`decode_batch`" },
    { "std::vector<int>::push_back", "`std::vector<int>::push_back`" },
    { "operator|", "<code>operator&#124;</code>" },
    { "a`b", "<code>a&#96;b</code>" },
    { "\\|", "<code>&#92;&#124;</code>" },
    { "</script>", "`</script>`" },
    { "@everyone #1", "`@everyone #1`" },
    { "", "–" },
    { "  ", "–" },
    { "a\nb", "`a␤b`" },
    { "\033[31m", "`\xef\xbf\xbd[31m`" },
    { "\xff", "`\xef\xbf\xbd`" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *code = ms_markdown_code (cases[i][0]);

      g_assert_cmpstr (code, ==, cases[i][1]);
    }
}

static void
test_text (void)
{
  g_autofree char *text = ms_markdown_text ("1.2 s to *end* <b>@me|");

  g_assert_cmpstr (text, ==, "1&#46;2 s to &#42;end&#42; &#60;b&#62;&#64;me&#124;");
}

/* Any bytes: never a bar, and either one code span or one element without a sign in it. */
static void
test_any_bytes (void)
{
  static const char letters[] = "ab|`<>\\*_ \n\r\t\033\xc3\x28\xe2\x80\xae~#@";
  GRand *random = g_rand_new_with_seed (5);

  for (guint i = 0; i < 20000; i++)
    {
      char name[300] = { 0 };
      guint n = (guint) g_rand_int_range (random, 0, 299);
      g_autofree char *code = NULL;
      gsize n_bytes;

      for (guint k = 0; k < n; k++)
        name[k] = letters[g_rand_int_range (random, 0, sizeof letters - 1)];
      code = ms_markdown_code (name);
      n_bytes = strlen (code);
      g_assert_true (g_utf8_validate (code, -1, NULL));
      g_assert_null (strpbrk (code, "|\n\r\t\033"));
      if (code[0] == '`')
        {
          g_assert_true (strchr (code + 1, '`') == code + n_bytes - 1);
          g_assert_false (n_bytes < 3 || code[1] == ' ');
        }
      else if (g_str_has_prefix (code, "<code>"))
        {
          g_autofree char *inside = g_strndup (code + 6, n_bytes - 13);

          g_assert_null (strpbrk (inside, "`<>\\*_~@"));
          g_assert_true (g_str_has_suffix (code, "</code>"));
        }
      else
        g_assert_cmpstr (code, ==, "–");
    }
  g_rand_free (random);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/markdown-text/code", test_code);
  g_test_add_func ("/markdown-text/text", test_text);
  g_test_add_func ("/markdown-text/any-bytes", test_any_bytes);
  return g_test_run ();
}
