/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The rows of each list that the page Memory can show. */
#pragma once

#include "ms-memory-table.h"

G_BEGIN_DECLS

/* @around NULL: it is not known yet.  @is_match: by function; NULL: all. (transfer full) (element-type MsMemoryRow) */
GListModel *ms_memory_rows_new (MsMemoryFigures *figures,
                                MsMemoryList list,
                                const MsMemoryAround *around,
                                const gboolean *is_match);

G_END_DECLS
