/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A small plot with a pointer, a keyboard and a screen reader: a histogram, a matrix (see
 * ms-plot-kind.h).  The still part is painted once; the item under the pointer, or at the keyboard's
 * cursor, is marked on top, and the signal "reading" says it in words.  A click on it, or Enter, is the signal
 * "activated" with the item.
 */
#pragma once

#include <gtk/gtk.h>
#include "ms-plot-kind.h"

G_BEGIN_DECLS

#define MS_TYPE_PLOT_AREA (ms_plot_area_get_type ())
G_DECLARE_FINAL_TYPE (MsPlotArea, ms_plot_area, MS, PLOT_AREA, GtkWidget)

/* @label: its accessible name. */
GtkWidget *ms_plot_area_new (const MsPlotKind *kind, const char *label);

/* Takes @plot; NULL: nothing is shown. (transfer full) */
void ms_plot_area_set_plot (MsPlotArea *self, gpointer plot);
/* (transfer none) (nullable) */
gpointer ms_plot_area_get_plot (MsPlotArea *self);
/* The item that is read; -1: none. */
gint ms_plot_area_get_item (MsPlotArea *self);
/* The picture in words, or the item that is read. */
char *ms_plot_area_dup_reading (MsPlotArea *self);

/* For a file: at this size, on the palette's surface. */
void ms_plot_area_paint (MsPlotArea *self, cairo_t *cr, const MsPalette *palette);

G_END_DECLS
