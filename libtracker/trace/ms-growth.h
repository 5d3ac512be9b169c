/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Blocks that realloc made larger again and again: which stacks should have asked for more at once.
 *
 *   malloc 64 ─▶ realloc 128 ─▶ realloc 256 ─▶ realloc 100 ─▶ realloc 512 ─▶ free
 *                growth 1        growth 2       (shrinks)     growth 3: the chain counts at its stack
 *
 * A chain is known by the address at which its block lives; between a realloc's two events it lies with
 * the thread that is in it.  Only blocks that grew once are in here, and the live table has a bit that
 * says so: a program that never calls realloc pays for a test of that bit.
 */
#pragma once

#include "ms-key-map.h"
#include "ms-trace.h"

G_BEGIN_DECLS

typedef struct {
  guint64 address;
  guint64 growths, copied_bytes, first_bytes, final_bytes;
  guint32 stack; /* number in the stack table, of the latest growth */
} MsGrowingBlock;

/* What a thread has in hand while it is in a realloc. */
typedef struct {
  gboolean under_way;
  guint64 old_bytes;
  MsGrowingBlock *block; /* NULL: it never grew */
} MsRealloc;

typedef struct {
  GHashTable *blocks;       /* of MsGrowingBlock, by address */
  GArray *chains;           /* of MsGrowthChains; stack: number in the stack table */
  MsKeyMap chains_of_stack; /* index into chains */
} MsGrowth;

void ms_growth_init (MsGrowth self[MS_N_DOMAINS]);
void ms_growth_clear (MsGrowth self[MS_N_DOMAINS]);

/* A realloc begins: the block at @address has gone, if it comes back. */
void ms_growth_begin (MsGrowth *self,
                      MsRealloc *call,
                      guint64 address,
                      guint64 bytes,
                      gboolean grown);
/* It ends with a block of @bytes.  Returns whether that is one that grew. */
gboolean ms_growth_end (MsGrowth *self,
                        MsRealloc *call,
                        guint64 address,
                        guint64 bytes,
                        guint32 stack);
/* A block that grew was freed. */
void ms_growth_free (MsGrowth *self, guint64 address);
/* The realloc did not end, or its end is not known. */
void ms_growth_abandon (MsGrowth *self, MsRealloc *call);
/* The trace ends: counts the blocks that are still live. */
void ms_growth_finish (MsGrowth *self);

/* Most copied bytes first: the order of public lists. */
int ms_growth_compare (gconstpointer a, gconstpointer b);

G_END_DECLS
