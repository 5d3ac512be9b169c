/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-short-text.h"

#include <string.h>

char *
ms_short_text_new (const char *text, guint most_chars)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  glong n_chars = g_utf8_strlen (valid, -1);
  g_autofree char *start = NULL;

  if (n_chars <= (glong) most_chars)
    return g_steal_pointer (&valid);
  start = g_utf8_substring (valid, 0, most_chars);
  return g_strdup_printf ("%s… (%ld characters)", start, n_chars);
}

char *
ms_line_text_new (const char *text, const char *stops)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *line = g_string_sized_new (strlen (valid));

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c < 0x80 && strchr (stops, (int) c) != NULL)
        g_string_append_c (line, ':');
      else if (!g_unichar_isspace (c) && !g_unichar_iscntrl (c)
               && g_unichar_type (c) != G_UNICODE_LINE_SEPARATOR
               && g_unichar_type (c) != G_UNICODE_PARAGRAPH_SEPARATOR)
        g_string_append_unichar (line, c);
      else if (line->len > 0)
        g_string_append_c (line, ' ');
    }
  while (line->len > 0 && line->str[line->len - 1] == ' ')
    g_string_truncate (line, line->len - 1);
  if (line->len == 0)
    g_string_append_c (line, '?');
  return g_string_free (line, FALSE);
}
