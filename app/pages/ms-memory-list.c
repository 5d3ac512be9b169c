/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-list.h"

GListModel *
ms_memory_rows_new (MsMemoryFigures *figures,
                    MsMemoryList list,
                    const MsMemoryAround *around,
                    const gboolean *is_match)
{
  switch (list)
    {
    case MS_MEMORY_LIST_FUNCTIONS:
      return ms_memory_rows_new_functions (figures, is_match);
    case MS_MEMORY_LIST_TOP_DOWN:
      return ms_memory_rows_new_tree (figures, figures->top_down);
    case MS_MEMORY_LIST_BOTTOM_UP:
      return ms_memory_rows_new_tree (figures, figures->bottom_up);
    case MS_MEMORY_LIST_AROUND:
      return around != NULL ? ms_memory_rows_new_around (figures, around)
                            : G_LIST_MODEL (g_list_store_new (MS_TYPE_MEMORY_ROW));
    case MS_MEMORY_LIST_STACKS:
    case MS_N_MEMORY_LISTS:
    default:
      return ms_memory_rows_new_stacks (figures, is_match);
    }
}
