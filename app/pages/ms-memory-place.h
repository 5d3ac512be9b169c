/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where somebody is in a table of the page Memory, by what stands there and not by numbers, so that it is found again
 * among later figures:
 *
 *   open       main ▸ run ▸ decode      the paths of rows that are open
 *   selected   main ▸ run
 *   top        120 px
 */
#pragma once

#include "ms-memory-row.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _MsMemoryPlace MsMemoryPlace;

/* Of @tree, of MsMemoryRow.  @selected: GTK_INVALID_LIST_POSITION: none. (transfer full) */
MsMemoryPlace *ms_memory_place_new (GtkTreeListModel *tree, guint selected, double top_px);
void ms_memory_place_free (MsMemoryPlace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsMemoryPlace, ms_memory_place_free)

/* Opens in @tree what was open.  The number of the row that was selected, or GTK_INVALID_LIST_POSITION. */
guint ms_memory_place_restore (const MsMemoryPlace *self, GtkTreeListModel *tree);
double ms_memory_place_get_top_px (const MsMemoryPlace *self);

G_END_DECLS
