/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-saving.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define OPEN_SECONDS 10

/* --- what came of it --- */

static AdwToastOverlay *
find_overlay (GtkWidget *near)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (near, ADW_TYPE_TOAST_OVERLAY);

  return overlay != NULL ? ADW_TOAST_OVERLAY (overlay) : NULL;
}

static void
open_cb (AdwToast *toast, GtkWidget *overlay)
{
  GtkRoot *root = gtk_widget_get_root (overlay);

  gtk_show_uri (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                g_object_get_data (G_OBJECT (toast), "uri"), GDK_CURRENT_TIME);
}

void
ms_saving_say_done (GtkWidget *near, GFile *file)
{
  AdwToastOverlay *overlay = find_overlay (near);
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *shown = g_filename_display_name (name);
  /* Translators: a file's name. */
  g_autofree char *text = g_strdup_printf (_ ("%s is written"), shown);
  g_autofree char *title = g_markup_escape_text (text, -1);

  if (overlay == NULL)
    return;

  AdwToast *toast = adw_toast_new (title);
  g_object_set_data_full (G_OBJECT (toast), "uri", g_file_get_uri (file), g_free);
  adw_toast_set_button_label (toast, _ ("_Open"));
  adw_toast_set_timeout (toast, OPEN_SECONDS);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (open_cb), overlay, 0);
  adw_toast_overlay_add_toast (overlay, toast);
}

void
ms_saving_say_failed (GtkWidget *near, const char *message)
{
  AdwToastOverlay *overlay = find_overlay (near);
  g_autofree char *title = g_markup_escape_text (message, -1);

  if (overlay == NULL)
    return;

  AdwToast *toast = adw_toast_new (title);
  adw_toast_set_timeout (toast, 0);
  adw_toast_overlay_add_toast (overlay, toast);
}

/* --- the dialog --- */

GtkFileChooserNative *
ms_saving_new_dialog (GtkWidget *near,
                      const char *title,
                      const char *name,
                      const char *filter,
                      const char *const *suffixes)
{
  GtkRoot *root = gtk_widget_get_root (near);
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (title, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                   GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  g_autofree char *file_name = g_strdup_printf ("%s.%s", name, suffixes[0]);
  g_autoptr (GtkFileFilter) kinds = gtk_file_filter_new ();

  /* A thread may be called "a/b". */
  g_strdelimit (file_name, "/", '_');
  gtk_file_filter_set_name (kinds, filter);
  for (const char *const *suffix = suffixes; *suffix != NULL; suffix++)
    gtk_file_filter_add_suffix (kinds, *suffix);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), kinds);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), file_name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  return chooser;
}

/* --- tables --- */

typedef struct {
  GtkWidget *near;
  char *csv;
} Table;

static void
table_free (Table *table)
{
  g_object_unref (table->near);
  g_free (table->csv);
  g_free (table);
}

static void
written_cb (GObject *file, GAsyncResult *result, gpointer user_data)
{
  Table *table = user_data;
  g_autoptr (GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (file), result, NULL, &error))
    ms_saving_say_done (table->near, G_FILE (file));
  else
    ms_saving_say_failed (table->near, error->message);
  table_free (table);
}

/* Takes @csv. */
static void
write_table (GtkWidget *near, GFile *file, char *csv)
{
  Table *table = g_new0 (Table, 1);

  table->near = g_object_ref (near);
  table->csv = csv;
  g_file_replace_contents_async (file, csv, strlen (csv), NULL, FALSE,
                                 G_FILE_CREATE_REPLACE_DESTINATION, NULL, written_cb, table);
}

void
ms_saving_write_table (GtkWidget *near, GFile *file, const char *csv)
{
  write_table (near, file, g_strdup (csv));
}

static void
response_cb (GtkNativeDialog *chooser, int response, gpointer user_data)
{
  Table *table = user_data;
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser))
                               : NULL;

  if (file != NULL)
    write_table (table->near, file, g_steal_pointer (&table->csv));
  table_free (table);
  g_object_unref (chooser);
}

void
ms_saving_ask_for_table (GtkWidget *near, const char *name, char *csv)
{
  static const char *const SUFFIXES[] = { "csv", NULL };
  GtkFileChooserNative *chooser =
      ms_saving_new_dialog (near, _ ("Save Table"), name, _ ("Tables (CSV)"), SUFFIXES);
  Table *table = g_new0 (Table, 1);

  table->near = g_object_ref (near);
  table->csv = csv;
  g_signal_connect (chooser, "response", G_CALLBACK (response_cb), table);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}
