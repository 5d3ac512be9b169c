/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-site-text.h"

#include <glib/gi18n.h>
#include <string.h>

#define FUNCTION_CHARS 100
#define FILE_CHARS 60

char *
ms_cut_text_new (const char *text, guint most_chars)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *start = NULL;

  if (g_utf8_strlen (valid, -1) <= (glong) most_chars)
    return g_steal_pointer (&valid);
  start = g_utf8_substring (valid, 0, most_chars);
  return g_strconcat (start, "…", NULL);
}

char *
ms_site_text_new (MsFrameNames *names, guint stack)
{
  g_autofree char *function = NULL;
  g_autofree char *file = NULL;
  const MsFrame *frame;
  const char *slash;
  guint site;

  if (!ms_frame_names_find_site (names, stack, &site))
    return g_strdup (NC_ ("site", "an unknown place"));
  function = ms_cut_text_new (ms_frame_names_get_label (names, site), FUNCTION_CHARS);
  frame = ms_frame_names_get_frame (names, site);
  if (frame->file == NULL || frame->file[0] == '\0')
    return g_steal_pointer (&function);
  slash = strrchr (frame->file, '/');
  file = ms_cut_text_new (slash != NULL && slash[1] != '\0' ? slash + 1 : frame->file, FILE_CHARS);
  return frame->line > 0 ? g_strdup_printf ("%s (%s:%u)", function, file, frame->line)
                         : g_strdup_printf ("%s (%s)", function, file);
}
