/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The writing half of the rule table: once a return address and generation, so nothing here is hot.
 * A rule is one word that means itself, so no ordering is needed between the two words of a row.
 */
#include "trk-unwind-table.h"

#include <stddef.h>
#include <sys/mman.h>

#include "trk-loaded-object.h"
#include "trk-unwind.h"

TrkUnwindRow *trk_unwind_table;
_Atomic uint32_t trk_unwind_generation;

bool
trk_unwind_table_init (void)
{
  void *rows;

  if (trk_unwind_table)
    return true;
  rows = mmap (NULL, TRK_UNWIND_TABLE_BYTES, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (rows == MAP_FAILED)
    return false;
  /* Touched here and there: a huge page would make all of it memory. */
  madvise (rows, TRK_UNWIND_TABLE_BYTES, MADV_NOHUGEPAGE);
  trk_unwind_table = rows;
  return true;
}

void
trk_unwind_table_insert (uint64_t pc, TrkUnwindRule rule, uint32_t generation)
{
  /* The tag has run out of numbers: nothing is kept any more. */
  if (!trk_unwind_table || generation >= TRK_RULE_MAX_GENERATION)
    return;

  for (unsigned probe = 0; probe < TRK_UNWIND_TABLE_PROBES; probe++)
    {
      TrkUnwindRow *row = trk_unwind_table_row (pc, probe);
      uint64_t key = 0;

      if (atomic_compare_exchange_strong_explicit (&row->pc, &key, pc, memory_order_relaxed,
                                                   memory_order_relaxed))
        atomic_fetch_add_explicit (&trk_unwind_counters.n_rules, 1, memory_order_relaxed);
      else if (key != pc)
        continue;
      atomic_store_explicit (&row->rule, trk_rule_with_generation (rule, generation),
                             memory_order_relaxed);
      return;
    }
  atomic_fetch_add_explicit (&trk_unwind_counters.n_table_full, 1, memory_order_relaxed);
}

void
trk_unwind_forget (void)
{
  uint32_t generation = atomic_load_explicit (&trk_unwind_generation, memory_order_relaxed);

  /* First: a rule of the new generation is read from what is there then. */
  trk_loaded_object_forget ();
  while (generation < TRK_RULE_MAX_GENERATION
         && !atomic_compare_exchange_weak_explicit (&trk_unwind_generation, &generation,
                                                    generation + 1, memory_order_acq_rel,
                                                    memory_order_relaxed))
    ;
}
