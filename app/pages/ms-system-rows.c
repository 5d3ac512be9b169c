/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-system-rows.h"
#include "ms-display-name.h"

#include <glib/gi18n-lib.h>

/* Longer than any sentence of the analysis with names of usual length. */
#define MOST_CHARS 500

GtkWidget *
ms_system_group_new (const char *title, const char *description)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), description);
  return group;
}

/* Markup is switched off before there is any text. */
static void
set_title (GtkWidget *row, const char *title)
{
  g_autofree char *shown = ms_display_text (title, MOST_CHARS);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), shown);
}

static GtkWidget *
new_icon (const char *name)
{
  GtkWidget *icon = gtk_image_new_from_icon_name (name);

  gtk_accessible_update_state (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_widget_add_css_class (icon, g_str_has_prefix (name, "dialog-warning") ? "warning"
                                  : g_str_has_prefix (name, "dialog-error") ? "error"
                                                                            : "dim-label");
  return icon;
}

GtkWidget *
ms_system_row_new (const char *title, const char *subtitle, const char *icon)
{
  GtkWidget *row = adw_action_row_new ();

  set_title (row, title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  if (icon != NULL)
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), new_icon (icon));
  return row;
}

GtkWidget *
ms_system_figure_row_new (const char *title, const char *subtitle, const char *figure)
{
  GtkWidget *row = ms_system_row_new (title, subtitle, NULL);
  GtkWidget *label = gtk_label_new (figure);

  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_add_css_class (label, "system-figure");
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  return row;
}

GtkWidget *
ms_system_expander_new (const char *title, const char *subtitle, const char *icon)
{
  GtkWidget *row = adw_expander_row_new ();

  set_title (row, title);
  /* Of its own accord only the row inside it has the name. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  if (subtitle != NULL)
    adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle);
  if (icon != NULL)
    adw_expander_row_add_prefix (ADW_EXPANDER_ROW (row), new_icon (icon));
  return row;
}

/* --- rows that lead somewhere --- */

typedef struct {
  MsFocus *focus;
  gint thread;
  gint64 start_ns, end_ns;
} Target;

static void
target_free (gpointer data, GClosure *closure)
{
  Target *target = data;

  g_object_unref (target->focus);
  g_free (target);
}

static void
target_cb (AdwActionRow *row, gpointer user_data)
{
  const Target *target = user_data;

  if (target->thread >= 0)
    ms_focus_set_thread (target->focus, (guint) target->thread);
  if (target->end_ns > target->start_ns)
    ms_focus_set_range (target->focus, target->start_ns, target->end_ns);
}

void
ms_system_row_set_target (GtkWidget *row,
                          MsFocus *focus,
                          gint thread,
                          gint64 start_ns,
                          gint64 end_ns)
{
  Target *target = g_new0 (Target, 1);

  *target = (Target) { g_object_ref (focus), thread, start_ns, end_ns };
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), new_icon ("go-next-symbolic"));
  g_signal_connect_data (row, "activated", G_CALLBACK (target_cb), target, target_free, 0);
}
