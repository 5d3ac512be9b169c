/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What all pages of a window have in common: they see the trace through the same lens.  Another page is
 * a line in ms-window-pages.c and one in ms-window.ui.
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"

G_BEGIN_DECLS

/* Before the window's template is read. */
void ms_window_pages_ensure_types (void);
/* Names the rows of page buttons, and gives each button as much of the one below a narrow window as its
 * name wants: equal shares would cut the long ones. */
void ms_window_pages_fit_switchers (GtkWidget *window);
/* @lens NULL: there is no trace. */
void ms_window_pages_set_lens (AdwViewStack *pages, MsLens *lens);
/* The keyboard goes to what somebody comes to the visible page for: its table, its plot, its first card. */
void ms_window_pages_grab_focus (AdwViewStack *pages);
/* Where the visible page has no search of its own, threads are shown and searched for. */
void ms_window_pages_start_search (AdwViewStack *pages);
/* The visible page copies its table as CSV; FALSE: it has none of its own. */
gboolean ms_window_pages_copy_table (AdwViewStack *pages);
/* Whether the visible page still waits for figures. */
gboolean ms_window_pages_is_busy (AdwViewStack *pages);

G_END_DECLS
