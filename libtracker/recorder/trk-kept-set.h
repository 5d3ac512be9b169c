/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The addresses of the sampled allocations that are live: an exact, lock-free set that grows with the
 * program's memory.
 *
 *   address bits   63         62 … 47    46 … 34      33 … 21       20 … 3       2 … 0
 *                  which root  0          root entry   branch entry  bit of leaf  0
 *
 * A leaf is 32 KiB and has a bit for every eight bytes of 2 MiB of addresses; branches and leaves are
 * mapped when the first address of theirs is added, and stay.  Only pages that were touched exist, so
 * that this costs at most a 64th of the memory in which kept blocks have lain, and has no bound but the
 * 2^44 addresses.  Asking for one is three loads, of which the first two are the same for all of a heap:
 * the free of a block that was not kept, the most frequent question, ends with them.
 *
 * What cannot be a bit, an odd address (a declared block may have any), lies in a hash table of 2^16
 * buckets of one cache line: seven addresses and an "overflowed" mark, each address in its bucket or,
 * once that has overflowed, in one of the three that follow.  The mark is sticky.  Of these there is
 * room for 200 000 at random addresses, before the first finds its four buckets full; for twice as many
 * in a row.
 *
 * Any thread, no locks, signal-safe; mmap when a part is first needed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A pool's block may have the address of the heap block that it lies in: marked so, it is another. */
#define TRK_KEPT_DECLARED ((uint64_t) 1 << 63)

/* False: there is no memory for it, or no room.  The block must not be recorded then, as its free would
 * be missed; the caller counts it as lost. */
bool trk_kept_set_add (uint64_t address);
/* True if it was there; it is not any more. */
bool trk_kept_set_remove (uint64_t address);
