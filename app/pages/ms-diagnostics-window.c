/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-diagnostics-window.h"
#include "ms-display-name.h"
#include "ms-figures.h"

#include <glib/gi18n-lib.h>

/* More rows than anybody reads; the rest is counted. */
#define MAX_ROWS 500

static const struct {
  const char *icon;
  const char *word;
} LEVELS[] = {
  [MS_DIAGNOSTIC_INFO] = { "dialog-information-symbolic", NC_ ("diagnostic", "Note") },
  [MS_DIAGNOSTIC_WARNING] = { "dialog-warning-symbolic", NC_ ("diagnostic", "Warning") },
  [MS_DIAGNOSTIC_DAMAGE] = { "dialog-error-symbolic", NC_ ("diagnostic", "Damage") },
};

MsDiagnosticLevel
ms_diagnostics_get_worst (GPtrArray *notes)
{
  MsDiagnosticLevel worst = MS_DIAGNOSTIC_INFO;

  for (guint i = 0; i < notes->len; i++)
    {
      const MsDiagnostic *note = g_ptr_array_index (notes, i);

      worst = MAX (worst, note->level);
    }
  return worst;
}

static char *
describe_place (const MsDiagnostic *note)
{
  const char *word = g_dpgettext2 (GETTEXT_PACKAGE, "diagnostic", LEVELS[note->level].word);

  if (note->file == NULL)
    return g_strdup (word);

  g_autofree char *file = ms_display_name (note->file);
  if (note->offset == 0)
    return g_strdup_printf ("%s · %s", word, file);

  g_autofree char *offset = ms_figure_count (note->offset);
  /* Translators: level of a note, name of a file, number of a byte in it. */
  return g_strdup_printf (_ ("%s · %s, byte %s"), word, file, offset);
}

static GtkWidget *
new_row (const MsDiagnostic *note)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *message = g_markup_escape_text (note->message != NULL ? note->message : "", -1);
  g_autofree char *place = describe_place (note);
  g_autofree char *subtitle = g_markup_escape_text (place, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), message);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  GtkWidget *icon = gtk_image_new_from_icon_name (LEVELS[note->level].icon);
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  g_dpgettext2 (GETTEXT_PACKAGE, "diagnostic",
                                                LEVELS[note->level].word),
                                  -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  return row;
}

GtkWindow *
ms_diagnostics_window_new (GtkWindow *parent, GPtrArray *notes)
{
  GtkWidget *window = adw_preferences_window_new ();
  GtkWidget *page = adw_preferences_page_new (), *group = adw_preferences_group_new ();

  for (guint i = 0; i < MIN (notes->len, MAX_ROWS); i++)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                               new_row (g_ptr_array_index (notes, i)));
  if (notes->len > MAX_ROWS)
    {
      guint n_more = notes->len - MAX_ROWS;
      g_autofree char *more =
          g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "and %u more", "and %u more", n_more),
                           n_more);

      adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), more);
    }
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (group));
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), ADW_PREFERENCES_PAGE (page));
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (window), FALSE);
  gtk_window_set_title (GTK_WINDOW (window), _ ("Notes About This Trace"));
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window), 560, 480);
  return GTK_WINDOW (window);
}
