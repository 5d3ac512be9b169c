/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Timeline: what the program, or the focused thread, did over time.  A range that is selected here is the
 * focus's, and filters every page; "What grew?" compares its two ends.
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"
#include "ms-timeline.h"

G_BEGIN_DECLS

#define MS_TYPE_TIMELINE_PAGE (ms_timeline_page_get_type ())
G_DECLARE_FINAL_TYPE (MsTimelinePage, ms_timeline_page, MS, TIMELINE_PAGE, AdwBin)

GtkWidget *ms_timeline_page_new (void);

/* NULL: nothing. */
void ms_timeline_page_set_lens (MsTimelinePage *self, MsLens *lens);

/* (transfer none) */
MsTimeline *ms_timeline_page_get_timeline (MsTimelinePage *self);
/* Whether what is shown is not yet of the focus, or not yet as fine as it will be. */
gboolean ms_timeline_page_is_busy (MsTimelinePage *self);

G_END_DECLS
