/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The palette that a picture inside @widget is painted with: the roles' colours for the scheme at
 * hand, and the desktop's own text colour, surface and accent. */
#pragma once

#include <gtk/gtk.h>
#include "ms-palette.h"

G_BEGIN_DECLS

void ms_widget_get_palette (GtkWidget *widget, MsPalette *palette);

GdkRGBA ms_color_to_rgba (MsColor color);

G_END_DECLS
