/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The walk on processors that have no rules yet (trk-unwind-arch.h): along the chain of frame
 * records, which the x86-64 and aarch64 ABIs lay out alike.
 *
 *   bp ──▶ [ caller's bp ][ return address ]
 *
 * Complete only where everything is compiled with frame pointers; a stack ends, truncated, at the
 * first record that is not above the last.  A record of zeroes is the outermost.
 */
#include "trk-unwind.h"

#include "trk-loaded-object.h"
#include "trk-unwind-stack.h"

TrkUnwindCounters trk_unwind_counters;

void
trk_unwind_init (void)
{
  trk_loaded_object_init ();
  trk_unwind_stack_init ();
}

void
trk_unwind_forget (void)
{
  trk_loaded_object_forget ();
}

void
trk_unwind_begin (TrkUnwindCursor *cursor, const TrkUnwindStart *start)
{
  *cursor = (TrkUnwindCursor) {
    .pc = start->pc,
    .sp = start->sp,
    .bp = start->bp,
    .repeatable = true,
  };
  trk_unwind_stack_range (start->sp, &cursor->low, &cursor->high);
}

static bool
reach (TrkUnwindCursor *cursor, uint64_t address)
{
  return (address >= cursor->low && address < cursor->high && !(address & 7))
         || trk_unwind_stack_reach (address, &cursor->low, &cursor->high);
}

TrkUnwindStatus
trk_unwind_step (TrkUnwindCursor *cursor)
{
  const uint64_t *record = (const uint64_t *) (uintptr_t) cursor->bp;

  cursor->used_bp = true;

  if (cursor->bp == 0)
    return TRK_UNWIND_END;
  /* The caller's sp is above its own record, so a lower record is none. */
  if (cursor->bp < cursor->sp || !reach (cursor, cursor->bp) || !reach (cursor, cursor->bp + 8))
    return TRK_UNWIND_STUCK;

  cursor->bp_slot = cursor->bp;
  cursor->pc_slot = cursor->bp + 8;
  cursor->sp = cursor->bp + 16;
  cursor->bp = record[0];
  cursor->pc = record[1];
  return cursor->pc ? TRK_UNWIND_FRAME : TRK_UNWIND_END;
}

unsigned
trk_unwind (const TrkUnwindStart *start, uint64_t *frames, unsigned max, bool *truncated)
{
  TrkUnwindStatus status = TRK_UNWIND_FRAME;
  TrkUnwindCursor cursor;
  unsigned n = 0;

  trk_unwind_begin (&cursor, start);
  while (status == TRK_UNWIND_FRAME && n < max)
    {
      frames[n++] = cursor.pc;
      status = trk_unwind_step (&cursor);
    }
  *truncated = status != TRK_UNWIND_END;
  if (status == TRK_UNWIND_STUCK)
    atomic_fetch_add_explicit (&trk_unwind_counters.n_stuck, 1, memory_order_relaxed);
  return n;
}
