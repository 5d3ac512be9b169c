/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From a place in the program to the local stack number of the open block: unwind, hash, intern, and a
 * STACK record if this block has not seen the stack.  Hot; the owning thread only.
 */
#pragma once

#include "trk-process.h"
#include "trk-thread.h"
#include "unwind/trk-unwind.h"

/* The rare half of trk_event_stack_capture(): an unwind. */
__attribute__ ((noinline, cold)) uint32_t trk_event_stack_capture_anew (
    TrkThread *self,
    const TrkUnwindStart *start);

/* As trk_event_stack_capture() for frames that the program gives, already in self->frames. */
uint32_t trk_event_stack_given (TrkThread *self, uint32_t depth, bool truncated);

/* The id of the stack at @start, for another thread to name: 0 if it could not be defined. */
uint32_t trk_event_stack_identify (TrkThread *self, const TrkUnwindStart *start);

/* The stack's number in the open block. */
static inline uint32_t
trk_event_stack_localize (TrkThread *self, TrkReplayAnswer *answer)
{
  if (TRK_UNLIKELY (answer->block != self->block_serial))
    {
      answer->local = trk_event_put_stack (&self->encoder, answer->id);
      answer->block = self->block_serial;
    }
  return answer->local;
}

/* The stack, if the thread has unwound it before; else NULL. */
static inline TrkReplayLeaf *
trk_event_stack_find (TrkThread *self, const TrkUnwindStart *start)
{
  uint32_t generation =
      __atomic_load_n ((const uint32_t *) &trk_process.generation, __ATOMIC_RELAXED);

  if (TRK_UNLIKELY (self->replay.generation != generation))
    trk_replay_clear (&self->replay, generation);
  return trk_replay_find (&self->replay, start);
}

/* The caller has reserved room for the event. */
static inline uint32_t
trk_event_stack_capture (TrkThread *self, const TrkUnwindStart *start)
{
  TrkReplayLeaf *leaf = trk_event_stack_find (self, start);

  if (TRK_LIKELY (leaf != NULL))
    return trk_event_stack_localize (self, &leaf->answer);
  return trk_event_stack_capture_anew (self, start);
}
