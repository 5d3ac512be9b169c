/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A card with a small plot in it and, in its place when wanted, the table that says the same:
 *
 *   Sizes                             ▤ ⋮     the table; copy it as CSV, save the picture
 *   ▁▂▅██████▃▂▁▁
 *   12 031 allocations; most, 31.0 %, …       in words; of what is under the pointer while there is one
 */
#pragma once

#include "ms-figure-table.h"
#include "ms-plot-area.h"

G_BEGIN_DECLS

#define MS_TYPE_PLOT_CARD (ms_plot_card_get_type ())
G_DECLARE_FINAL_TYPE (MsPlotCard, ms_plot_card, MS, PLOT_CARD, AdwBin)

/* Takes both widgets.  @name: of files that are saved, without an ending. */
GtkWidget *ms_plot_card_new (const char *title,
                             const char *name,
                             MsPlotArea *area,
                             MsFigureTable *table);

G_END_DECLS
