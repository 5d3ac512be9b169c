/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A file as valgrind's massif writes it, for ms_print and massif-visualizer: live bytes over time, and for
 * the peak the tree of who allocated them.
 *
 *   snapshot=0 … n    the most live bytes of each stretch of the trace; heap_tree=empty
 *   the peak's        at its own time, with heap_tree=peak: functions that allocated, their callers below
 *
 * Time is in ms with fractions, where massif has whole ones.  mem_heap_extra_B and mem_stacks_B, which
 * were not measured, are 0, as massif writes what it was not asked for.
 */
#pragma once

#include "ms-export-view.h"

G_BEGIN_DECLS

gboolean ms_massif_write (GOutputStream *stream,
                          MsExportView *view,
                          GCancellable *cancellable,
                          GError **error);

G_END_DECLS
