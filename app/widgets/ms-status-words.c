/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-status-words.h"

void
ms_status_words_set (GtkWidget *status_page, const char *words)
{
  g_return_if_fail (ADW_IS_STATUS_PAGE (status_page));

  g_autofree char *valid = words != NULL ? g_utf8_make_valid (words, -1) : NULL;
  g_autofree char *escaped = valid != NULL ? g_markup_escape_text (valid, -1) : NULL;

  adw_status_page_set_description (ADW_STATUS_PAGE (status_page), escaped);
}
