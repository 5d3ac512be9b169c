/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The walk.  One step outward:
 *
 *   pc ──rule table──▶ rule ──▶ CFA from sp or bp ──▶ pc at CFA − 8, bp where the rule says, sp = CFA
 *      └─ not there: .eh_frame, then kept for the next time (not for a pc that a signal interrupted:
 *         those are all different)
 *
 * sp only grows, and every word read lies in the cursor's readable range (trk-unwind-stack.h), so a
 * wrong rule gives a wrong frame or an early end, never a fault and never an endless walk.  Runs in
 * every hook: see trk-unwind.h for what it may do.
 */
#include "trk-unwind.h"

#include "trk-loaded-object.h"
#include "trk-unwind-arch.h"
#include "trk-unwind-cfa.h"
#include "trk-unwind-eh-frame.h"
#include "trk-unwind-fallback.h"
#include "trk-unwind-stack.h"
#include "trk-unwind-table.h"

/* Beyond the wanted frames, to see whether a guess was right. */
#define MAX_CONFIRMING_STEPS 1000U

TrkUnwindCounters trk_unwind_counters;

void
trk_unwind_init (void)
{
  trk_loaded_object_init ();
  trk_unwind_stack_init ();
  trk_unwind_table_init ();
  trk_unwind_fallback_init ();
}

/* A return address in a module, in no function that has unwind information. */
static TrkUnwindRule
rule_of_bare_code (uint64_t pc, bool interrupted)
{
  TrkFde fde;

  /* No call returns to a function's first byte.  Somebody wrote it there to build a stack by hand:
   * makecontext its __start_context, which has ordinary unwind information and no caller. */
  if (!interrupted && trk_unwind_find_fde (pc, &fde) == TRK_FDE_FOUND && fde.function == pc)
    return TRK_RULE_END;
  if (trk_unwind_page_is_readable (pc) && trk_unwind_page_is_readable (pc + 8)
      && trk_unwind_is_signal_return ((const uint8_t *) (uintptr_t) pc,
                                      (const uint8_t *) (uintptr_t) pc + 9))
    return TRK_RULE_SIGNAL;
  return TRK_RULE_BARE;
}

static TrkUnwindRule
decode_rule (uint64_t pc, bool interrupted, bool *in_module)
{
  uint64_t at = interrupted ? pc : pc - 1;
  TrkFde fde;
  TrkFdeStatus status = trk_unwind_find_fde (at, &fde);

  *in_module = status != TRK_FDE_NO_MODULE;
  if (status == TRK_FDE_NO_MODULE)
    return TRK_RULE_BARE;
  if (status == TRK_FDE_ABSENT)
    return rule_of_bare_code (pc, interrupted);
  if (fde.signal_frame)
    return trk_unwind_is_signal_return ((const uint8_t *) (uintptr_t) pc,
                                        (const uint8_t *) (uintptr_t) fde.function_end)
               ? TRK_RULE_SIGNAL
               : TRK_RULE_UNSUPPORTED;
  return trk_unwind_rule_of_fde (&fde, pc, at);
}

static TrkUnwindRule
find_rule (const TrkUnwindCursor *cursor, bool *in_module)
{
  TrkUnwindRule rule = decode_rule (cursor->pc, cursor->interrupted, in_module);

  if (*in_module && !cursor->interrupted)
    trk_unwind_table_insert (cursor->pc, rule, cursor->generation);
  return rule;
}

static inline uint64_t
word_at (uint64_t address)
{
  return *(const uint64_t *) (uintptr_t) address;
}

/* A frame of code that nobody described: a JIT compiler's, hand-written assembly. Most such code
 * keeps a chain of frame records. */
static TrkUnwindStatus
step_by_guess (TrkUnwindCursor *cursor, bool in_module)
{
  uint64_t record = cursor->bp;

  cursor->used_bp = true;
  /* The ABI's own mark of the outermost frame; the dynamic linker's entry code, which calls
   * constructors, has no other.  A JIT compiler may use the register for anything. */
  if (record == 0)
    return in_module ? TRK_UNWIND_END : TRK_UNWIND_STUCK;
  if (record < cursor->sp || !trk_unwind_cursor_reach (cursor, record)
      || !trk_unwind_cursor_reach (cursor, record + 8) || word_at (record + 8) == 0)
    return TRK_UNWIND_STUCK;
  cursor->pc_slot = record + 8;
  cursor->bp_slot = record;
  cursor->pc = word_at (record + 8);
  cursor->bp = word_at (record);
  cursor->sp = record + 16;
  cursor->interrupted = false;
  cursor->guessed = true;
  cursor->repeatable = false;
  return TRK_UNWIND_FRAME;
}

/* The kinds that do not say where the CFA is, and the one that says it with a word of memory. */
static TrkUnwindStatus
step_by_rare_rule (TrkUnwindCursor *cursor, TrkUnwindRule rule, bool in_module, uint64_t *cfa)
{
  uint64_t slot;

  switch (trk_rule_kind (rule))
    {
    case TRK_RULE_END:
      return TRK_UNWIND_END;
    case TRK_RULE_SIGNAL:
      return trk_unwind_leave_signal (cursor) ? TRK_UNWIND_FRAME : TRK_UNWIND_STUCK;
    case TRK_RULE_BARE:
      return step_by_guess (cursor, in_module);
    case TRK_RULE_CFA_AT_BP:
      slot = cursor->bp + (uint64_t) trk_rule_cfa_offset (rule);
      if (slot < cursor->sp || !trk_unwind_cursor_reach (cursor, slot))
        return TRK_UNWIND_STUCK;
      *cfa = word_at (slot);
      cursor->repeatable = false;
      return TRK_UNWIND_FRAME;
    default:
      return TRK_UNWIND_STUCK;
    }
}

TrkUnwindStatus
trk_unwind_step (TrkUnwindCursor *cursor)
{
  TrkUnwindRule rule = TRK_RULE_NONE;
  uint64_t cfa, bp_slot = 0;
  bool in_module = true;

  if (!cursor->interrupted)
    rule = trk_unwind_table_lookup (cursor->pc, cursor->generation);
  if (rule == TRK_RULE_NONE)
    rule = find_rule (cursor, &in_module);

  if (trk_rule_kind (rule) == TRK_RULE_CFA_BP || trk_rule_bp (rule) == TRK_RULE_BP_AT_BP)
    cursor->used_bp = true;
  if (trk_rule_kind (rule) == TRK_RULE_CFA_SP)
    cfa = cursor->sp + (uint64_t) trk_rule_cfa_offset (rule);
  else if (trk_rule_kind (rule) == TRK_RULE_CFA_BP)
    cfa = cursor->bp + (uint64_t) trk_rule_cfa_offset (rule);
  else
    {
      TrkUnwindStatus status = step_by_rare_rule (cursor, rule, in_module, &cfa);

      if (status != TRK_UNWIND_FRAME || trk_rule_kind (rule) != TRK_RULE_CFA_AT_BP)
        return status;
    }
  if (trk_rule_bp (rule) == TRK_RULE_BP_AT_CFA)
    bp_slot = cfa + (uint64_t) trk_rule_bp_offset (rule);
  else if (trk_rule_bp (rule) == TRK_RULE_BP_AT_BP)
    bp_slot = cursor->bp + (uint64_t) trk_rule_bp_offset (rule);

  /* The return address was pushed by the caller, so it is not below sp. It is looked at last: the
   * readable range then ends at or above the new sp, which step_by_common_rule counts on. */
  if ((bp_slot && !trk_unwind_cursor_reach (cursor, bp_slot)) || cfa - 8 < cursor->sp
      || !trk_unwind_cursor_reach (cursor, cfa - 8))
    return TRK_UNWIND_STUCK;
  if (bp_slot)
    {
      cursor->bp = word_at (bp_slot);
      cursor->bp_slot = bp_slot;
    }
  cursor->pc = word_at (cfa - 8);
  cursor->pc_slot = cfa - 8;
  cursor->sp = cfa;
  cursor->interrupted = false;
  return cursor->pc ? TRK_UNWIND_FRAME : TRK_UNWIND_END;
}

void
trk_unwind_begin (TrkUnwindCursor *cursor, const TrkUnwindStart *start)
{
  *cursor = (TrkUnwindCursor) {
    .pc = start->pc,
    .sp = start->sp,
    .bp = start->bp,
    .generation = atomic_load_explicit (&trk_unwind_generation, memory_order_acquire),
    .repeatable = true,
  };
  trk_unwind_stack_range (start->sp, &cursor->low, &cursor->high);
}

/* Is there an outermost frame outside the cursor? @status: of its last step. */
static bool
reaches_end (TrkUnwindCursor *cursor, TrkUnwindStatus status)
{
  for (unsigned i = 0; status == TRK_UNWIND_FRAME && i < MAX_CONFIRMING_STEPS; i++)
    status = trk_unwind_step (cursor);
  return status == TRK_UNWIND_END;
}

/* A walk of @n frames, of which all but the first @n_sure rest on a guess, or that is stuck.  Of
 * guesses nothing stays unless they lead out of the stack by its proper end.  A stuck walk is worth
 * a second one only where a rule needs other registers: libunwind knows no more about the rest. */
static __attribute__ ((cold, noinline)) unsigned
end_unusual_walk (const TrkUnwindStart *start,
                  TrkUnwindCursor *cursor,
                  TrkUnwindStatus status,
                  uint64_t *frames,
                  unsigned n,
                  unsigned n_sure,
                  unsigned max,
                  bool *truncated)
{
  bool in_module;

  if (cursor->guessed && reaches_end (cursor, status))
    return n;
  *truncated = true;
  if (cursor->guessed)
    n = n_sure;
  else if (n < max
           && decode_rule (cursor->pc, cursor->interrupted, &in_module) == TRK_RULE_UNSUPPORTED)
    {
      unsigned n_by_fallback = trk_unwind_fallback (start, frames, max, truncated);

      atomic_fetch_add_explicit (&trk_unwind_counters.n_fallback, 1, memory_order_relaxed);
      n = n_by_fallback > n ? n_by_fallback : n;
      if (!*truncated)
        atomic_fetch_add_explicit (&trk_unwind_counters.n_fallback_ends, 1, memory_order_relaxed);
    }
  if (*truncated && n < max)
    atomic_fetch_add_explicit (&trk_unwind_counters.n_stuck, 1, memory_order_relaxed);
  return n;
}

/* trk_unwind_step by a row of the table, of a kind that nearly every frame has; false, and nothing
 * changed, for all else.  No branch depends on which of those kinds it is: neighbouring frames differ,
 * and a wrong guess costs more than the step. */
static inline __attribute__ ((always_inline)) bool
step_by_common_rule (const TrkUnwindCursor *cursor, uint64_t *pc, uint64_t *sp, uint64_t *bp)
{
  TrkUnwindRule rule = trk_unwind_table_lookup (*pc, cursor->generation);
  uint64_t cfa =
      (trk_rule_kind (rule) == TRK_RULE_CFA_SP ? *sp : *bp) + (uint64_t) trk_rule_cfa_offset (rule);
  uint64_t bp_slot = cfa + (uint64_t) trk_rule_bp_offset (rule), caller_pc, caller_bp;

  if (__builtin_expect (!trk_rule_is_common (rule) || (cfa & 7)
                            || cfa - 8 - *sp >= cursor->high - *sp
                            || bp_slot - cursor->low >= cursor->high - cursor->low,
                        0))
    return false;
  caller_pc = word_at (cfa - 8);
  caller_bp = word_at (bp_slot);
  if (__builtin_expect (caller_pc == 0, 0))
    return false;

  *bp = trk_rule_bp (rule) == TRK_RULE_BP_KEPT ? *bp : caller_bp;
  *pc = caller_pc;
  *sp = cfa;
  return true;
}

unsigned
trk_unwind (const TrkUnwindStart *start, uint64_t *frames, unsigned max, bool *truncated)
{
  uint64_t pc = start->pc, sp = start->sp, bp = start->bp;
  TrkUnwindStatus status = TRK_UNWIND_FRAME;
  TrkUnwindCursor cursor;
  unsigned n = 0, n_sure = 0;

  trk_unwind_begin (&cursor, start);
  do
    {
      frames[n++] = pc;
      if (__builtin_expect (!cursor.interrupted, 1)
          && __builtin_expect (step_by_common_rule (&cursor, &pc, &sp, &bp), 1))
        continue;
      cursor.pc = pc;
      cursor.sp = sp;
      cursor.bp = bp;
      status = trk_unwind_step (&cursor);
      pc = cursor.pc;
      sp = cursor.sp;
      bp = cursor.bp;
      if (cursor.guessed && n_sure == 0)
        n_sure = n;
    }
  while (status == TRK_UNWIND_FRAME && n < max);

  *truncated = status != TRK_UNWIND_END;
  if (__builtin_expect (status == TRK_UNWIND_STUCK || cursor.guessed, 0))
    {
      cursor.pc = pc;
      cursor.sp = sp;
      cursor.bp = bp;
      n = end_unusual_walk (start, &cursor, status, frames, n, n_sure, max, truncated);
    }
  return n;
}
