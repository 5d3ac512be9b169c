/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Overview: what the process did in a row of figures, and its threads as cards.  Filters and order
 * belong to the page; what is focused belongs to MsFocus.
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"

G_BEGIN_DECLS

#define MS_TYPE_OVERVIEW_PAGE (ms_overview_page_get_type ())
G_DECLARE_FINAL_TYPE (MsOverviewPage, ms_overview_page, MS, OVERVIEW_PAGE, AdwBin)

GtkWidget *ms_overview_page_new (void);

/* NULL: nothing. */
void ms_overview_page_set_lens (MsOverviewPage *self, MsLens *lens);
void ms_overview_page_start_search (MsOverviewPage *self);
gboolean ms_overview_page_is_busy (MsOverviewPage *self);

G_END_DECLS
