/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A window is as large as the last one was. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @settings NULL: nothing is kept. */
void ms_window_size_restore (GtkWindow *window, GSettings *settings);
void ms_window_size_save (GtkWindow *window, GSettings *settings);

G_END_DECLS
