/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a sentence becomes in English and in a language, here one that shouts and turns parts around. */
#include "ms-sentence.h"

#include <math.h>
#include <string.h>

static const char *
turn (const char *context, const char *text, const char *many, gulong n, gpointer data)
{
  if (strcmp (context, "estimate") == 0)
    return text;
  g_assert_cmpstr (context, ==, "test");
  if (strcmp (text, "%s took %s %% (%s)") == 0)
    return "ZU %2$s %% (%3$s) VON %1$s";
  if (many != NULL)
    return n == 1 ? "EINER VON %s" : "%s VIELE";
  return strcmp (text, "inside") == 0 ? "INNEN" : text;
}

static char *
format (double value, const char *unit, gpointer data)
{
  return g_strdup_printf ("<%.0f %s>", value, unit);
}

static const MsLanguage language = { turn, format, format, NULL };

static void
assert_says (MsSentence *sentence, const char *english, const char *other)
{
  g_autofree char *plain = ms_sentence_write (sentence, NULL);
  g_autofree char *turned = ms_sentence_write (sentence, &language);

  g_assert_cmpstr (plain, ==, english);
  g_assert_cmpstr (turned, ==, other);
}

static void
test_order (void)
{
  g_autoptr (MsSentence) sentence = ms_sentence_new ("test", "%s took %s %% (%s)");

  ms_sentence_add_name (sentence, "main");
  ms_sentence_add_count (sentence, 62);
  ms_sentence_add_value (sentence, 48e6, "bytes");
  assert_says (sentence, "main took 62 % (48.0 MB)", "ZU 62 % (<48000000 bytes>) VON main");
}

static void
test_estimate (void)
{
  g_autoptr (MsSentence) sentence = ms_sentence_new ("test", "%s, %s, %s");

  ms_sentence_add_estimate (sentence, 48e6, 0, "bytes");
  ms_sentence_add_estimate (sentence, 48e6, 1000, "bytes");
  ms_sentence_add_estimate (sentence, 1, NAN, "bytes");
  assert_says (sentence, "48.0 MB, about 48.0 MB, about 1 B",
               "<48000000 bytes>, about <48000000 bytes>, about <1 bytes>");
}

static void
test_plural (void)
{
  for (guint n = 0; n < 3; n++)
    {
      g_autoptr (MsSentence) sentence =
          ms_sentence_new_plural ("test", "one of %s", "%s of them", n);
      g_autofree char *many = g_strdup_printf ("%u of them", n);
      g_autofree char *many_turned = g_strdup_printf ("%u VIELE", n);

      ms_sentence_add_count (sentence, n);
      assert_says (sentence, n == 1 ? "one of 1" : many, n == 1 ? "EINER VON 1" : many_turned);
    }
}

static void
test_parts_are_sentences (void)
{
  g_autoptr (MsSentence) sentence = ms_sentence_new ("test", "(%s)");

  ms_sentence_add_sentence (sentence, ms_sentence_new ("test", "inside"));
  assert_says (sentence, "(inside)", "(INNEN)");
}

/* Neither a name nor a translation can make it read what is not there. */
static void
test_hostile (void)
{
  static const char *const texts[] = { "%n", "%2$s", "%9$s", "%0$s", "%", "%d %5d", "%s %s" };
  static const char *const written[] = {
    "%n", "%2$s", "%9$s", "%0$s", "%", "%d %5d", "%s%n%2$s %s"
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (MsSentence) sentence = ms_sentence_new ("test", texts[i]);

      ms_sentence_add_name (sentence, "%s%n%2$s");
      assert_says (sentence, written[i], written[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sentence/order", test_order);
  g_test_add_func ("/sentence/estimate", test_estimate);
  g_test_add_func ("/sentence/plural", test_plural);
  g_test_add_func ("/sentence/parts-are-sentences", test_parts_are_sentences);
  g_test_add_func ("/sentence/hostile", test_hostile);
  return g_test_run ();
}
