/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Address ranges, each with a number: filled, sealed once, then asked.  Where ranges overlap the
 * one that starts last answers, which of nested ones is the innermost.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MsRangeTable MsRangeTable;

MsRangeTable *ms_range_table_new (void);
void ms_range_table_free (MsRangeTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsRangeTable, ms_range_table_free)

/* [start, end) */
void ms_range_table_add (MsRangeTable *self, guint64 start, guint64 end, guint64 value);
void ms_range_table_seal (MsRangeTable *self);

/* Only after seal(). */
gboolean ms_range_table_find (MsRangeTable *self, guint64 address, guint64 *value);

G_END_DECLS
