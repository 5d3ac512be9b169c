/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A table of changes, sorted by a click on a title; at first by the size of the change.
 *
 *   Thread        Before     After      Change ▾              Before and After are left out where it is narrow
 *   worker       1.0 MB    5.0 MB     ▲ +4.0 MB   +400 %
 *   main         2.0 MB    2.1 MB        +0.1 MB   not significant
 */
#pragma once

#include <adwaita.h>
#include "ms-change.h"

G_BEGIN_DECLS

#define MS_TYPE_CHANGE_TABLE (ms_change_table_get_type ())
G_DECLARE_FINAL_TYPE (MsChangeTable, ms_change_table, MS, CHANGE_TABLE, AdwBin)

/* @title: of the column of names, and the accessible name. */
GtkWidget *ms_change_table_new (const char *title);
void ms_change_table_clear (MsChangeTable *self);
/* @name: fit for display.  @tooltip: all of it, or NULL.  A double click or Enter on it is the signal "activated" with
 * @number. */
void ms_change_table_add (MsChangeTable *self,
                          guint number,
                          const char *name,
                          const char *tooltip,
                          const MsChange *change,
                          gboolean is_bytes);

guint ms_change_table_get_n_rows (MsChangeTable *self);
/* In the order in which rows are shown. (transfer none) */
const char *ms_change_table_get_name_at (MsChangeTable *self, guint position);
/* With exact values, in the order shown. (transfer full) */
char *ms_change_table_to_csv (MsChangeTable *self);

G_END_DECLS
