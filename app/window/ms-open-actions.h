/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How a trace comes into the window:
 *
 *   win.open        a folder is chosen
 *   win.open-path   this folder: what a recent trace's button does
 *   win.record      a program is run, and its trace opened when it has ended
 *   a drop          of a folder, or of a data file of heaptrack
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* For a window's class_init. */
void ms_open_actions_install (GtkWidgetClass *window_class);
/* For its init. */
void ms_open_actions_add_drop (GtkWidget *window);

G_END_DECLS
