/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Rows of the tables of the page Memory for a spreadsheet: their depth, and exact figures. */
#pragma once

#include "ms-memory-table.h"

G_BEGIN_DECLS

/* @rows: of GtkTreeListRow of MsMemoryRow. (transfer full) */
char *ms_memory_rows_to_csv (GListModel *rows, MsMemoryList list, MsMemoryMeasure measure);

G_END_DECLS
