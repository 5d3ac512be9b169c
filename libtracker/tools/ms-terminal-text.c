/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Widths follow wcwidth's rules as GLib knows them: wide East Asian characters take two columns,
 * combining ones none. */
#include "ms-terminal-text.h"

#include <string.h>

#define NEWLINE_SYMBOL 0x2424 /* ␤ */

static gboolean
is_unwanted (gunichar c)
{
  return g_unichar_iscntrl (c)            /* C0, DEL, C1 */
         || c == 0x2028 || c == 0x2029    /* line and paragraph separators */
         || c == 0x200e || c == 0x200f    /* direction marks */
         || (c >= 0x202a && c <= 0x202e)  /* embeddings and overrides */
         || (c >= 0x2066 && c <= 0x2069); /* isolates */
}

/* --- where the locale has no UTF-8 ---------------------------------------------------------------- */

static gboolean is_plain;

void
ms_terminal_text_set_plain (gboolean plain)
{
  is_plain = plain;
}

static const char *
ellipsis (guint n_columns)
{
  return !is_plain ? "…" : n_columns > 3 ? "..." : ".";
}

/* What our own lines are made of, and the signs that names most often have. */
static const char *
plain_form (gunichar c)
{
  static const struct {
    gunichar c;
    const char *form;
  } forms[] = {
    { 0x2026, "..." }, /* … */
    { 0xb1, "+/-" },   { 0xb5, "u" },    { 0x3bc, "u" },          { 0xd7, "x" },
    { 0xb2, "2" },     { 0xb7, "." },    { 0xa0, " " },           { 0x202f, " " },
    { 0x2212, "-" },   { 0x2190, "<-" }, { 0x2192, "->" },        { 0x2193, "v" },
    { 0x25b8, ">" },   { 0x25b6, ">" },  { NEWLINE_SYMBOL, " " }, { 0x2264, "<=" },
    { 0x2265, ">=" },  { 0x2260, "!=" }, { 0x221a, "sqrt" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (forms[i].c == c)
      return forms[i].form;
  if (c >= 0x2010 && c <= 0x2015) /* hyphens and dashes */
    return "-";
  if (c >= 0x2018 && c <= 0x201b)
    return "'";
  if (c >= 0x201c && c <= 0x201f)
    return "\"";
  if (c >= 0x2581 && c <= 0x258f) /* bars, from an eighth on */
    return "#";
  if (c == 0x2500 || c == 0x2501)
    return "-";
  if (c == 0x2514)
    return "`";
  if (c >= 0x2502 && c <= 0x257f)
    return "|";
  return "?";
}

char *
ms_terminal_text_to_plain (const char *text)
{
  GString *plain = g_string_sized_new (strlen (text));

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if ((guchar) *p < 0x80)
      g_string_append_c (plain, *p);
    else if (!g_unichar_iszerowidth (g_utf8_get_char (p)))
      g_string_append (plain, plain_form (g_utf8_get_char (p)));
  return g_string_free (plain, FALSE);
}

char *
ms_terminal_text_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *clean = g_string_sized_new (strlen (valid));

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (clean, c == '\n' ? NEWLINE_SYMBOL : is_unwanted (c) ? 0xfffd : c);
    }
  if (is_plain)
    {
      char *plain = ms_terminal_text_to_plain (clean->str);

      g_string_free (clean, TRUE);
      return plain;
    }
  return g_string_free (clean, FALSE);
}

static guint
width_of (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
ms_terminal_text_width (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += width_of (g_utf8_get_char (p));
  return width;
}

char *
ms_terminal_text_shorten (const char *text, guint n_columns)
{
  const char *mark = ellipsis (n_columns);
  const guint room = n_columns - MIN (n_columns, ms_terminal_text_width (mark));
  const char *p = text;
  guint width = 0;

  if (ms_terminal_text_width (text) <= n_columns)
    return g_strdup (text);
  if (n_columns == 0)
    return g_strdup ("");
  for (; *p != '\0'; p = g_utf8_next_char (p))
    {
      guint more = width_of (g_utf8_get_char (p));

      if (width + more > room)
        break;
      width += more;
    }
  return g_strdup_printf ("%.*s%s", (int) (p - text), text, mark);
}

char *
ms_terminal_text_shorten_start (const char *text, guint n_columns)
{
  const char *mark = ellipsis (n_columns);
  const guint room = n_columns - MIN (n_columns, ms_terminal_text_width (mark));
  const char *p = text;
  guint width = ms_terminal_text_width (text);

  if (width <= n_columns)
    return g_strdup (text);
  if (n_columns == 0)
    return g_strdup ("");
  for (; *p != '\0' && width > room; p = g_utf8_next_char (p))
    width -= width_of (g_utf8_get_char (p));
  return g_strconcat (mark, p, NULL);
}

/* Three digits that count: 1.20, 16.3, 812. */
static char *
format_scaled (double value, const char *unit)
{
  int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

  return g_strdup_printf ("%.*f %s", decimals, value, unit);
}

char *
ms_format_bytes (guint64 n_bytes)
{
  static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
  double value = (double) n_bytes / 1000;
  guint unit = 0;

  if (n_bytes < 1000)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " B", n_bytes);
  while (value >= 999.5 && unit + 1 < G_N_ELEMENTS (units))
    {
      value /= 1000;
      unit++;
    }
  return format_scaled (value, units[unit]);
}

char *
ms_format_count (guint64 n)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%" G_GUINT64_FORMAT, n);
  for (gssize at = (gssize) text->len - 3; at > 0; at -= 3)
    g_string_insert_c (text, at, ' ');
  return g_string_free (text, FALSE);
}

char *
ms_format_share (guint64 part, guint64 whole)
{
  if (part > whole && whole > 0)
    return g_strdup ("about all");
  return g_strdup_printf ("%.1f %%", whole > 0 ? 100.0 * (double) part / (double) whole : 0);
}

const char *
ms_plural (guint64 n)
{
  return n == 1 ? "" : "s";
}

char *
ms_format_duration (gint64 duration_ns)
{
  gint64 seconds = (duration_ns + 500000000) / 1000000000;

  if (duration_ns < 0)
    return g_strdup ("–");
  if (duration_ns < 1000)
    return g_strdup_printf ("%" G_GINT64_FORMAT " ns", duration_ns);
  if (duration_ns < 999500)
    return format_scaled ((double) duration_ns / 1e3, "µs");
  if (duration_ns < 999500000)
    return format_scaled ((double) duration_ns / 1e6, "ms");
  if (seconds < 60)
    return format_scaled ((double) duration_ns / 1e9, "s");
  if (seconds < 3600)
    return g_strdup_printf ("%d min %02d s", (int) (seconds / 60), (int) (seconds % 60));
  return g_strdup_printf ("%" G_GINT64_FORMAT " h %02d min", seconds / 3600,
                          (int) (seconds % 3600 / 60));
}
