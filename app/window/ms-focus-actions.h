/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the window's actions do to its focus:
 *
 *   win.leave-focus     Escape: the thread goes, else the stacks, else the range
 *   win.remove-filter   "thread", "range" or "stack": a pill's button
 *   win.go-back, win.go-forward   Alt+Left, Alt+Right, the side buttons of a mouse
 *   win.go-to-peak      the time around the peak: the focused thread's own, else that of the process
 */
#pragma once

#include <gtk/gtk.h>
#include "ms-focus.h"

G_BEGIN_DECLS

/* For a window's class_init. */
void ms_focus_actions_install (GtkWidgetClass *window_class);
/* For its init. */
void ms_focus_actions_add_mouse (GtkWidget *window, MsFocus *focus);

G_END_DECLS
