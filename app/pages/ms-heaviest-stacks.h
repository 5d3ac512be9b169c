/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which lines allocated most: five call stacks of what is looked at, each as one line.
 *
 *   ▾ Heaviest call stacks of ingest-1, by bytes allocated
 *     copy_text (text.c:31) ← parse_record (ingest.c:212)   18.0 MB   944 allocations
 *     grow_index (index.c:87) ← index_add (index.c:140)      3.1 MB    12 allocations
 *
 * A line is a button that shows its call stack.  The figures are there at once, the names when they are
 * known.
 */
#pragma once

#include "ms-lens.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define MS_TYPE_HEAVIEST_STACKS (ms_heaviest_stacks_get_type ())
G_DECLARE_FINAL_TYPE (MsHeaviestStacks, ms_heaviest_stacks, MS, HEAVIEST_STACKS, AdwBin)

/* Of what @lens shows now, with the names that it has now; NULL: nothing. */
void ms_heaviest_stacks_show (MsHeaviestStacks *self, MsLens *lens);

G_END_DECLS
