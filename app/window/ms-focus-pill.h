/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first thing under the header: which threads the pages show.  "All 50 threads", or the focused
 * one as a button that removes the filter.
 */
#pragma once

#include <adwaita.h>
#include "ms-document.h"
#include "ms-focus.h"

G_BEGIN_DECLS

#define MS_TYPE_FOCUS_PILL (ms_focus_pill_get_type ())
G_DECLARE_FINAL_TYPE (MsFocusPill, ms_focus_pill, MS, FOCUS_PILL, AdwBin)

GtkWidget *ms_focus_pill_new (void);
/* @document NULL: nothing is shown. */
void ms_focus_pill_update (MsFocusPill *self, MsDocument *document, MsFocus *focus);

G_END_DECLS
