/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-picture-dialog.h"
#include "ms-picture-file.h"
#include "ms-saving.h"

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

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
      g_autoptr (GError) error = NULL;

      if (path != NULL
          && ms_picture_dialog_save (picture->plot, path, picture->width_px, picture->height_px,
                                     picture->paint, &error))
        ms_saving_say_done (picture->plot, file);
      else if (path != NULL)
        ms_saving_say_failed (picture->plot, error->message);
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
  static const char *const SUFFIXES[] = { "png", "svg", NULL };
  GtkFileChooserNative *chooser =
      ms_saving_new_dialog (plot, _ ("Save Picture"), name, _ ("PNG and SVG pictures"), SUFFIXES);
  Picture *picture = g_new0 (Picture, 1);

  picture->plot = g_object_ref (plot);
  picture->width_px = width_px;
  picture->height_px = height_px;
  picture->paint = paint;
  g_signal_connect (chooser, "response", G_CALLBACK (response_cb), picture);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}
