/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The headings of a table, which GTK 4.8 gives to the pointer alone: one of them takes the keyboard with Tab, the arrow
 * keys, Home and End walk along them, and Enter or the space bar sorts as a click does.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The column at @place was clicked, or its heading activated with a key. */
typedef void (*MsHeadingActivated) (guint place, gpointer data);

/* Once @view has all of its columns.  @activated NULL: sorts by the column, the most first, and in the other order when
 * it is activated again. */
void ms_headings_set_up (GtkColumnView *view, MsHeadingActivated activated, gpointer data);

/* The widget of a heading; NULL: there is none. (transfer none) */
GtkWidget *ms_headings_get (GtkColumnView *view, guint place);

G_END_DECLS
