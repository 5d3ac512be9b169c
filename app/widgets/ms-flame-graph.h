/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A flame graph, or upside down an icicle, of one call tree.  All of it works by pointer and by keyboard:
 *
 *   pointer            keyboard               what it does
 *   over a frame       arrows, Home, End      reads it: "reading", the tooltip, the screen reader
 *   Ctrl+wheel         Enter, Backspace       zooms into the frame; back out
 *   click              Space                  "chosen": filter by the frame's call stacks
 *   double click       Ctrl+Enter             "opened": its line in the source
 *   right click        Menu, Shift+F10        the menu
 *
 * It stands in a scrolled window and is as high as its calls are deep.  The picture is painted once for a
 * size; what follows the pointer is drawn on top.
 */
#pragma once

#include <gtk/gtk.h>
#include "ms-flame-paint.h"

G_BEGIN_DECLS

#define MS_TYPE_FLAME_GRAPH (ms_flame_graph_get_type ())
G_DECLARE_FINAL_TYPE (MsFlameGraph, ms_flame_graph, MS, FLAME_GRAPH, GtkWidget)

GtkWidget *ms_flame_graph_new (void);

/* What is zoomed into and what the cursor is on stay, if @tree has the same path of functions.
 * @tree NULL: nothing. */
void ms_flame_graph_set_tree (MsFlameGraph *self, MsCallTree *tree, gboolean is_bytes);
/* (transfer none) (nullable) */
MsCallTree *ms_flame_graph_get_tree (MsFlameGraph *self);
void ms_flame_graph_set_orientation (MsFlameGraph *self, MsFlameOrientation orientation);
/* Frames that lead to none of these stacks are faded. @stacks NULL: none is. */
void ms_flame_graph_set_kept (MsFlameGraph *self, const guint *stacks, guint n);

/* Marks the functions whose name has @needle in it, whatever the case; "" marks nothing.  Returns how many
 * there are.  *@is_match: by function, NULL if nothing is searched for. (transfer none) */
guint ms_flame_graph_search (MsFlameGraph *self, const char *needle, const gboolean **is_match);

/* Nodes of the tree. */
guint ms_flame_graph_get_zoomed (MsFlameGraph *self);
void ms_flame_graph_zoom (MsFlameGraph *self, guint node);
/* To what calls the zoomed frame. */
void ms_flame_graph_zoom_out (MsFlameGraph *self);
/* -1: none. */
gint ms_flame_graph_get_cursor (MsFlameGraph *self);
/* The frame that is read, or the picture, in words. */
char *ms_flame_graph_dup_reading (MsFlameGraph *self);

/* The menu over a frame; its actions find the frame by ms_flame_graph_get_cursor(). */
void ms_flame_graph_set_menu (MsFlameGraph *self, GMenuModel *menu);

/* (transfer none) (nullable): while there is a tree. */
const MsModuleShades *ms_flame_graph_get_shades (MsFlameGraph *self);

/* For a file: all of it at @width_px, with the legend below it.  Returns the height; @cr NULL: only
 * that. */
double ms_flame_graph_paint (MsFlameGraph *self,
                             cairo_t *cr,
                             const MsPalette *palette,
                             double width_px);

G_END_DECLS
