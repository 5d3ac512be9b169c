/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-short-text.h"

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
