/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The order of a table whose figures change by themselves: what a hand is on does not slip away from under it.
 *
 *   pointer over the table    rows stay in their places, whatever their figures; new ones come last
 *   pointer elsewhere         no opinion: the sorters after this one decide
 *
 * It comes first in a GtkMultiSorter, and is told before new rows take the place of the old ones.
 */
#pragma once

#include "ms-thread-row.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MS_TYPE_HELD_ORDER (ms_held_order_get_type ())
G_DECLARE_FINAL_TYPE (MsHeldOrder, ms_held_order, MS, HELD_ORDER, GtkSorter)

/* @view: the table. */
MsHeldOrder *ms_held_order_new (GtkWidget *view);

/* @rows, of MsThreadRow, are about to be replaced by others of the same threads. */
void ms_held_order_keep (MsHeldOrder *self, GListModel *rows);
/* A person wants another order. */
void ms_held_order_release (MsHeldOrder *self);

G_END_DECLS
