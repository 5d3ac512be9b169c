/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Call stacks of the calling thread, from inside a hook.
 *
 *   hook (…)                     TRK_UNWIND_START: the state that the hook's caller will see
 *     └─ trk_unwind ()           walks outward by unwind rules
 *
 * Any thread, any signal handler, any time after trk_unwind_init: no lock, no allocation, no
 * descriptor; errno is preserved.  No system call either once a thread's stack is known (its first
 * walk asks the kernel, one call a page, see trk-unwind-stack.h); stacks that are not the thread's
 * own (fibers, sigaltstack) are asked about page by page on every walk, because they may have been
 * unmapped since.  Reads nothing that it does not know to be mapped.
 *
 * Cost: a hash probe and two loads a frame, tests/bench/bench-unwind.c.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "trk-hidden.h"

/* The registers directly after the hook returns. */
typedef struct _TrkUnwindStart {
  uint64_t pc; /* the return address: frame 0 */
  uint64_t sp;
  uint64_t bp; /* rbp; x29 on aarch64 */
} TrkUnwindStart;

/* Fills a TrkUnwindStart.  To be expanded in the hook itself, the function that the traced program
 * called; __builtin_frame_address makes the compiler give that function a frame pointer. */
#define TRK_UNWIND_START(start) \
  (*(start) = (TrkUnwindStart) { \
       .pc = (uint64_t) (uintptr_t) __builtin_extract_return_addr (__builtin_return_address (0)), \
       .sp = (uint64_t) (uintptr_t) __builtin_frame_address (0) + 16, \
       .bp = *(const uint64_t *) __builtin_frame_address (0), \
   })

/* What rarely happens, process-wide. */
typedef struct {
  _Atomic uint64_t n_rules;         /* rows in the rule table */
  _Atomic uint64_t n_table_full;    /* rules that found no row: decoded again at every use */
  _Atomic uint64_t n_fallback;      /* walks that were given to libunwind */
  _Atomic uint64_t n_fallback_ends; /* of those, the ones that reached the end of the stack */
  _Atomic uint64_t n_stuck;         /* walks that ended early for another reason than @max */
} TrkUnwindCounters;

extern TRK_HIDDEN TrkUnwindCounters trk_unwind_counters;

/* Once, in the constructor, before the process has a second thread.  Loads libunwind if it is
 * there. */
void trk_unwind_init (void);

/* Writes at most @max (at least 1) return addresses, innermost first, and returns how many.
 * @truncated: the stack goes on outside them, because of @max or because a frame has no usable
 * unwind information. */
unsigned trk_unwind (const TrkUnwindStart *start, uint64_t *frames, unsigned max, bool *truncated);

/* Code was or is about to be unmapped: no rule read so far is used again.  To be called before and
 * after each dlclose: before, for threads that find the new code at the old address while dlclose
 * still runs; after, for rules read in between. */
void trk_unwind_forget (void);

/*
 * The same walk, a frame at a time, with the words of the stack that it rests on.  As long as
 * those words are unchanged in memory, a second walk from the same pc, sp and bp finds the same
 * frames; a cache of whole stacks compares them instead of walking.
 */
typedef enum {
  TRK_UNWIND_FRAME, /* the cursor is at the next frame outward */
  TRK_UNWIND_END,   /* the cursor was at the outermost frame */
  TRK_UNWIND_STUCK, /* no rule that this walk can follow */
} TrkUnwindStatus;

typedef struct {
  uint64_t pc, sp, bp;
  uint64_t pc_slot;   /* the address that pc was read from, 0: not from the stack */
  uint64_t bp_slot;   /* the address that bp was read from, 0: bp as at the start */
  uint64_t low, high; /* the words that are known to be readable around sp */
  uint32_t generation;
  bool interrupted; /* pc is not a return address: this frame was interrupted by a signal */
  bool repeatable;  /* pc and sp follow from the slots alone, so far: no signal frame, no CFA
                       * that was itself read from memory */
  bool guessed;     /* came through code without unwind information: to be believed only if the walk
                     * ends at the outermost frame */
  bool used_bp;     /* set by a step whose result rests on bp */
} TrkUnwindCursor;

void trk_unwind_begin (TrkUnwindCursor *cursor, const TrkUnwindStart *start);
TrkUnwindStatus trk_unwind_step (TrkUnwindCursor *cursor);
