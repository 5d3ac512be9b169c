/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-picture-dialog.h"
#include "ms-picture-file.h"

#include <glib/gi18n-lib.h>

typedef struct {
  GtkWidget *plot;
  MsPictureDialogPaint paint;
  MsPalette palette;
} Drawing;

static void
paint_cb (cairo_t *cr, gpointer user_data)
{
  Drawing *drawing = user_data;

  drawing->paint (drawing->plot, cr, &drawing->palette);
}

static cairo_surface_t *
draw (GtkWidget *plot, double width_px, double height_px, MsPictureDialogPaint paint)
{
  Drawing drawing = { plot, paint, { 0 } };

  ms_palette_init (&drawing.palette, FALSE, FALSE);
  return ms_picture_record (width_px, height_px, paint_cb, &drawing);
}

static GBytes *
encode_picture (gpointer picture, const char *name, GError **error)
{
  return ms_picture_encode (picture, name, error);
}

static const char *const SUFFIXES[] = { "png", "svg", NULL };

static const MsSavingKind PICTURE = { N_ ("Save Picture"), N_ ("PNG and SVG pictures"), SUFFIXES,
                                      encode_picture, (GDestroyNotify) cairo_surface_destroy };

void
ms_picture_dialog_write (GtkWidget *plot,
                         GFile *file,
                         double width_px,
                         double height_px,
                         MsPictureDialogPaint paint)
{
  ms_saving_write (plot, &PICTURE, file, draw (plot, width_px, height_px, paint));
}

void
ms_picture_dialog_show (GtkWidget *plot,
                        const char *name,
                        double width_px,
                        double height_px,
                        MsPictureDialogPaint paint)
{
  ms_saving_ask (plot, &PICTURE, name, draw (plot, width_px, height_px, paint));
}
