/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Text, figures and tables for a terminal: what is hostile, what is wide, what does not fit. */
#include <string.h>

#include "ms-table.h"
#include "ms-terminal-text.h"

static void
test_clean (void)
{
  const struct {
    const char *text, *expected;
  } cases[] = {
    { "plain", "plain" },
    { "", "" },
    { "\033[31mred\a", "\357\277\275[31mred\357\277\275" },
    { "two\nlines\r\t", "two\342\220\244lines\357\277\275\357\277\275" },
    { "\302\233c1", "\357\277\275c1" },
    { "turned \342\200\256 round", "turned \357\277\275 round" },
    { "bad \377 byte", "bad \357\277\275 byte" },
    { "gr\303\274n \346\274\242", "gr\303\274n \346\274\242" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = ms_terminal_text_clean (cases[i].text);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
test_shorten (void)
{
  const struct {
    const char *text;
    guint n_columns;
    const char *end, *start; /* what is left when the end, or the start, is cut */
  } cases[] = {
    { "abcdef", 6, "abcdef", "abcdef" },
    { "abcdef", 5, "abcd…", "…cdef" },
    { "abcdef", 1, "…", "…" },
    { "abcdef", 0, "", "" },
    { "漢字漢字", 8, "漢字漢字", "漢字漢字" },
    { "漢字漢字", 7, "漢字漢…", "…字漢字" },
    { "漢字漢字", 6, "漢字…", "…漢字" },
    { "e\314\201e\314\201e\314\201", 3, "e\314\201e\314\201e\314\201",
      "e\314\201e\314\201e\314\201" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *end = ms_terminal_text_shorten (cases[i].text, cases[i].n_columns);
      g_autofree char *start = ms_terminal_text_shorten_start (cases[i].text, cases[i].n_columns);

      g_assert_cmpstr (end, ==, cases[i].end);
      g_assert_cmpstr (start, ==, cases[i].start);
    }
}

static void
test_bytes (void)
{
  const struct {
    guint64 n_bytes;
    const char *expected;
  } cases[] = {
    { 0, "0 B" },
    { 999, "999 B" },
    { 1000, "1.00 kB" },
    { 9994, "9.99 kB" },
    { 9996, "10.0 kB" },
    { 99940, "99.9 kB" },
    { 99960, "100 kB" },
    { 999499, "999 kB" },
    { 999500, "1.00 MB" },
    { 16300000, "16.3 MB" },
    { G_MAXUINT64, "18.4 EB" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = ms_format_bytes (cases[i].n_bytes);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
test_shares (void)
{
  const struct {
    guint64 part, whole;
    const char *expected;
  } cases[] = {
    { 0, 0, "0.0 %" },
    { 1, 3, "33.3 %" },
    { 101227, 101227, "100.0 %" },
    { 103900, 101227, "about all" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = ms_format_share (cases[i].part, cases[i].whole);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
test_counts_and_durations (void)
{
  const struct {
    guint64 n;
    const char *expected;
  } counts[] = {
    { 0, "0" },
    { 999, "999" },
    { 1000, "1 000" },
    { 1203442, "1 203 442" },
    { G_MAXUINT64, "18 446 744 073 709 551 615" },
  };
  const struct {
    gint64 duration_ns;
    const char *expected;
  } durations[] = {
    { G_MININT64, "–" },
    { -1, "–" },
    { 0, "0 ns" },
    { 999, "999 ns" },
    { 1000, "1.00 µs" },
    { 999499, "999 µs" },
    { 999500, "1.00 ms" },
    { 2310000000, "2.31 s" },
    { 59400000000, "59.4 s" },
    { 59600000000, "1 min 00 s" },
    { 125000000000, "2 min 05 s" },
    { 3600000000000, "1 h 00 min" },
    { 90061000000000, "25 h 01 min" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autofree char *text = ms_format_count (counts[i].n);

      g_assert_cmpstr (text, ==, counts[i].expected);
    }
  for (guint i = 0; i < G_N_ELEMENTS (durations); i++)
    {
      g_autofree char *text = ms_format_duration (durations[i].duration_ns);

      g_assert_cmpstr (text, ==, durations[i].expected);
    }
}

static const MsColumn columns[] = {
  { "ID", TRUE, FALSE, 0 },
  { "NAME", FALSE, TRUE, 0 },
  { "PEAK", TRUE, FALSE, 1 },
  { "ROLE", FALSE, FALSE, 2 },
};

static char *
print_table (guint width, gboolean has_colours)
{
  const MsTerminal terminal = { .width = width, .has_colours = has_colours };
  g_autoptr (MsTable) table = ms_table_new (columns, G_N_ELEMENTS (columns));
  GString *out = g_string_new (NULL);

  ms_table_add (table, MS_STYLE_PLAIN, g_strdup ("7"));
  ms_table_add (table, MS_STYLE_PLAIN, g_strdup ("a thread with a long name"));
  ms_table_add (table, MS_STYLE_RED, g_strdup ("1.00 MB"));
  ms_table_add (table, MS_STYLE_PLAIN, g_strdup ("balanced"));
  ms_table_print (table, &terminal, out);
  return g_string_free (out, FALSE);
}

static void
test_table (void)
{
  g_autofree char *wide = print_table (G_MAXUINT, FALSE);
  g_autofree char *shrunk = print_table (40, FALSE);
  g_autofree char *without_role = print_table (30, FALSE);
  g_autofree char *least = print_table (10, FALSE);
  g_autofree char *coloured = print_table (G_MAXUINT, TRUE);

  g_assert_cmpstr (wide, ==,
                   "  ID  NAME                          PEAK  ROLE\n"
                   "   7  a thread with a long name  1.00 MB  balanced\n");
  g_assert_cmpstr (shrunk, ==,
                   "  ID  NAME                PEAK  ROLE\n"
                   "   7  a thread with …  1.00 MB  balanced\n");
  g_assert_cmpstr (without_role, ==,
                   "  ID  NAME             PEAK\n"
                   "   7  a thread wi…  1.00 MB\n");
  /* What is never left out stays, even if it does not fit. */
  g_assert_cmpstr (least, ==,
                   "  ID  NAME\n"
                   "   7  a thread wi…\n");
  g_assert_nonnull (strstr (coloured, "\033[31m1.00 MB\033[0m"));
}

/* What the locale cannot show has a form that it can; widths are those of what is shown. */
static void
test_plain (void)
{
  g_autofree char *plain = ms_terminal_text_to_plain ("a… 12 kB ± 3 µs → ▸│█▏ “x” é 文 e\314\201–");
  g_autofree char *cleaned = NULL, *shortened = NULL, *start = NULL, *tiny = NULL;

  g_assert_cmpstr (plain, ==, "a... 12 kB +/- 3 us -> >|## \"x\" ? ? e-");
  ms_terminal_text_set_plain (TRUE);
  cleaned = ms_terminal_text_clean ("3 µs\033[31m ± \xff");
  shortened = ms_terminal_text_shorten ("abcdefgh", 6);
  start = ms_terminal_text_shorten_start ("abcdefgh", 6);
  tiny = ms_terminal_text_shorten ("abcdefgh", 3);
  ms_terminal_text_set_plain (FALSE);
  g_assert_cmpstr (cleaned, ==, "3 us?[31m +/- ?");
  g_assert_cmpstr (shortened, ==, "abc...");
  g_assert_cmpstr (start, ==, "...fgh");
  g_assert_cmpstr (tiny, ==, "ab.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/terminal/clean", test_clean);
  g_test_add_func ("/terminal/shorten", test_shorten);
  g_test_add_func ("/terminal/bytes", test_bytes);
  g_test_add_func ("/terminal/counts-and-durations", test_counts_and_durations);
  g_test_add_func ("/terminal/shares", test_shares);
  g_test_add_func ("/terminal/table", test_table);
  g_test_add_func ("/terminal/plain", test_plain);
  return g_test_run ();
}
