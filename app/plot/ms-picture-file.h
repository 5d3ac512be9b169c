/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Any plot as a PNG or an SVG, as the name's ending says. */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef void (*MsPicturePaint) (cairo_t *cr, gpointer user_data);

/* FALSE with one line: the ending is neither, or the file cannot be written. */
gboolean ms_picture_save (const char *path,
                          double width_px,
                          double height_px,
                          MsPicturePaint paint,
                          gpointer user_data,
                          GError **error);

G_END_DECLS
