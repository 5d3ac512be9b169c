/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What tests of the whole window share: a small trace, and a window that shows it. */
#pragma once

#include "ms-window.h"

#define WINDOW_TEST_N_WORKERS 4
#define WINDOW_TEST_HOSTILE_NAME "=1+<b>\n\"x\""

/* A main thread (id 0) and workers; worker n holds n × 10 MB from 2n + 0.01 µs to 1 ms, the first has a hostile
 * name, the last is not tracked. (transfer full): for test_folder_remove() */
char *window_test_new_trace (void);
/* Mapped, and loaded or in trouble. */
MsWindow *window_test_open (const char *folder);
/* A condition for widget_test_wait() on a window. */
gboolean window_test_is_settled (gpointer window);
/* The widget of @type on the page of this name, shown in a window of its own; it may still be at work. */
GtkWidget *window_test_open_page (const char *folder, const char *page, GType type);
/* Closes its window; the page goes with it. */
void window_test_close_page (GtkWidget *page);
