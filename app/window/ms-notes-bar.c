/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-notes-bar.h"

#include <glib/gi18n-lib.h>

static void
set_text (GtkLabel *label, const MsDiagnostic *first, guint n_serious)
{
  if (n_serious == 1)
    {
      gtk_label_set_text (label, first->message);
      return;
    }

  /* Translators: the worst of several notes, and how many others there are. */
  g_autofree char *text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s And %u more note.",
                                                        "%s And %u more notes.", n_serious - 1),
                                           first->message, n_serious - 1);
  gtk_label_set_text (label, text);
}

gboolean
ms_notes_bar_show (GtkInfoBar *bar, GtkLabel *label, MsDocument *document)
{
  g_autoptr (GPtrArray) notes = ms_document_get_diagnostics (document);
  const MsDiagnostic *first = NULL;
  guint n_serious = 0;

  for (guint i = 0; i < notes->len; i++)
    {
      const MsDiagnostic *note = g_ptr_array_index (notes, i);

      if (note->level == MS_DIAGNOSTIC_INFO)
        continue;
      if (first == NULL || note->level > first->level)
        first = note;
      n_serious++;
    }
  if (first != NULL)
    {
      set_text (label, first, n_serious);
      gtk_info_bar_set_message_type (bar, first->level == MS_DIAGNOSTIC_DAMAGE
                                              ? GTK_MESSAGE_ERROR
                                              : GTK_MESSAGE_WARNING);
    }
  gtk_info_bar_set_revealed (bar, first != NULL);
  return notes->len > 0;
}
