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
  const char *p = text;
  guint width = 0;

  if (ms_terminal_text_width (text) <= n_columns)
    return g_strdup (text);
  if (n_columns == 0)
    return g_strdup ("");
  for (; *p != '\0'; p = g_utf8_next_char (p))
    {
      guint more = width_of (g_utf8_get_char (p));

      if (width + more > n_columns - 1)
        break;
      width += more;
    }
  return g_strdup_printf ("%.*s…", (int) (p - text), text);
}

char *
ms_terminal_text_shorten_start (const char *text, guint n_columns)
{
  const char *p = text;
  guint width = ms_terminal_text_width (text);

  if (width <= n_columns)
    return g_strdup (text);
  if (n_columns == 0)
    return g_strdup ("");
  for (; *p != '\0' && width > n_columns - 1; p = g_utf8_next_char (p))
    width -= width_of (g_utf8_get_char (p));
  return g_strconcat ("…", p, NULL);
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
