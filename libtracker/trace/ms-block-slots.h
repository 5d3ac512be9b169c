/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which blocks are live while a trace is written, and the address that each has in it: the number of a slot,
 * used again as soon as it is free, as a real heap does it.
 *
 * A block is found again in one of two ways:
 *
 *   by a key, such as its pointer in a file of heaptrack or its number in a trace
 *   as the latest of a list, where the end of a block says what it was like and not which one it was
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MS_NO_SLOT G_MAXUINT32

typedef struct {
  guint64 pointer;
  guint32 slot; /* MS_NO_SLOT: empty */
} MsSlotKey;

typedef struct {
  GArray *next;      /* of guint32, by slot: another one of the same list */
  guint32 free_slot; /* the first of the free ones */

  /* By key. */
  GArray *sizes;       /* of guint64, by slot */
  MsSlotKey *pointers; /* open addressing, linear probing */
  guint32 n_pointers;
  guint log2_pointers;
} MsBlockSlots;

void ms_block_slots_init (MsBlockSlots *self);
void ms_block_slots_clear (MsBlockSlots *self);
gsize ms_block_slots_get_bytes (const MsBlockSlots *self);

/* Begins one in the list @first, which is MS_NO_SLOT while empty; returns its slot. */
guint32 ms_block_slots_push (MsBlockSlots *self, guint32 *first);
/* Ends the latest of the list, which is not empty. */
guint32 ms_block_slots_pop (MsBlockSlots *self, guint32 *first);

/* Begins one of @n_bytes at @pointer.  *@replaced is TRUE if another was live there: it stays live, out of
 * reach. */
guint32 ms_block_slots_put (MsBlockSlots *self,
                            guint64 pointer,
                            guint64 n_bytes,
                            gboolean *replaced);
/* Ends the one at @pointer, of *@n_bytes; MS_NO_SLOT if there is none. */
guint32 ms_block_slots_take (MsBlockSlots *self, guint64 pointer, guint64 *n_bytes);

/* Appends the slots of all that were put and not taken, in no order. @slots: of guint32. */
void ms_block_slots_list (const MsBlockSlots *self, GArray *slots);

static inline guint64
ms_block_slots_address (guint32 slot)
{
  return G_GUINT64_CONSTANT (0x10000000000) + (guint64) slot * 16;
}

G_END_DECLS
