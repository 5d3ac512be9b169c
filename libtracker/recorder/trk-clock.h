/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The stamps of events.
 *
 * The time stamp counter where it is invariant and the kernel itself trusts it (the current
 * clocksource is tsc), else CLOCK_MONOTONIC.  The counter is read by a plain rdtsc, which the processor
 * may do some nanoseconds early, before an allocator's lock is taken or before the pointer to be freed
 * has come from another core: the reader puts such neighbours right by what may follow what at one
 * address (trace/ms-order.c), and rdtscp, which waits, would cost twice as much and mend only one of the two.
 * Cost: 8 ns alone under virtualisation and about 14 in a busy pipeline, which it drains; 36 ns for
 * clock_gettime.  Any thread, signal-safe.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "trk-format.h"
#include "trk-system.h"
#include "unwind/trk-hidden.h"

#define TRK_TICK_SHIFT 1 /* half a nanosecond at 4 GHz, one at 2 GHz */

typedef struct {
  TrkClock kind;
  uint8_t tick_shift;
} TrkClockSource;

extern TRK_HIDDEN TrkClockSource trk_clock;

void trk_clock_init (void);

/* False: this thread, and what it forks and becomes, is killed if it reads the time stamp counter, by
 * itself or in clock_gettime (PR_SET_TSC). */
bool trk_clock_is_allowed (void);

/* Both clocks, read together: the mapping between them. */
void trk_clock_get_pair (uint64_t *ticks, uint64_t *ns);

static inline uint64_t
trk_clock_now (void)
{
#if defined(__x86_64__)
  if (__builtin_expect (trk_clock.kind == TRK_CLOCK_TSC, 1))
    return __builtin_ia32_rdtsc () >> TRK_TICK_SHIFT;
#endif
  return trk_system_get_monotonic_ns ();
}

/* Not before anything that comes before it: for what is rare, and for the pairs. */
static inline uint64_t
trk_clock_now_ordered (void)
{
#if defined(__x86_64__)
  if (__builtin_expect (trk_clock.kind == TRK_CLOCK_TSC, 1))
    {
      unsigned processor;
      return __builtin_ia32_rdtscp (&processor) >> TRK_TICK_SHIFT;
    }
#endif
  return trk_system_get_monotonic_ns ();
}
