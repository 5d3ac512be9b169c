/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads: every figure of every thread in one table, the greatest peak first.  A focused thread is
 * the only one shown.
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"

G_BEGIN_DECLS

#define MS_TYPE_THREADS_PAGE (ms_threads_page_get_type ())
G_DECLARE_FINAL_TYPE (MsThreadsPage, ms_threads_page, MS, THREADS_PAGE, AdwBin)

GtkWidget *ms_threads_page_new (void);

/* NULL: nothing. */
void ms_threads_page_set_lens (MsThreadsPage *self, MsLens *lens);
void ms_threads_page_start_search (MsThreadsPage *self);

/* The rows shown, in the order shown. (transfer none) (element-type MsThreadRow) */
GListModel *ms_threads_page_get_rows (MsThreadsPage *self);
/* Puts them on the clipboard as CSV; returns how many. */
guint ms_threads_page_copy_csv (MsThreadsPage *self);

G_END_DECLS
