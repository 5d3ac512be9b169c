/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The flight recorder (record --ring): a thread's full windows stay in the pool, and when it has as many as it
 * may, it writes over its oldest.
 *
 *   a thread        [oldest] ─▶ [full] ─▶ [full] ─▶ [being filled]
 *   its end         all of them go behind the windows of those that ended before
 *   a window wanted one that was never used; the oldest of the ended, if these have more than their share;
 *                   new memory; the oldest of the ended; the thread's own oldest
 *
 * So no event is written to a file, and what there is of a process is bounded: the most threads that ever
 * lived at once, and TRK_RING_ENDED_SHARE more for all that have ended, times the size of a ring; and the pool's
 * own bound of 1 GiB.  A window is emptied (committed = 0) before its header is written anew: readers that copy
 * it meanwhile find another block's name in it, and leave it out.
 *
 * What is forgotten was counted: each block begins with what its thread had done before (trk-earlier.h), and
 * lanes have the sums of those that ended (trk-lane-ends.h).
 *
 * Windows that nobody has lie in two lock-free queues, of numbers (lane · 2 + index); who is stopped in the middle of one
 * holds up nobody, or memory would be taken instead of what he bars.  Signals are blocked meanwhile: a window that a
 * handler jumps away with would be lost.  System calls: that, and new memory.
 */
#pragma once

#include "trk-process.h"
#include "trk-thread.h"

/* Threads that have ended keep together what so many rings hold. */
#define TRK_RING_ENDED_SHARE 8U

static inline bool
trk_ring_is_on (void)
{
  return trk_process.config.ring_bytes > 0;
}

/* A new pool was begun.  False: no memory. */
bool trk_ring_begin_process (void);

/* The windows of the eight lanes from @first_lane on are there to be taken. */
void trk_ring_add_windows (uint32_t first_lane);

/* From the end of a block to the beginning of the next: no signal handler comes between, and could jump away.
 * Where a filter would kill the program for a system call, none is made. */
typedef struct {
  bool may_call;
  uint64_t signals;
} TrkQuiet;

TrkQuiet trk_ring_begin_quiet (void);
void trk_ring_end_quiet (TrkQuiet quiet);

/* Gives a thread-to-be its first window.  False: none could be had. */
bool trk_ring_begin (TrkThread *self);

/* The present window is finished; the next one is another, or an old one, and empty. */
void trk_ring_turn (TrkThread *self, TrkQuiet quiet);

/* What the thread does from now on is not in its lane's sums yet (trk-lane-ends.h): before it has a block. */
void trk_ring_begin_counting (TrkThread *self);

/* The thread is done, or borrowed its lane for one event: what it did is in the sums from now on.  Its last block is
 * finished, and its windows are still its own. */
void trk_ring_tell_of_end (TrkThread *self);

/* And then its windows wait until they are needed. */
void trk_ring_end (TrkThread *self);
