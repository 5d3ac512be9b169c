/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-picture-dialog.h"
#include "ms-picture-file.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

typedef struct {
  GtkWidget *plot; /* owned while the dialog is open */
  double width_px, height_px;
  MsPictureDialogPaint paint;
  MsPalette palette;
} Picture;

static void
picture_free (Picture *picture)
{
  g_object_unref (picture->plot);
  g_free (picture);
}

static void
paint_cb (cairo_t *cr, gpointer user_data)
{
  Picture *picture = user_data;

  picture->paint (picture->plot, cr, &picture->palette);
}

gboolean
ms_picture_dialog_save (GtkWidget *plot,
                        const char *path,
                        double width_px,
                        double height_px,
                        MsPictureDialogPaint paint,
                        GError **error)
{
  Picture picture = { plot, width_px, height_px, paint, { 0 } };

  ms_palette_init (&picture.palette, FALSE, FALSE);
  return ms_picture_save (path, width_px, height_px, paint_cb, &picture, error);
}

static void
response_cb (GtkNativeDialog *chooser, int response, gpointer user_data)
{
  Picture *picture = user_data;
  GtkWindow *parent = gtk_native_dialog_get_transient_for (chooser);

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
      g_autoptr (GError) error = NULL;

      if (path != NULL
          && !ms_picture_dialog_save (picture->plot, path, picture->width_px, picture->height_px,
                                      picture->paint, &error))
        {
          GtkWidget *dialog =
              adw_message_dialog_new (parent, _ ("The picture was not saved"), error->message);

          adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
          gtk_window_present (GTK_WINDOW (dialog));
        }
    }
  picture_free (picture);
  g_object_unref (chooser);
}

void
ms_picture_dialog_show (GtkWidget *plot,
                        const char *name,
                        double width_px,
                        double height_px,
                        MsPictureDialogPaint paint)
{
  GtkRoot *root = gtk_widget_get_root (plot);
  GtkFileChooserNative *chooser =
      gtk_file_chooser_native_new (_ ("Save Picture"),
                                   GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                   GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  g_autofree char *file_name = g_strdup_printf ("%s.png", name);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  Picture *picture = g_new0 (Picture, 1);

  picture->plot = g_object_ref (plot);
  picture->width_px = width_px;
  picture->height_px = height_px;
  picture->paint = paint;
  gtk_file_filter_set_name (filter, _ ("PNG and SVG pictures"));
  gtk_file_filter_add_suffix (filter, "png");
  gtk_file_filter_add_suffix (filter, "svg");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), file_name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect (chooser, "response", G_CALLBACK (response_cb), picture);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}
