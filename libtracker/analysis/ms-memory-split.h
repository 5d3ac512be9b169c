/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where the process's memory is: what it asked for, what became of it, and what the system holds for it.
 *
 *   requested                the heap's live bytes, as asked for
 *   held for these           with malloc's words and rounding: derived from glibc's rule, as bounds
 *   mapped, by kind          address space that the program mapped itself
 *   resident, by kind        what the machine holds: from samples
 *   resident beyond these    resident anonymous memory less what is held for live blocks: free blocks that malloc
 *                            keeps, the program's own mappings, stacks, and its own data
 *
 * All at the end of the view's range, in bytes, and for one trace at its peak as well.
 */
#pragma once

#include "ms-resources.h"
#include "ms-view.h"

G_BEGIN_DECLS

/* Bytes each, at one instant but for the peaks; see the table above. */
typedef struct {
  MsMeasured requested_bytes;
  MsMeasured requested_peak_bytes;
  MsMeasured held_low_bytes, held_high_bytes; /* for requested_bytes; known together */
  MsMeasured mapped_bytes;
  MsMeasured mapped_peak_bytes;
  MsMeasured mapped_kind_bytes[MS_N_MAPPING_KINDS]; /* add up to mapped_bytes */
  MsMeasured resident_bytes;
  MsMeasured resident_anonymous_bytes;
  MsMeasured resident_file_bytes;
  MsMeasured resident_shared_bytes;
  MsMeasured swapped_bytes;
  MsMeasured beyond_low_bytes, beyond_high_bytes; /* resident beyond these; known together */
} MsMemorySplit;

/* @process NULL: not measured; else the levels at the end of the range. */
MS_API void ms_memory_split_init (MsMemorySplit *self,
                                  MsView *view,
                                  const MsProcessResources *process);

G_END_DECLS
