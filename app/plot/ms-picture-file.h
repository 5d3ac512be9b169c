/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Any plot as a PNG or an SVG.  What a plot draws is kept first, in the thread that draws; packing it takes longer,
 * and any thread may do that.
 */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef void (*MsPicturePaint) (cairo_t *cr, gpointer user_data);

/* What @paint draws now. (transfer full): for cairo_surface_destroy () */
cairo_surface_t *ms_picture_record (double width_px,
                                    double height_px,
                                    MsPicturePaint paint,
                                    gpointer user_data);

/* The content of a file of this name; NULL with one line: its ending is neither, or there is no memory. */
GBytes *ms_picture_encode (cairo_surface_t *picture, const char *name, GError **error);

G_END_DECLS
