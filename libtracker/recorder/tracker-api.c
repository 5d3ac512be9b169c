/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The functions of <memscope/tracker.h>.  Their events are of the domain "declared". */
#include <memscope/tracker.h>

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "trk-clock.h"
#include "trk-control.h"
#include "trk-event-stack.h"
#include "trk-hooks.h"
#include "trk-kept-set.h"
#include "trk-process.h"
#include "trk-start.h"
#include "trk-stream.h"
#include "trk-system.h"

/* A gate that changed since is no reason, one that was wiped by fork is. */
static inline bool
has_tracker (TrkThreadGate *gate)
{
  uint32_t now = trk_gate_get ();

  if (TRK_LIKELY (gate->declared_gate == now))
    return true;
  if (now == 0 || !trk_thread_is_live (gate) || !gate->thread->declared
      || trk_process.calls_forbidden || atomic_load (&trk_process.phase) != TRK_STATE_RECORDING)
    return false;
  gate->declared_gate = now;
  return true;
}

static int
begin_thread (TrkThreadGate *gate, const MemscopeSamplingConfig *config)
{
  uint64_t now;

  trk_thread_forget_ended (gate);
  gate->refused = 0; /* somebody asks in person */
  if (gate->phase != TRK_PHASE_LIVE && !trk_thread_register (gate))
    return MEMSCOPE_ERROR_MEMORY;
  now = trk_clock_now ();
  gate->declared_gate = trk_gate_get ();
  gate->thread->declared = true;
  if (config && gate->thread->stack_depth != config->stack_depth)
    {
      gate->thread->stack_depth = config->stack_depth;
      trk_replay_clear (&gate->thread->replay, gate->thread->replay.generation);
    }
  trk_stream_reserve (gate->thread, now);
  trk_event_put_tracking (&gate->thread->encoder, now, true);
  trk_stream_commit (gate->thread);
  return MEMSCOPE_OK;
}

int
memscope_init_thread_tracker (const char *output_dir, const MemscopeSamplingConfig *config)
{
  TrkThreadGate *gate = &trk_thread_gate;
  int saved_errno = errno, result;

  if (gate->place != TRK_HOOK_OUTSIDE && trk_gate_get () != 0)
    return MEMSCOPE_ERROR_UNSUPPORTED; /* from a signal handler inside the tracker */
  if (has_tracker (gate))
    return MEMSCOPE_ERROR_ALREADY;
  if (gate->gave_up != TRK_GAVE_UP_NOTHING || trk_process.calls_forbidden)
    return MEMSCOPE_ERROR_UNSUPPORTED;

  trk_gate_set_place (gate, TRK_HOOK_RECORDING);
  do
    result = trk_start_process (output_dir, config);
  while (result == MEMSCOPE_OK && !trk_process_enter ()); /* ended, by another thread, meanwhile */
  if (result == MEMSCOPE_OK)
    {
      result = begin_thread (gate, config);
      trk_process_leave ();
    }
  trk_hook_leave ();
  errno = saved_errno;
  return result;
}

int
memscope_finalize_thread_tracker (void)
{
  TrkThreadGate *gate = &trk_thread_gate;
  int saved_errno = errno;
  uint64_t now;

  if (!trk_process_enter ())
    return MEMSCOPE_ERROR_NOT_TRACKING;
  if (!has_tracker (gate))
    {
      trk_process_leave ();
      return MEMSCOPE_ERROR_NOT_TRACKING;
    }

  trk_gate_set_place (gate, TRK_HOOK_RECORDING);
  now = trk_clock_now ();
  trk_thread_refresh_name (gate);
  trk_stream_reserve (gate->thread, now);
  if (!gate->thread->tracked)
    trk_event_put_tracking (&gate->thread->encoder, now, false);
  gate->thread->declared = false;
  gate->declared_gate = TRK_GATE_NEVER;
  trk_stream_hand_over (gate->thread, now);
  trk_hook_leave ();
  trk_process_leave ();
  errno = saved_errno;
  return MEMSCOPE_OK;
}

/* --- events ---------------------------------------------------------------------------------- */

/* Enters the stream of a thread that has a tracker.  NULL: nothing to record, *@result says why. */
static inline TrkThread *
enter (const TrkUnwindStart *start, int *result)
{
  TrkThreadGate *gate = &trk_thread_gate;

  *result = MEMSCOPE_OK;
  if (TRK_UNLIKELY (gate->place != TRK_HOOK_OUTSIDE) && has_tracker (gate)
      && !trk_hook_leave_broken (gate, start))
    return NULL;

  /* In this order: see trk_hook_enter_either(). */
  gate->start = start;
  gate->place = TRK_HOOK_RECORDING;
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  if (TRK_UNLIKELY (gate->declared_gate != trk_gate_get ()) && trk_process.config.preload
      && has_tracker (gate))
    trk_thread_decide (gate); /* sampling may be another: the heap's and ours are one */
  while (TRK_LIKELY (has_tracker (gate)))
    {
      /* Who ends the recording changes the gate, and then looks who is inside. */
      gate->thread->inside = true;
      __atomic_signal_fence (__ATOMIC_SEQ_CST);
      if (TRK_LIKELY (gate->declared_gate == trk_gate_get ()))
        return gate->thread;
      gate->thread->inside = false;
    }
  trk_hook_leave ();
  *result = MEMSCOPE_ERROR_NOT_TRACKING;
  return NULL;
}

static inline void
reserve (TrkThread *thread, uint64_t ticks)
{
  TrkThreadGate *gate = &trk_thread_gate;

  trk_stream_reserve (thread, ticks);
  if (TRK_UNLIKELY (gate->reentered))
    trk_stream_put_reentered (thread, gate);
}

static uint32_t
put_stack (TrkThread *thread,
           const void *const *call_stack,
           size_t depth,
           const TrkUnwindStart *start)
{
  uint32_t wanted = thread->stack_depth;

  if (!call_stack)
    return trk_event_stack_capture (thread, start);
  if (wanted > depth)
    wanted = (uint32_t) depth;
  for (uint32_t i = 0; i < wanted; i++)
    thread->frames[i] = (uint64_t) call_stack[i];
  return trk_event_stack_given (thread, wanted, wanted < depth);
}

/* Without the preload nothing else comes between: the domain is then switched once a block. */
static inline void
begin_declared (TrkThread *thread)
{
  trk_event_set_domain (&thread->encoder, TRK_DOMAIN_DECLARED);
}

static inline void
end_declared (TrkThread *thread)
{
  if (trk_process.config.preload)
    trk_event_set_domain (&thread->encoder, TRK_DOMAIN_HEAP);
}

/* Exact counts of what the draw let pass, in the declared domain; under the preload they must not be
 * mixed with the heap's. */
#define SKIPPED_AT_MOST 64

static void
skip (TrkThread *thread, TrkSkipped more)
{
  bool is_mixed = trk_process.config.preload;

  reserve (thread, trk_clock_now ());
  if (is_mixed)
    trk_stream_put_skipped (thread);
  begin_declared (thread);
  thread->skipped.allocations += more.allocations;
  thread->skipped.bytes += more.bytes;
  thread->skipped.frees += more.frees;
  if (is_mixed || thread->skipped.allocations + thread->skipped.frees >= SKIPPED_AT_MOST)
    trk_stream_put_skipped (thread);
  end_declared (thread);
}

static bool
keeps (TrkThread *thread, uint64_t block, uint64_t size)
{
  if (TRK_LIKELY (!thread->sampled))
    return true;
  if (trk_sampler_keeps (&thread->sampler, size))
    {
      if (trk_kept_set_add (block | TRK_KEPT_DECLARED))
        return true;
      trk_stream_count_unkept (thread);
    }
  skip (thread, (TrkSkipped) { .allocations = 1, .bytes = size });
  return false;
}

/* It may be a block from before sampling was switched on: who knows all of those will tell. */
static void
put_perhaps_free (TrkThread *thread, uint64_t block)
{
  uint64_t now = trk_clock_now ();

  reserve (thread, now);
  begin_declared (thread);
  trk_event_put_foreign_free (&thread->encoder, now, block);
  end_declared (thread);
}

static bool
was_kept (TrkThread *thread, uint64_t block)
{
  if (TRK_LIKELY (!thread->sampled) || trk_kept_set_remove (block | TRK_KEPT_DECLARED))
    return true;
  if (trk_control.was_exact)
    put_perhaps_free (thread, block);
  else
    skip (thread, (TrkSkipped) { .frees = 1 });
  return false;
}

static inline void
leave (TrkThread *thread)
{
  trk_stream_commit (thread);
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  thread->inside = false;
  trk_hook_leave ();
}

int
memscope_track_allocation (const void *ptr,
                           size_t size,
                           const void *const *call_stack,
                           size_t depth)
{
  TrkThread *thread;
  TrkUnwindStart start;
  uint64_t ticks;
  int result;

  if (TRK_UNLIKELY (!ptr))
    return MEMSCOPE_ERROR_ARGUMENT;
  TRK_UNWIND_START (&start);
  thread = enter (&start, &result);
  if (!thread)
    return result;
  ticks = trk_clock_now ();
  if (keeps (thread, (uint64_t) ptr, size))
    {
      reserve (thread, ticks);
      begin_declared (thread);
      trk_stream_put_alloc (thread, ticks, (uint64_t) ptr, size,
                            put_stack (thread, call_stack, depth, &start));
      end_declared (thread);
    }
  leave (thread);
  return MEMSCOPE_OK;
}

int
memscope_track_reallocation (const void *old_ptr,
                             const void *new_ptr,
                             size_t size,
                             const void *const *call_stack,
                             size_t depth)
{
  TrkThread *thread;
  TrkUnwindStart start;
  uint64_t ticks, old_block = (uint64_t) old_ptr, block = (uint64_t) new_ptr;
  uint32_t local;
  int result;

  if (TRK_UNLIKELY (!old_ptr || !new_ptr))
    return MEMSCOPE_ERROR_ARGUMENT;
  TRK_UNWIND_START (&start);
  thread = enter (&start, &result);
  if (!thread)
    return result;
  ticks = trk_clock_now ();
  reserve (thread, ticks);
  begin_declared (thread);
  if (TRK_UNLIKELY (thread->sampled))
    {
      /* The old block ends if it was kept, and the new one is drawn for anew. */
      if (was_kept (thread, old_block))
        trk_stream_put_free (thread, ticks, old_block);
      if (keeps (thread, block, size))
        trk_stream_put_alloc (thread, ticks, block, size,
                              put_stack (thread, call_stack, depth, &start));
    }
  else
    {
      local = put_stack (thread, call_stack, depth, &start);
      trk_address_cache_put (&thread->addresses, block, thread->encoder.sequence);
      trk_event_put_realloc (&thread->encoder, ticks, ticks, old_block, block, size, local);
    }
  end_declared (thread);
  leave (thread);
  return MEMSCOPE_OK;
}

int
memscope_track_deallocation (const void *ptr, const void *const *call_stack, size_t depth)
{
  TrkThread *thread;
  TrkUnwindStart start;
  uint64_t ticks;
  int result;

  if (TRK_UNLIKELY (!ptr))
    return MEMSCOPE_ERROR_ARGUMENT;
  TRK_UNWIND_START (&start);
  thread = enter (&start, &result);
  if (!thread)
    return result;
  ticks = trk_clock_now ();
  if (was_kept (thread, (uint64_t) ptr))
    {
      reserve (thread, ticks);
      begin_declared (thread);
      if (call_stack)
        trk_event_put_free_stack (&thread->encoder, put_stack (thread, call_stack, depth, NULL));
      trk_stream_put_free (thread, ticks, (uint64_t) ptr);
      end_declared (thread);
    }
  leave (thread);
  return MEMSCOPE_OK;
}

/* --- rules --- */

static int
set_rule (const char *rule)
{
  const char *error;

  if (atomic_load (&trk_process.phase) != TRK_STATE_RECORDING
      || trk_process.pid != trk_system_get_pid ())
    return MEMSCOPE_ERROR_NOT_TRACKING;
  if (!trk_process.config.preload)
    {
      trk_process_set_reason ("a rule chooses whose heap is recorded, which needs",
                              "memscope record");
      return MEMSCOPE_ERROR_UNSUPPORTED;
    }
  if (!(error = trk_control_set_rule (rule)))
    return MEMSCOPE_OK;
  trk_process_set_reason ("the rule:", error);
  return MEMSCOPE_ERROR_CONFIG;
}

int
memscope_set_thread_rule (const char *rule)
{
  TrkThreadGate *gate = &trk_thread_gate;
  int saved_errno = errno, result;

  if (!rule)
    return MEMSCOPE_ERROR_ARGUMENT;
  trk_hook_meet ();
  if (gate->place != TRK_HOOK_OUTSIDE)
    return MEMSCOPE_ERROR_UNSUPPORTED; /* from a signal handler inside the tracker */
  trk_gate_set_place (gate, TRK_HOOK_RECORDING);
  result = set_rule (rule);
  trk_hook_leave ();
  errno = saved_errno;
  return result;
}

/* --- words ----------------------------------------------------------------------------------- */

const char *
memscope_strerror (int error)
{
  switch (error)
    {
    case MEMSCOPE_OK:
      return "no error";
    case MEMSCOPE_ERROR_CONFIG:
      return "the configuration contradicts itself or is out of range";
    case MEMSCOPE_ERROR_ALREADY:
      return "this thread has a tracker already";
    case MEMSCOPE_ERROR_NOT_TRACKING:
      return "this thread has no tracker";
    case MEMSCOPE_ERROR_OUTPUT:
      return "the output folder cannot be made or written";
    case MEMSCOPE_ERROR_OTHER_OUTPUT:
      return "the process already records into another folder";
    case MEMSCOPE_ERROR_MEMORY:
      return "no memory or disk space for the tracker's own tables";
    case MEMSCOPE_ERROR_ARGUMENT:
      return "an argument is missing or out of range";
    case MEMSCOPE_ERROR_UNSUPPORTED:
      return "not possible here";
    case MEMSCOPE_ERROR_RUNNING:
      return "a profiling session runs already";
    case MEMSCOPE_ERROR_NOT_RUNNING:
      return "this profiling session does not run";
    case MEMSCOPE_ERROR_PROGRAM:
      return "a program of Memscope is missing or cannot be started";
    case MEMSCOPE_ERROR_EXPORT:
      return "the export failed";
    default:
      return "unknown error";
    }
}

const char *
memscope_get_error_reason (void)
{
  return trk_process.error_reason;
}
