/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Call stacks to small ids, the same for all threads of the process.
 *
 *   frames ─hash (64 bits)─▶ the thread's cache ─miss─▶ tables of 2^12, 2^13, 2^14 … entries
 *
 * An entry is (hash, id) and is never changed once set; a full table is followed by one of twice the
 * size, so lookups need no lock and nothing moves.  A stack is defined in the inserting thread's own
 * stack window *before* its id becomes visible to others: no event can refer to a stack that a SIGKILL
 * took away.  Two threads that meet a stack at the same moment may both define it; one id stays unused.
 * Any thread, signal-safe, allocates only tables (mmap).
 */
#pragma once

#include "trk-thread.h"

/* The id of the stack in @self->frames, 0 if there is no room for more. */
uint32_t trk_stacks_intern (TrkThread *self, uint64_t hash, uint32_t depth, bool truncated);

/* Identity of a stack.  Never 0. */
uint64_t trk_stacks_hash (const uint64_t *frames,
                          uint32_t depth,
                          bool truncated,
                          uint32_t generation);

/* In a forked child: its folder defines its stacks anew. */
void trk_stacks_reset (void);
