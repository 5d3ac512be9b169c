/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which blocks are live while a heaptrack file is read, and the address that each has in our trace.
 *
 * Two kinds of files, two ways to say which block ends:
 *
 *   - 2f      an interpreted file: "one block of allocation info 2f", and not which one.  All of them
 *             have one size and one call stack, so no total depends on it; the latest is taken.
 *   - 5639…   a raw file: the block at this pointer.
 *
 * Addresses are numbers of slots, used again as soon as they are free, as a real heap does it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MS_HEAPTRACK_NO_SLOT G_MAXUINT32

typedef struct {
  guint64 pointer;
  guint32 slot; /* MS_HEAPTRACK_NO_SLOT: empty */
} MsHeaptrackPointer;

typedef struct {
  GArray *next;      /* of guint32, by slot: another one of the same list */
  guint32 free_slot; /* the first of the free ones */

  /* Raw files only. */
  GArray *sizes;                /* of guint64, by slot */
  MsHeaptrackPointer *pointers; /* open addressing, linear probing */
  guint32 n_pointers;
  guint log2_pointers;
} MsHeaptrackBlocks;

void ms_heaptrack_blocks_init (MsHeaptrackBlocks *self);
void ms_heaptrack_blocks_clear (MsHeaptrackBlocks *self);
gsize ms_heaptrack_blocks_get_bytes (const MsHeaptrackBlocks *self);

/* Begins one in the list @first, which is MS_HEAPTRACK_NO_SLOT while empty; returns its slot. */
guint32 ms_heaptrack_blocks_push (MsHeaptrackBlocks *self, guint32 *first);
/* Ends the latest of the list, which is not empty. */
guint32 ms_heaptrack_blocks_pop (MsHeaptrackBlocks *self, guint32 *first);

/* Begins one of @n_bytes at @pointer.  *@replaced is TRUE if another was live there: it stays live, out of
 * reach. */
guint32 ms_heaptrack_blocks_put (MsHeaptrackBlocks *self,
                                 guint64 pointer,
                                 guint64 n_bytes,
                                 gboolean *replaced);
/* Ends the one at @pointer, of *@n_bytes; MS_HEAPTRACK_NO_SLOT if there is none. */
guint32 ms_heaptrack_blocks_take (MsHeaptrackBlocks *self, guint64 pointer, guint64 *n_bytes);

static inline guint64
ms_heaptrack_blocks_address (guint32 slot)
{
  return G_GUINT64_CONSTANT (0x10000000000) + (guint64) slot * 16;
}

G_END_DECLS
