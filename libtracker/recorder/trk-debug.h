/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the recorder says with MEMSCOPE_DEBUG=1: one line a fact on standard error, each by one write.
 *
 *   memscope: 4711: records into /tmp/x/0-prog.4711: threads "even", stacks of 32 frames, mappings, sockets
 *   memscope: 4711: thread 2 (tid 4713, "worker-1"): tracked, by "even"
 *   memscope: 4711: thread 3 (tid 4714, "worker-2"): not tracked, as nothing in "even" fits it
 *
 * Called where something is decided, which is never the hot path; returns at once without the variable.
 * Signal-safe, no allocation; errno is kept.  Names are the program's: what is not printable ASCII is a "?".
 */
#pragma once

#include "trk-thread.h"

/* The recording has begun. */
void trk_debug_start (void);

/* Whether @thread is tracked, and why, by the choice in force. */
void trk_debug_decision (const TrkThread *thread, uint64_t start_routine);

/* The calling thread, by its id: what became of it. */
void trk_debug_thread (uint32_t id, const char *what);
