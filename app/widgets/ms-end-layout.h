/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The line above a page: its words, and at the end of it the buttons.
 *
 *   wide    (All 12 threads)   decoder, finished …                           ‹ › Peak at 1.5 s
 *
 *   narrow  (All 12 threads)                ‹ › Peak at 1.5 s
 *           decoder, finished …
 *
 * The second of its children stands at the end of the line, beside the first as long as that has the least that it
 * needs, else below it.  A third one stands between them if all of it fits, else in a line of its own.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MS_TYPE_END_LAYOUT (ms_end_layout_get_type ())
G_DECLARE_FINAL_TYPE (MsEndLayout, ms_end_layout, MS, END_LAYOUT, GtkLayoutManager)

GtkLayoutManager *ms_end_layout_new (int spacing_px);

/* Labels of the buttons at and below @widget end in an ellipsis where there is no room, rather than keep a window wide:
 * a large font on a small screen needs it.  What they say in full they still say to a screen reader. */
void ms_end_layout_let_labels_shrink (GtkWidget *widget);

G_END_DECLS
