/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A row of the tables of the page Memory, and lists of them.  A list makes a row when it is asked for
 * it: there may be a hundred thousand, of which a screen shows thirty.
 *
 *   stacks       each call stack by its site; below it its frames, innermost first
 *   functions    what each allocates itself and with what it calls
 *   nodes        of a call tree, below each its children
 *   around       a function: its callers' tree and its callees'
 */
#pragma once

#include "ms-memory-figures.h"

G_BEGIN_DECLS

#define MS_TYPE_MEMORY_ROW (ms_memory_row_get_type ())
G_DECLARE_FINAL_TYPE (MsMemoryRow, ms_memory_row, MS, MEMORY_ROW, GObject)

/* Fit for display: the short name, and all of it. */
const char *ms_memory_row_get_name (MsMemoryRow *self);
char *ms_memory_row_dup_full_name (MsMemoryRow *self);
/* " ← its caller ← that one's" of a stack: many share their site; else "". */
const char *ms_memory_row_get_callers (MsMemoryRow *self);
/* "queue.c:118", or the module; "" if neither is known. */
const char *ms_memory_row_get_place (MsMemoryRow *self);

/* What it stands for, by the measure and in allocations; standard errors are 0 if it is exact, NaN if not known. */
typedef struct {
  guint64 value, calls;
  double value_error, calls_error;
} MsMemoryRowFigures;

/* NULL: it is a frame of a stack, which has none. (transfer none) (nullable) */
const MsMemoryRowFigures *ms_memory_row_get_figures (MsMemoryRow *self);
/* Of the whole, 0 to 1. */
double ms_memory_row_get_share (MsMemoryRow *self);
/* Where it is in the source. (transfer none) (nullable) */
const MsFrame *ms_memory_row_get_frame (MsMemoryRow *self);
/* MS_FUNCTION_NONE: it is none. */
guint ms_memory_row_get_function (MsMemoryRow *self);
/* What to filter by. (transfer none) (nullable) (array length=n) */
const guint *ms_memory_row_get_stacks (MsMemoryRow *self, guint *n);

/* Rows of what is below @self; NULL: nothing is. (transfer full) */
GListModel *ms_memory_row_get_children (MsMemoryRow *self);

/* What a list is in order of.  As it is made: by value, the greatest first. */
typedef enum {
  MS_MEMORY_BY_VALUE,
  MS_MEMORY_BY_NAME,
  MS_MEMORY_BY_PLACE,
  MS_MEMORY_BY_CALLS
} MsMemoryKey;

typedef struct {
  MsMemoryKey key;
  gboolean ascending;
} MsMemoryOrder;

/* Before anybody looks at the list; what is below its rows is in the same order.  The frames of a stack keep theirs,
 * and so do who calls a function and what it calls. */
void ms_memory_rows_sort (GListModel *rows, MsMemoryOrder order);

/* --- lists; all (transfer full) (element-type MsMemoryRow) */

/* @is_match: by function; NULL: all.  Else stacks that have one, and such functions. */
GListModel *ms_memory_rows_new_stacks (MsMemoryFigures *figures, const gboolean *is_match);
GListModel *ms_memory_rows_new_functions (MsMemoryFigures *figures, const gboolean *is_match);
GListModel *ms_memory_rows_new_tree (MsMemoryFigures *figures, MsCallTree *tree);
/* Two rows: who calls a function, and what it calls. */
GListModel *ms_memory_rows_new_around (MsMemoryFigures *figures, const MsMemoryAround *around);

G_END_DECLS
