/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What became more, and what less: of two halves or ranges of a recording, or of two recordings.
 *
 *   Halves | Ranges | Recordings     By: live at the peak ▾   ⇄
 *   Before: python3, 0.0–0.3 s        After: python3, 0.3–0.7 s
 *   Peak  Allocated  Allocations  Never freed  Temporary                with change and direction
 *   differential flame graph, or its table
 *   threads by name; call stacks                                        tables, sorted by a click
 */
#pragma once

#include <adwaita.h>
#include "ms-compare-source.h"

G_BEGIN_DECLS

#define MS_TYPE_COMPARE_PAGE (ms_compare_page_get_type ())
G_DECLARE_FINAL_TYPE (MsComparePage, ms_compare_page, MS, COMPARE_PAGE, AdwBin)

GtkWidget *ms_compare_page_new (void);
/* @lens NULL: nothing. */
void ms_compare_page_set_lens (MsComparePage *self, MsLens *lens);
/* Whether figures are still being looked for. */
gboolean ms_compare_page_is_busy (MsComparePage *self);

void ms_compare_page_set_what (MsComparePage *self, MsCompareWhat what);
/* The range that is looked at becomes the one that others are compared with. */
void ms_compare_page_keep_range (MsComparePage *self);
/* Opens the recording or trace folder @path as the other one. */
void ms_compare_page_open (MsComparePage *self, const char *path);
/* What is shown; NULL: nothing yet, or a problem. (transfer none) (nullable) */
const MsCompareResult *ms_compare_page_get_result (MsComparePage *self);

G_END_DECLS
