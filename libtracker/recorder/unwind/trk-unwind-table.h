/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Return address → rule, for the whole process: open addressing over rows of two words.
 *
 *   row   pc    0: free; set once by compare-and-swap, never changed again
 *         rule  0: not yet written; tagged with its generation, so a reader that sees a word from
 *               before a dlclose knows it, and the row is written anew in place
 *
 * Any number of readers and writers, no lock: two writers of one row write the same rule, or rules
 * of two generations, of which readers take the current one.  A full neighbourhood means that a
 * rule is not kept, never that a wrong one is returned.
 *
 * 4 MiB of address space, of which only touched pages are memory.
 */
#pragma once

#include <stdatomic.h>
#include "trk-hidden.h"
#include "trk-unwind-rule.h"

#define TRK_UNWIND_TABLE_BYTES (UINT64_C (4) << 20) /* a power of two */
#define TRK_UNWIND_TABLE_PROBES 16U

typedef struct {
  _Atomic uint64_t pc;
  _Atomic TrkUnwindRule rule;
} TrkUnwindRow;

extern TRK_HIDDEN TrkUnwindRow *trk_unwind_table;
extern TRK_HIDDEN _Atomic uint32_t trk_unwind_generation;

/* Maps the table. Without it every rule is decoded at each use. */
bool trk_unwind_table_init (void);

/* Keeps @rule, of generation 0, for @pc if there is room. @generation: as read before the rule. */
void trk_unwind_table_insert (uint64_t pc, TrkUnwindRule rule, uint32_t generation);

/* The address itself, in steps of four bytes, is a good hash: hardly two calls return within four
 * bytes, the rows of one function lie together in the cache, and the next step waits for every cycle
 * of this. */
static inline TrkUnwindRow *
trk_unwind_table_row (uint64_t pc, unsigned probe)
{
  uint64_t at = (pc * (sizeof (TrkUnwindRow) / 4) + probe * sizeof (TrkUnwindRow))
                & (TRK_UNWIND_TABLE_BYTES - sizeof (TrkUnwindRow));

  return (TrkUnwindRow *) ((char *) trk_unwind_table + at);
}

/* Returns TRK_RULE_NONE where it has none. */
static inline TrkUnwindRule
trk_unwind_table_lookup (uint64_t pc, uint32_t generation)
{
  if (!trk_unwind_table)
    return TRK_RULE_NONE;
  for (unsigned probe = 0; probe < TRK_UNWIND_TABLE_PROBES; probe++)
    {
      TrkUnwindRow *row = trk_unwind_table_row (pc, probe);
      uint64_t key = atomic_load_explicit (&row->pc, memory_order_relaxed);

      if (key == pc)
        {
          TrkUnwindRule rule = atomic_load_explicit (&row->rule, memory_order_relaxed);

          return trk_rule_generation (rule) == generation ? rule : TRK_RULE_NONE;
        }
      if (!key)
        break;
    }
  return TRK_RULE_NONE;
}
