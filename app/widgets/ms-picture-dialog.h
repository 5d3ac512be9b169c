/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Asks where a picture is to go, and paints it there. */
#pragma once

#include <gtk/gtk.h>
#include "ms-palette.h"

G_BEGIN_DECLS

/* At @width_px × @height_px; the palette is a light one, for paper. */
typedef void (*MsPictureDialogPaint) (GtkWidget *plot, cairo_t *cr, const MsPalette *palette);

/* @plot is what is painted, and in whose window the dialog stands; @name: of the file, without an ending.
 * A toast says what came of it. */
void ms_picture_dialog_show (GtkWidget *plot,
                             const char *name,
                             double width_px,
                             double height_px,
                             MsPictureDialogPaint paint);

/* What the dialog does with the answer. */
gboolean ms_picture_dialog_save (GtkWidget *plot,
                                 const char *path,
                                 double width_px,
                                 double height_px,
                                 MsPictureDialogPaint paint,
                                 GError **error);

G_END_DECLS
