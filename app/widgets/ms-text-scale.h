/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How large the user wants text, where a size is not made of text itself: the width of a column of cards, the reach
 * of a pointer, a glyph beside a word. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* 1: as usual; 2: twice as large.  A widget whose text becomes larger is measured again by GTK. */
double ms_text_scale_get (GtkWidget *widget);

/* Gives @window the style class "large-text" as long as text is larger than usual by a quarter or more: its icons grow
 * with it then (data/style.css). */
void ms_text_scale_mark (GtkWidget *window);

G_END_DECLS
