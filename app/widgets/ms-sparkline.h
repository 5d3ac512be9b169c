/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A curve the height of a line of text, on a scale of its own: how something went, not how much it was.  What it
 * shows stands beside it in figures, so that a screen reader skips it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MS_TYPE_SPARKLINE (ms_sparkline_get_type ())
G_DECLARE_FINAL_TYPE (MsSparkline, ms_sparkline, MS, SPARKLINE, GtkWidget)

GtkWidget *ms_sparkline_new (void);
/* Copies @bins; none: nothing is drawn. */
void ms_sparkline_set_bins (MsSparkline *self, const guint64 *bins, guint n_bins);
guint ms_sparkline_get_n_bins (MsSparkline *self);

G_END_DECLS
