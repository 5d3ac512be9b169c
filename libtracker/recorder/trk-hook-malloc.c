/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * malloc and free of a tracked thread: the two hooks that decide what recording costs, each in one
 * function.
 *
 *   malloc   enter · look for the call stack · real malloc · stamp · record · leave
 *   free     enter · stamp · record · real free · leave
 *
 * The processor finishes all that came before a stamp before it reads the counter.  So what need not wait
 * for the block is done before the real malloc, where it overlaps with it, and what is done after a
 * stamp overlaps with the program.
 *
 * Whatever is rare (a new stack or block, a sampled thread, news of what is wanted, an end, a broken hook)
 * takes the general way, trk-hooks.c.  Any thread; no locks; allocates nothing; signal-safe as that is.
 * Cost: tests/bench (churn), and its instructions in hot-path-instructions.
 */
#include "trk-hooks.h"

#include "trk-clock.h"
#include "trk-event-stack.h"
#include "trk-region-map.h"
#include "trk-stream.h"

/* Whether an event needs no more than its record. */
static inline bool
is_plain (const TrkThread *thread, const TrkThreadGate *gate)
{
  return !((unsigned) thread->special | gate->reentered)
         && trk_event_encoder_has_room (&thread->encoder);
}

void *
trk_hook_malloc (size_t size, void *(*real) (size_t))
{
  TrkThreadGate *gate = &trk_thread_gate;
  TrkUnwindStart start;
  TrkThread *thread;
  TrkReplayLeaf *leaf;
  void *block;
  uint64_t address, ticks;
  uint32_t local;

  TRK_UNWIND_START (&start);
  thread = trk_hook_enter (&start);
  if (TRK_UNLIKELY (!thread))
    return real (size);

  leaf = trk_event_stack_find (thread, &start);
  block = real (size);
  address = (uint64_t) block;
  /* The general way also looks at what is wanted: a program that allocates now and then, always from the same call
   * stacks, fills a block in an hour. */
  if (TRK_UNLIKELY (!leaf || !block || !is_plain (thread, gate) || trk_control_has_news ()))
    {
      trk_hook_allocated (thread, block, size, &start);
      return block;
    }

  gate->place = TRK_HOOK_RECORDING;
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  ticks = trk_clock_now ();
  trk_region_map_set (address);
  local = trk_event_stack_localize (thread, &leaf->answer);
  trk_stream_put_alloc (thread, ticks, address, size, local);
  trk_stream_commit (thread);
  trk_hook_leave ();
  return block;
}

void
trk_hook_free (void *block, void (*real) (void *))
{
  TrkThreadGate *gate = &trk_thread_gate;
  TrkUnwindStart start;
  TrkThread *thread;
  uint64_t address = (uint64_t) block, ticks;

  if (!block)
    return;
  TRK_UNWIND_START (&start);
  thread = trk_hook_enter_free (&start);
  if (TRK_UNLIKELY (!thread))
    {
      real (block);
      return;
    }
  if (TRK_LIKELY (is_plain (thread, gate)))
    {
      gate->place = TRK_HOOK_RECORDING;
      __atomic_signal_fence (__ATOMIC_SEQ_CST);
      ticks = trk_clock_now ();
      trk_stream_put_free (thread, ticks, address);
      trk_stream_commit (thread);
      __atomic_signal_fence (__ATOMIC_SEQ_CST);
      gate->place = TRK_HOOK_IN_REAL;
    }
  else
    trk_hook_freeing (thread, block, &start);
  real (block);
  trk_hook_leave ();
}

void
trk_hook_free_untracked (void *block, void (*real) (void *))
{
  /* Nearly every one: the region never held a tracked block. */
  if (TRK_LIKELY (!block || !trk_region_map_may_hold ((uint64_t) block)))
    real (block);
  else
    trk_hook_free (block, real);
}
