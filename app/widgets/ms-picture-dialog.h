/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Saves what a plot shows as a picture: it is drawn when the person asks, and packed and written by a worker. */
#pragma once

#include "ms-palette.h"
#include "ms-saving.h"

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
void ms_picture_dialog_write (GtkWidget *plot,
                              GFile *file,
                              double width_px,
                              double height_px,
                              MsPictureDialogPaint paint);

G_END_DECLS
