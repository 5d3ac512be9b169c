/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A table of texts: what a plot shows, for who would rather read it, by eye or by screen reader.  The
 * first column names the row; the others are figures.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MS_TYPE_TEXT_TABLE (ms_text_table_get_type ())
G_DECLARE_FINAL_TYPE (MsTextTable, ms_text_table, MS, TEXT_TABLE, GtkWidget)

/* @titles: NULL-terminated. */
GtkWidget *ms_text_table_new (const char *const *titles);
/* @cells: as many as there are titles. */
void ms_text_table_add_row (MsTextTable *self, const char *const *cells);
guint ms_text_table_get_n_rows (MsTextTable *self);
/* (transfer none) */
const char *ms_text_table_get_cell (MsTextTable *self, guint row, guint column);

G_END_DECLS
