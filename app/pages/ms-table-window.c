/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-table-window.h"
#include "ms-display-units.h"
#include "ms-saving.h"

#include <glib/gi18n-lib.h>

#define CSV_KEY "csv"
#define NAME_KEY "name"
#define PAGE_KEY "page"
#define MAKER_KEY "maker"

static void
copy_cb (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (window), g_object_get_data (window, CSV_KEY));
}

static void
save_cb (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  /* What stands in the overlay: toasts are shown above it. */
  GtkWidget *content =
      adw_toast_overlay_get_child (ADW_TOAST_OVERLAY (adw_window_get_content (window)));

  ms_saving_ask_for_table (content, g_object_get_data (window, NAME_KEY),
                           g_strdup (g_object_get_data (window, CSV_KEY)));
}

static void
add_actions (GtkWidget *window)
{
  static const GActionEntry ENTRIES[] = { { "copy-csv", copy_cb, NULL, NULL, NULL, { 0 } },
                                          { "save-csv", save_cb, NULL, NULL, NULL, { 0 } } };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (group), ENTRIES, G_N_ELEMENTS (ENTRIES), window);
  gtk_widget_insert_action_group (window, "table", G_ACTION_GROUP (group));
}

static GtkWidget *
new_menu_button (void)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) model = g_menu_new ();

  g_menu_append (model, _ ("_Copy as CSV"), "table.copy-csv");
  g_menu_append (model, _ ("_Save as CSV…"), "table.save-csv");
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-more-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (model));
  gtk_widget_set_tooltip_text (button, _ ("Copy or Save"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Copy or Save"), -1);
  return button;
}

static GtkWidget *
new_note (const char *note)
{
  GtkWidget *label = gtk_label_new (note);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_margin_start (label, 18);
  gtk_widget_set_margin_end (label, 18);
  gtk_widget_set_margin_bottom (label, 8);
  gtk_widget_add_css_class (label, "dim-label");
  return label;
}

/* What is shown of the page, in the units of now.  FALSE: it shows nothing any more. */
static gboolean
fill (GtkWidget *window, GtkWidget *box)
{
  MsTableMaker make = (MsTableMaker) g_object_get_data (G_OBJECT (window), MAKER_KEY);
  GtkWidget *header = gtk_widget_get_first_child (box), *old;
  g_autofree char *note = NULL;
  char *csv = NULL;
  GtkWidget *table = make (g_object_get_data (G_OBJECT (window), PAGE_KEY), &note, &csv);

  if (table == NULL)
    return FALSE;
  while ((old = gtk_widget_get_next_sibling (header)) != NULL)
    gtk_box_remove (GTK_BOX (box), old);
  if (note != NULL)
    gtk_box_append (GTK_BOX (box), new_note (note));
  gtk_accessible_update_property (GTK_ACCESSIBLE (table), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_window_get_title (GTK_WINDOW (window)), -1);
  gtk_box_append (GTK_BOX (box), table);
  g_object_set_data_full (G_OBJECT (window), CSV_KEY, csv, g_free);
  return TRUE;
}

static void
units_changed_cb (GtkWidget *window)
{
  fill (window, adw_toast_overlay_get_child (
                    ADW_TOAST_OVERLAY (adw_window_get_content (ADW_WINDOW (window)))));
}

GtkWindow *
ms_table_window_new (GtkWidget *page, const char *title, const char *name, MsTableMaker make)
{
  GtkWidget *window = adw_window_new (), *overlay = adw_toast_overlay_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkRoot *root = gtk_widget_get_root (page);

  adw_header_bar_pack_end (ADW_HEADER_BAR (header), new_menu_button ());
  gtk_box_append (GTK_BOX (box), header);
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), box);
  adw_window_set_content (ADW_WINDOW (window), overlay);
  g_object_set_data_full (G_OBJECT (window), NAME_KEY, g_strdup (name), g_free);
  g_object_set_data_full (G_OBJECT (window), PAGE_KEY, g_object_ref (page), g_object_unref);
  g_object_set_data (G_OBJECT (window), MAKER_KEY, (gpointer) make);
  gtk_window_set_title (GTK_WINDOW (window), title);
  if (!fill (window, box))
    {
      gtk_window_destroy (GTK_WINDOW (window));
      return NULL;
    }
  add_actions (window);
  ms_display_units_watch (window, G_CALLBACK (units_changed_cb));
  gtk_window_set_transient_for (GTK_WINDOW (window),
                                GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window), 860, 560);
  return GTK_WINDOW (window);
}
