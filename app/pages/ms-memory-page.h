/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Memory: which call stacks hold it.  One measure at a time (live at the peak, allocated, count, never
 * freed, temporary) for the picture and the lists; sizes, lifetimes, and who frees whose memory beside
 * them.  All of it is of the window's focus.
 *
 *   flame  icicle  callers   by  at peak  allocated  …            │ Sizes
 *   ┌ flame graph ────────────────────────────────┐               │ Lifetimes
 *   └─────────────────────────────────────────────┘               │ Who frees whose memory
 *   stacks  functions  top-down  bottom-up  around                │
 *   ┌ table ──────────────────────────────────────┐               │
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"

G_BEGIN_DECLS

#define MS_TYPE_MEMORY_PAGE (ms_memory_page_get_type ())
G_DECLARE_FINAL_TYPE (MsMemoryPage, ms_memory_page, MS, MEMORY_PAGE, AdwBin)

GtkWidget *ms_memory_page_new (void);

/* NULL: nothing is shown. */
void ms_memory_page_set_lens (MsMemoryPage *self, MsLens *lens);
/* Where the key editor-command is; NULL: the source is shown here. */
void ms_memory_page_set_settings (MsMemoryPage *self, GSettings *settings);
void ms_memory_page_start_search (MsMemoryPage *self);
/* The table that is shown, as CSV. */
char *ms_memory_page_to_csv (MsMemoryPage *self, guint *n_rows);

/* Whether what is shown is not that of the focus and of the names yet. */
gboolean ms_memory_page_get_busy (MsMemoryPage *self);

G_END_DECLS
