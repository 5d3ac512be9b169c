/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which words above a stack pointer may be read without a fault, even if a rule is wrong.
 *
 *   own stack        … low ▒▒▒▒ sp ░░░░░░░░░░░░ high     thread's top: its TCB, or the process
 *                                                        arguments for the main thread
 *   any other stack      [page of sp), then a page more at a time
 *
 * A thread's own stack lives as long as the thread, so what was found readable there stays so: it
 * is kept in two thread-local words, and costs two comparisons a walk.  A fiber's stack or a signal
 * stack may be unmapped between two walks, so nothing is kept about it: one system call a page and
 * walk (100 ns, rt_sigprocmask with an operation that does not exist, which changes nothing and
 * says EFAULT or EINVAL).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "trk-hidden.h"

typedef struct {
  uint64_t low, high;                 /* readable: [low, high); both 0: nothing known */
  uint64_t foreign_low, foreign_high; /* an sp in here is on no stack that reaches the top */
  uint32_t n_wasted_pages;            /* asked about in vain */
} TrkOwnStack;

extern TRK_HIDDEN __thread TrkOwnStack trk_own_stack __attribute__ ((tls_model ("initial-exec")));

/* Once, from trk_unwind_init. */
void trk_unwind_stack_init (void);

/* @sp is in a function that the thread's start routine will return to, on the thread's own stack, so that
 * the frames from there to the top need not be asked about. */
void trk_unwind_stack_begin (uint64_t sp);

/* The readable range around @sp, out of line; [sp, sp) if there is none. */
void trk_unwind_stack_find (uint64_t sp, uint64_t *low, uint64_t *high);

/* Moves or widens the range so that it holds the 8 bytes at @address, if they can be read. */
bool trk_unwind_stack_reach (uint64_t address, uint64_t *low, uint64_t *high);

/* One system call. Preserves errno. */
bool trk_unwind_page_is_readable (uint64_t address);

static inline void
trk_unwind_stack_range (uint64_t sp, uint64_t *low, uint64_t *high)
{
  const TrkOwnStack *own = &trk_own_stack;

  if (sp >= own->low && sp < own->high)
    {
      *low = own->low;
      *high = own->high;
    }
  else
    trk_unwind_stack_find (sp, low, high);
}
