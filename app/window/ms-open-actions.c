/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-open-actions.h"
#include "ms-chooser.h"
#include "ms-record-dialog.h"
#include "ms-window.h"

#include <glib/gi18n-lib.h>

static void
folder_chosen_cb (GtkWidget *window, GFile *folder, GtkFileChooser *chooser, gpointer user_data)
{
  g_autofree char *path = g_file_get_path (folder);

  if (path != NULL)
    ms_window_open (MS_WINDOW (window), path);
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ms_chooser_ask (ms_chooser_new (widget, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                  _ ("Open Trace Folder"), _ ("_Open")),
                  widget, folder_chosen_cb, NULL, NULL);
}

static void
open_path_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ms_window_open (MS_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

/* The recorder's window is gone by then, or the trace's. */
static void
recorded_cb (MsWindow *window, const char *folder)
{
  ms_window_open (window, folder);
}

static void
record_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *memscope = ms_record_dialog_find_memscope ();
  GtkWindow *dialog = ms_record_dialog_new (GTK_WINDOW (widget), memscope);

  g_signal_connect_object (dialog, "recorded", G_CALLBACK (recorded_cb), widget, G_CONNECT_SWAPPED);
  gtk_window_present (dialog);
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, gpointer user_data)
{
  g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));
  g_autofree char *path = files != NULL ? g_file_get_path (files->data) : NULL;

  if (path == NULL)
    return FALSE;
  ms_window_open (user_data, path);
  return TRUE;
}

void
ms_open_actions_install (GtkWidgetClass *window_class)
{
  gtk_widget_class_install_action (window_class, "win.open", NULL, open_action);
  gtk_widget_class_install_action (window_class, "win.open-path", "s", open_path_action);
  gtk_widget_class_install_action (window_class, "win.record", NULL, record_action);
}

void
ms_open_actions_add_drop (GtkWidget *window)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect (drop, "drop", G_CALLBACK (drop_cb), window);
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (drop));
}
