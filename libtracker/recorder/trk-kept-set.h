/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The addresses of the sampled allocations that are live: an exact, lock-free set.
 *
 *   2^16 buckets of one cache line: seven addresses and an "overflowed" mark
 *
 * An address lies in its bucket or, once that has overflowed, in one of the three that follow.  The
 * mark is sticky.  When all four are full the allocation is simply not kept (the caller counts it as
 * skipped).  Any thread, signal-safe; one mmap at set-up.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* False if there is no memory. */
bool trk_kept_set_init (void);
bool trk_kept_set_add (uint64_t address);
/* True if it was there; it is not any more. */
bool trk_kept_set_remove (uint64_t address);
