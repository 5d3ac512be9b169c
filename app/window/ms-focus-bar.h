/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first thing under the header: what the pages show, and of what.
 *
 *   (All 15 threads) (12.4–31.0 s of 42.7 s ×) storage-server · finished, exit 0 · …   Peak at 27.3 s
 *
 * Each filter of the focus is a button that removes it; the last one takes the range to the peak.
 */
#pragma once

#include <adwaita.h>
#include "ms-lens.h"

G_BEGIN_DECLS

#define MS_TYPE_FOCUS_BAR (ms_focus_bar_get_type ())
G_DECLARE_FINAL_TYPE (MsFocusBar, ms_focus_bar, MS, FOCUS_BAR, AdwBin)

/* @lens NULL: nothing is shown. */
void ms_focus_bar_set_lens (MsFocusBar *self, MsLens *lens);

G_END_DECLS
