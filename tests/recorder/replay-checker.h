/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an event's stack is recorded as, without the rest of the recorder: trk_event_stack_capture() with
 * its replay cache over a trivial table of stacks, so that it can be compared with a fresh walk.
 *
 *   hook ─▶ replay_checker_capture() ─▶ trk-event-stack.c, trk-replay.c (the real ones)
 *                                          └─▶ trk_stacks_intern(): ours, frames compared one by one
 *
 * One thread's own; no malloc, no lock: it also lives in a module that is malloc.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "trk-unwind.h"

typedef struct _ReplayChecker ReplayChecker;

typedef struct {
  const uint64_t *frames;
  unsigned depth;
  bool truncated;
} ReplayStack;

/* NULL if there is no memory. */
ReplayChecker *replay_checker_new (unsigned stack_depth);
void replay_checker_free (ReplayChecker *self);

/* The stack that an event at @start would refer to; valid until the next call. */
ReplayStack replay_checker_capture (ReplayChecker *self, const TrkUnwindStart *start);

/* As when a block is full: its local numbers begin anew. */
void replay_checker_next_block (ReplayChecker *self);

/* As at a dlclose, for all of them. */
void replay_checker_forget (void);

/* Stacks asked for, and those that had to be unwound. */
uint64_t replay_checker_get_captures (const ReplayChecker *self);
uint64_t replay_checker_get_walks (const ReplayChecker *self);
