/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Blocks that realloc made larger again and again: which stacks should have asked for more at once.
 *
 *   malloc 64 ─▶ realloc 128 ─▶ realloc 256 ─▶ realloc 100 ─▶ realloc 512 ─▶ free
 *                growth 1        growth 2       (shrinks)     growth 3: the chain counts at its stack
 *
 * A chain is known by the number of its latest block; between a realloc's two events it lies with the
 * thread that is in it.  Only blocks that grew once are in here, and only those that came out of a realloc
 * are looked for: a program that never calls it pays for a test of a bit.
 */
#pragma once

#include "ms-key-map.h"
#include "ms-trace.h"

G_BEGIN_DECLS

typedef struct {
  guint64 number;
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

/* A realloc begins: block @number has gone, if it comes back. */
void ms_growth_begin (MsGrowth *self,
                      MsRealloc *call,
                      guint64 number,
                      guint64 bytes,
                      gboolean moved);
/* It ends with block @number, of @bytes. */
void ms_growth_end (MsGrowth *self, MsRealloc *call, guint64 number, guint64 bytes, guint32 stack);
/* A block that came out of a realloc was freed. */
void ms_growth_free (MsGrowth *self, guint64 number);
/* The realloc did not end, or its end is not known. */
void ms_growth_abandon (MsGrowth *self, MsRealloc *call);
/* The trace ends: counts the blocks that are still live. */
void ms_growth_finish (MsGrowth *self);
/* What that would make of the chains, those of the @n_calls under way included; @calls are @step bytes
 * apart. (transfer full) (element-type MsGrowthChains) */
GArray *ms_growth_count (const MsGrowth *self, const MsRealloc *calls, gsize step, guint n_calls);

/* Most copied bytes first: the order of public lists. */
int ms_growth_compare (gconstpointer a, gconstpointer b);

G_END_DECLS
