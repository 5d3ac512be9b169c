/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From a place in the program to the local stack number of the open block: unwind, hash, intern, and a
 * STACK record if this block has not seen the stack.  Hot; the owning thread only.
 */
#pragma once

#include "trk-thread.h"
#include "unwind/trk-unwind.h"

/* The caller has reserved room for the event. */
uint32_t trk_event_stack_capture (TrkThread *self, const TrkUnwindStart *start);

/* As above for frames that the program gives, already in self->frames. */
uint32_t trk_event_stack_given (TrkThread *self, uint32_t depth, bool truncated);
