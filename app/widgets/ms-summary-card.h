/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One figure of the whole process: what it is, the figure, and one line about it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MS_TYPE_SUMMARY_CARD (ms_summary_card_get_type ())
G_DECLARE_FINAL_TYPE (MsSummaryCard, ms_summary_card, MS, SUMMARY_CARD, GtkWidget)

GtkWidget *ms_summary_card_new (const char *title);
/* Before the figure that it names is set. */
void ms_summary_card_set_title (MsSummaryCard *self, const char *title);
/* @figure NULL: not available, and @note says why. */
/* What it says is not known yet. */
void ms_summary_card_wait (MsSummaryCard *self);
void ms_summary_card_set (MsSummaryCard *self, const char *figure, const char *note);

G_END_DECLS
