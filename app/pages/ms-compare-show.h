/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How a comparison is put on cards, into the picture and into tables. */
#pragma once

#include "ms-change-table.h"
#include "ms-compare-source.h"
#include "ms-figure-table.h"
#include "ms-plot-area.h"

G_BEGIN_DECLS

/* What call stacks may be compared by, in the order in which they are offered. */
#define MS_COMPARE_N_FIGURES 5
extern const MsFigureKind MS_COMPARE_FIGURES[MS_COMPARE_N_FIGURES];

/* "Live at the peak".  @has_leaks: see MsCompareResult. */
const char *ms_compare_figure_title (MsFigureKind figure, gboolean has_leaks);
gboolean ms_compare_figure_is_bytes (MsFigureKind figure);

/* @cards: a box of MS_COMPARE_N_FIGURES summary cards. */
void ms_compare_show_totals (const MsCompareResult *result, GtkWidget *const *cards);
/* @zoomed: a node, 0: everything. */
void ms_compare_show_tree (const MsCompareResult *result, guint zoomed, MsPlotArea *area);
/* The same, of functions. */
void ms_compare_show_nodes (const MsCompareResult *result, MsFigureTable *table);
void ms_compare_show_rows (const MsCompareResult *result,
                           MsComparedKind kind,
                           MsChangeTable *table);

/* Focuses what @row is of, in the lens's recording: its call stacks, or (of several threads of one name) its first
 * thread.  FALSE: there is nothing of it there. */
gboolean ms_compare_focus_row (const MsCompareResult *result,
                               MsComparedKind kind,
                               guint row,
                               MsLens *lens);

G_END_DECLS
