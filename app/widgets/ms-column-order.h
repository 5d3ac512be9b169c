/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which column a view is sorted by, for rows that are sorted by somebody else: a list that has its figures without
 * making a hundred thousand rows of them.  GTK 4.8 does not tell; a sorter that compares nothing does, by being asked.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* For gtk_column_view_column_set_sorter(). (transfer full) */
GtkSorter *ms_column_order_new_sorter (guint column);
/* The column whose heading was clicked last; −1: none. */
gint ms_column_order_find (GtkColumnView *view, gboolean *ascending);

G_END_DECLS
