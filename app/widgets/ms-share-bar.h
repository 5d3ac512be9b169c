/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A share of a whole, as a bar and in figures: "███▌   31.0 %". */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MS_TYPE_SHARE_BAR (ms_share_bar_get_type ())
G_DECLARE_FINAL_TYPE (MsShareBar, ms_share_bar, MS, SHARE_BAR, GtkWidget)

GtkWidget *ms_share_bar_new (void);

/* @share: 0 to 1; below 0: there is none, and nothing is shown. */
void ms_share_bar_set_share (MsShareBar *self, double share);

G_END_DECLS
