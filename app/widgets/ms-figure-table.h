/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a plot shows, as a table: for those who cannot see it, and for those who want the numbers.  The
 * first columns are names, the others figures.  As CSV it has the exact values.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MS_TYPE_FIGURE_TABLE (ms_figure_table_get_type ())
G_DECLARE_FINAL_TYPE (MsFigureTable, ms_figure_table, MS, FIGURE_TABLE, AdwBin)

/* @titles: NULL-terminated; of them the first @n_names are of columns of names.  @label: the accessible
 * name. */
GtkWidget *ms_figure_table_new (const char *label, const char *const *titles, guint n_names);

void ms_figure_table_clear (MsFigureTable *self);
/* @shown and @exact: a text a column, NULL-terminated. */
void ms_figure_table_add (MsFigureTable *self, const char *const *shown, const char *const *exact);
guint ms_figure_table_get_n_rows (MsFigureTable *self);
char *ms_figure_table_to_csv (MsFigureTable *self);

G_END_DECLS
