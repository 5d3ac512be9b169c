/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The lists and trees of the page Memory, as one table:
 *
 *   ▸ decode_batch          queue.c:118      12.4 MB  ███▌      31.0 %     1 204
 *   ▾ std::vector<>::grow   index.cc:77       8.1 MB  ██▎       20.2 %       312
 *       grow                index.cc:70
 *
 * A row that has something below it opens with Right and closes with Left; Enter or a double click goes to
 * its line in the source.  Of the same list by the same measure, what was open, selected and on top stays so when
 * other figures come.
 */
#pragma once

#include <adwaita.h>
#include "ms-memory-row.h"

G_BEGIN_DECLS

typedef enum {
  MS_MEMORY_LIST_STACKS,
  MS_MEMORY_LIST_FUNCTIONS,
  MS_MEMORY_LIST_TOP_DOWN,
  MS_MEMORY_LIST_BOTTOM_UP,
  MS_MEMORY_LIST_AROUND,
  MS_N_MEMORY_LISTS
} MsMemoryList;

#define MS_TYPE_MEMORY_TABLE (ms_memory_table_get_type ())
G_DECLARE_FINAL_TYPE (MsMemoryTable, ms_memory_table, MS, MEMORY_TABLE, AdwBin)

GtkWidget *ms_memory_table_new (void);

/* @around: what MS_MEMORY_LIST_AROUND shows; NULL: nothing yet.  @is_match: by function, of a search; NULL: all.
 * @figures NULL: nothing. */
void ms_memory_table_show (MsMemoryTable *self,
                           MsMemoryFigures *figures,
                           MsMemoryList list,
                           const MsMemoryAround *around,
                           const gboolean *is_match);

/* The menu over a row; its actions find the row by ms_memory_table_dup_selected(). */
void ms_memory_table_set_menu (MsMemoryTable *self, GMenuModel *menu);

/* (transfer full) (nullable) */
MsMemoryRow *ms_memory_table_dup_selected (MsMemoryTable *self);
/* What is shown now: (element-type GtkTreeListRow). (transfer none) */
GListModel *ms_memory_table_get_rows (MsMemoryTable *self);
/* Opened rows with what is below them, too; exact figures. */
char *ms_memory_table_to_csv (MsMemoryTable *self);

G_END_DECLS
