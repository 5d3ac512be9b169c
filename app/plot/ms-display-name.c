/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-display-name.h"

#include <glib/gi18n-lib.h>

/* Characters that move, hide or break the text around them. */
static gboolean
is_showable (gunichar c)
{
  if (c >= 0x202a && c <= 0x202e) /* embeddings and overrides of direction */
    return FALSE;
  if (c >= 0x2066 && c <= 0x2069) /* isolates */
    return FALSE;

  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
      return FALSE;
    default:
      return TRUE;
    }
}

char *
ms_display_name (const char *name)
{
  if (name == NULL || *name == '\0')
    return g_strdup (_ ("(no name)"));
  return ms_display_text (name, MS_DISPLAY_NAME_MAX);
}

char *
ms_display_text (const char *text, guint most_chars)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *shown = g_string_new (NULL);
  guint n_chars = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (n_chars++ == most_chars)
        {
          g_string_append (shown, "…");
          break;
        }
      g_string_append_unichar (shown, is_showable (c) ? c : 0xfffd);
    }
  return g_string_free (shown, FALSE);
}
