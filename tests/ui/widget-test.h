/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What tests of widgets share: a display or exit 77, a window, frames, a picture. */
#pragma once

#include <adwaita.h>

/* Exits 77 where there is no display. */
void widget_test_init (int *argc, char ***argv);

/* A mapped window of @width × @height around @child, drawn once. */
GtkWindow *widget_test_show (GtkWidget *child, int width, int height);
/* Closes it and lets everything go. */
void widget_test_close (GtkWindow *window);

/* Runs the main loop until @condition holds; fails after a minute, and says which it was. */
typedef gboolean (*WidgetTestCondition) (gpointer data);
void widget_test_wait_for (WidgetTestCondition condition, gpointer data, const char *words);
#define widget_test_wait(condition, data) \
  widget_test_wait_for (condition, data, G_STRLOC ": " #condition)
void widget_test_wait_frames (GtkWidget *widget, guint n_frames);
/* For what is written at once. */
void widget_test_wait_for_file (const char *path);

/* What @widget draws, as ARGB pixels. */
cairo_surface_t *widget_test_picture (GtkWidget *widget);
/* How many pixels of a picture are not transparent and not of the colour at its corner. */
guint widget_test_count_ink (cairo_surface_t *picture);

/* The first widget below @root, itself included, of a type; a button with this accessible name; a label whose
 * text has this part.  NULL: there is none. */
GtkWidget *widget_test_find (GtkWidget *root, GType type);
GtkWidget *widget_test_find_button (GtkWidget *root, const char *name);
GtkWidget *widget_test_find_label (GtkWidget *root, const char *part);
