/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-open-actions.h"
#include "ms-record-dialog.h"
#include "ms-window.h"

#include <glib/gi18n-lib.h>

static void
chooser_response_cb (GtkNativeDialog *chooser, int response, gpointer user_data)
{
  g_autoptr (MsWindow) window = user_data;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      g_autofree char *path = folder != NULL ? g_file_get_path (folder) : NULL;

      if (path != NULL)
        ms_window_open (window, path);
    }
  g_object_unref (chooser);
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (_ ("Open Trace Folder"), GTK_WINDOW (widget),
                                   GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Open"),
                                   _ ("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect (chooser, "response", G_CALLBACK (chooser_response_cb), g_object_ref (widget));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
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
