/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A code span takes everything literally but two characters: a backtick, which may end it, and in a table
 * a bar, which ends the cell wherever it stands, and whose backslash is read in another order by each
 * renderer.  A name with either is an HTML element with every sign as a number, which no parser of
 * Markdown takes for markup.
 */
#include "ms-markdown-text.h"

#include <string.h>

#include "ms-terminal-text.h"

#define MOST_COLUMNS 160U

static void
append_numbers (GString *out, const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_ispunct (*p))
      g_string_append_printf (out, "&#%d;", *p);
    else
      g_string_append_c (out, *p);
}

/* On one line, valid, without controls, not long. (transfer full) */
static char *
dup_clean (const char *text)
{
  g_autofree char *clean = ms_terminal_text_clean (text);

  return ms_terminal_text_shorten (clean, MOST_COLUMNS);
}

char *
ms_markdown_code (const char *text)
{
  g_autofree char *clean = g_strstrip (dup_clean (text));
  GString *out = g_string_new (NULL);

  if (clean[0] == '\0')
    return g_string_free (g_string_append (out, "–"), FALSE);
  if (strpbrk (clean, "`|") == NULL)
    {
      g_string_append_printf (out, "`%s`", clean);
      return g_string_free (out, FALSE);
    }
  g_string_append (out, "<code>");
  append_numbers (out, clean);
  g_string_append (out, "</code>");
  return g_string_free (out, FALSE);
}

char *
ms_markdown_text (const char *text)
{
  g_autofree char *clean = dup_clean (text);
  GString *out = g_string_new (NULL);

  append_numbers (out, clean);
  return g_string_free (out, FALSE);
}
