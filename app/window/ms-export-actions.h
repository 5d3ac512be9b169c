/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the window exports:
 *
 *   win.export        one or more formats, as ms_export_files_from_name() has them, with commas between
 *   win.cancel-export
 *   win.open-uri      what was written, in its own program
 *
 * A folder is chosen, a worker writes, a toast says what came of it and opens it.  If a thread, a range or call
 * stacks are in focus, the dialog offers to export these alone, and does unless all is chosen.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* For a window's class_init. */
void ms_export_actions_install (GtkWidgetClass *window_class);

G_END_DECLS
