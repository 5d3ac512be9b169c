/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a screen reader says of a plot: what its cursor is on comes first, as that is what has just moved. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @item: NULL where the cursor is on nothing; @picture: the whole in words. */
void ms_plot_describe (GtkWidget *plot, const char *item, const char *picture);

G_END_DECLS
