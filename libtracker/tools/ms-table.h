/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A table for a terminal.  When it is too wide, first the columns that may shrink do, down to a
 * dozen letters, then whole columns go, the least wanted first: a row never wraps.
 */
#pragma once

#include "ms-terminal.h"

G_BEGIN_DECLS

typedef struct {
  const char *title;
  gboolean is_right; /* figures */
  gboolean may_shrink;
  guint rank; /* 0 is never left out; the greatest goes first */
} MsColumn;

typedef struct _MsTable MsTable;

MsTable *ms_table_new (const MsColumn *columns, guint n_columns);
void ms_table_free (MsTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsTable, ms_table_free)

/* The next cell, row by row.  Takes @text, which may come from a traced program. */
void ms_table_add (MsTable *self, MsStyle style, char *text);

/* Appends the table with a line of titles, two spaces in from the left. */
void ms_table_print (MsTable *self, const MsTerminal *terminal, GString *out);

G_END_DECLS
