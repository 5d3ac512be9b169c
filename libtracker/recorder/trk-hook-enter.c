/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The way into a hook when it is not the short one of trk_hook_enter():
 *
 *   the gate is another       the process starts, was forked, or threads are to be chosen anew
 *   the thread is in a hook   a signal handler interrupted it; or the allocator calls itself; or the
 *                             hook was broken off by a longjmp out of a handler and never left
 *
 * In a forked child all of the parent's windows are still mapped.  If fork itself happened inside a hook
 * (a handler forked), that hook may yet be finished in the child: what it writes into is left to it, as
 * private memory that nobody reads (trk_process_forked_in_hook).
 *
 * Any thread, signal-safe, no locks.  Rare: once a thread and change of the gate.
 */
#include "trk-hooks.h"

#include <errno.h>

#include "trk-control.h"
#include "trk-process.h"
#include "trk-stream.h"
#include "trk-system.h"
#include "trk-thread.h"
#include "unwind/trk-unwind-stack.h"

/* Between the hook and a handler that interrupted it lie few frames, or the handler is not looked for. */
#define MAX_FRAMES_TO_HOOK 32U

static void
start_or_restart (TrkThreadGate *gate)
{
  uint32_t phase = atomic_load (&trk_process.phase);

  if (phase == TRK_STATE_UNSTARTED)
    trk_process_start_preload ();
  else if (phase == TRK_STATE_OFF || trk_process.pid != trk_system_get_pid ())
    trk_process_after_fork ();
}

/* Brings this thread up to date with the gate.  Returns whether it has a stream. */
static bool
settle (TrkThreadGate *gate)
{
  if (trk_gate_get () == 0)
    {
      start_or_restart (gate);
      if (trk_gate_get () == 0)
        return false; /* another thread is at it: this event is before the recording began */
    }

  if (atomic_load (&trk_process.phase) != TRK_STATE_RECORDING)
    {
      gate->tracked_gate = TRK_GATE_NEVER;
      gate->untracked_gate = gate->untracked_free_gate = trk_gate_get ();
      return false;
    }
  if (TRK_UNLIKELY (trk_control_has_news ()))
    trk_control_look ();
  __atomic_thread_fence (__ATOMIC_ACQUIRE); /* what was chosen before the gate changed */
  if (gate->phase == TRK_PHASE_ENDED)
    return trk_thread_revive (gate);
  if (gate->phase == TRK_PHASE_FRESH)
    {
      if (trk_thread_register (gate))
        return true;
      trk_thread_count_lost (gate);
      return false;
    }
  if (gate->tracked_gate != trk_gate_get () && gate->untracked_gate != trk_gate_get ())
    {
      trk_thread_refresh_name (gate);
      trk_thread_decide (gate);
    }
  return true;
}

static bool
settle_if_allowed (TrkThreadGate *gate)
{
  bool has_stream;

  if (!trk_process_begin_calls ())
    return false;
  has_stream = settle (gate);
  trk_process_end_calls ();
  return has_stream;
}

/* --- a thread that is in a hook already ------------------------------------------------------ */

static bool
is_on_own_stack (uint64_t address)
{
  uint64_t low, high;

  trk_unwind_stack_range (address, &low, &high);
  return low == trk_own_stack.low && address >= low && address < trk_own_stack.high;
}

/* Was the hook left by a jump?  Its frame is then above nobody: the call that comes now is further out
 * on the same stack, or has written over it.  In doubt it was not. */
static bool
is_broken_off (const TrkThreadGate *gate, const TrkUnwindStart *start)
{
  uint64_t old = (uint64_t) (uintptr_t) gate->start, distance;

  if (!old || trk_system_is_on_signal_stack () || !is_on_own_stack (start->sp)
      || !is_on_own_stack (old))
    return false;
  distance = gate->start->sp - old; /* of itself, while it is there */
  return start->sp > old || distance > TRK_HOOK_FRAME_MAX_BYTES;
}

/* The allocator's own calls of malloc are its business; those of a signal handler are lost events. */
static bool
comes_from_handler (const TrkThreadGate *gate, const TrkUnwindStart *start)
{
  uint64_t hook = (uint64_t) (uintptr_t) gate->start;
  TrkUnwindStatus status = TRK_UNWIND_FRAME;
  TrkUnwindCursor cursor;

  trk_unwind_begin (&cursor, start);
  for (unsigned i = 0; hook && i < MAX_FRAMES_TO_HOOK; i++)
    {
      status = trk_unwind_step (&cursor);
      if (cursor.interrupted)
        return true;
      if (status != TRK_UNWIND_FRAME || (cursor.sp > hook && start->sp < hook))
        return false;
    }
  return false;
}

bool
trk_hook_leave_broken (TrkThreadGate *gate, const TrkUnwindStart *start)
{
  if (is_broken_off (gate, start))
    {
      trk_thread_mend (gate);
      return true;
    }
  if (gate->place == TRK_HOOK_RECORDING || comes_from_handler (gate, start))
    gate->reentered++;
  return false;
}

/* --- the way in ------------------------------------------------------------------------------ */

/* A thread that may make no system call, or does not know yet that it may not. */
static void
count_forbidden (TrkThreadGate *gate)
{
  if (gate->gave_up != TRK_GAVE_UP_CALLS)
    trk_thread_abandon (gate);
  if (trk_gate_get () != 0) /* else a forked child's, whose pool is still its parent's */
    trk_thread_count_lost (gate);
}

TrkThread *
trk_hook_enter_cold (const TrkUnwindStart *start, bool for_free)
{
  TrkThreadGate *gate = &trk_thread_gate;
  int saved_errno = errno;
  bool live;

  if (TRK_UNLIKELY (gate->gave_up == TRK_GAVE_UP_CALLS || trk_process.calls_forbidden))
    {
      count_forbidden (gate);
      return NULL;
    }
  if (gate->place != TRK_HOOK_OUTSIDE)
    {
      if (trk_gate_get () == 0)
        {
          if (!trk_process_forked_in_hook ())
            return NULL; /* what starting the process allocates */
        }
      else if (!trk_hook_leave_broken (gate, start))
        {
          errno = saved_errno;
          return NULL;
        }
    }

  gate->start = start;
  gate->place = TRK_HOOK_RECORDING;
  live = settle_if_allowed (gate);
  errno = saved_errno;

  gate->place = TRK_HOOK_IN_REAL;
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  if (live && trk_gate_get () != 0
      && (gate->tracked_gate == trk_gate_get () || for_free || gate->thread->late))
    return gate->thread;
  trk_hook_leave ();
  return NULL;
}

void
trk_hook_meet (void)
{
  TrkUnwindStart start;
  TrkThread *thread;

  TRK_UNWIND_START (&start);
  thread = trk_hook_enter_free (&start);
  if (thread)
    trk_hook_abandon (thread);
}
