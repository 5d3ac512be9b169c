/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The recording half of every hook.  Any thread; no locks; allocates nothing; signal-safe in that a
 * handler which interrupts it is counted and not recorded.
 */
#include "trk-hooks.h"

#include <errno.h>

#include "trk-clock.h"
#include "trk-control.h"
#include "trk-event-stack.h"
#include "trk-hold.h"
#include "trk-kept-set.h"
#include "trk-modules.h"
#include "trk-pool.h"
#include "trk-process.h"
#include "trk-region-map.h"
#include "trk-seccomp.h"
#include "trk-stream.h"
#include "trk-system.h"
#include "trk-thread-stack.h"
#include "unwind/trk-unwind-stack.h"

/* --- the way in and out ----------------------------------------------------------------------- */

/* After the thread's end each event borrows a lane. */
static inline void
end_if_late (TrkThread *thread)
{
  if (TRK_UNLIKELY (thread->late))
    trk_thread_end_late (&trk_thread_gate);
}

void
trk_hook_abandon (TrkThread *thread)
{
  end_if_late (thread);
  trk_hook_leave ();
}

static inline void
begin_recording (TrkThread *thread, uint64_t ticks)
{
  TrkThreadGate *gate = &trk_thread_gate;

  gate->place = TRK_HOOK_RECORDING;
  trk_stream_reserve (thread, ticks);
  if (TRK_UNLIKELY (gate->reentered))
    trk_stream_put_reentered (thread, gate);
}

/* --- events ---------------------------------------------------------------------------------- */

/* A SIGKILL loses at most this many of the exact counts of a sampled thread, and no event. */
#define SKIPPED_AT_MOST 64

static void
tell_skipped (TrkThread *thread)
{
  if (TRK_LIKELY (thread->skipped.allocations + thread->skipped.frees < SKIPPED_AT_MOST))
    return;
  begin_recording (thread, trk_clock_now ());
  trk_stream_put_skipped (thread);
  trk_stream_commit (thread);
}

/* Whether the allocation is kept; counts exactly what is not. */
static bool
sample (TrkThread *thread, uint64_t address, uint64_t size)
{
  if (trk_sampler_keeps (&thread->sampler, size))
    {
      if (trk_kept_set_add (address))
        return true;
      trk_stream_count_unkept (thread);
    }
  thread->latest_kept = 0;
  thread->skipped.allocations++;
  thread->skipped.bytes += size;
  tell_skipped (thread);
  return false;
}

/* Behind begin_recording(). */
static inline __attribute__ ((always_inline)) void
put_allocation (TrkThread *thread,
                uint64_t block,
                uint64_t size,
                uint64_t ticks,
                const TrkUnwindStart *start)
{
  uint32_t local;

  trk_region_map_set (block);
  local = trk_event_stack_capture (thread, start);
  trk_stream_put_alloc (thread, ticks, block, size, local);
  trk_stream_commit (thread);
}

static __attribute__ ((noinline)) void
allocated_sampled (TrkThread *thread,
                   uint64_t block,
                   uint64_t size,
                   uint64_t ticks,
                   const TrkUnwindStart *start)
{
  bool is_realloc = thread->is_reallocating;

  thread->is_reallocating = false;
  if (!sample (thread, block, size))
    return;
  begin_recording (thread, ticks);
  if (is_realloc)
    trk_event_put_sampled_call (&thread->encoder, TRK_CALL_REALLOC);
  put_allocation (thread, block, size, ticks, start);
  thread->latest_kept = block;
}

void
trk_hook_allocated (TrkThread *thread, void *address, size_t size, const TrkUnwindStart *start)
{
  uint64_t ticks = trk_clock_now (), block = (uint64_t) address;

  if (TRK_UNLIKELY (thread->sampled))
    {
      if (block)
        allocated_sampled (thread, block, size, ticks, start);
    }
  else if (TRK_LIKELY (block))
    {
      begin_recording (thread, ticks);
      put_allocation (thread, block, size, ticks, start);
    }
  if (TRK_UNLIKELY (trk_control_has_news ()))
    trk_control_look ();
  end_if_late (thread);
  trk_hook_leave ();
}

static void
put_foreign_free (TrkThread *thread, uint64_t block, uint64_t ticks)
{
  if (!trk_region_map_may_hold (block))
    return;
  begin_recording (thread, ticks);
  trk_event_put_foreign_free (&thread->encoder, ticks, block);
  trk_stream_commit (thread);
}

/* Out of line, so that a free by an untracked thread saves no registers. */
static __attribute__ ((noinline)) void
put_free (TrkThread *thread,
          uint64_t block,
          bool is_temporary,
          uint64_t ticks,
          const TrkUnwindStart *start)
{
  begin_recording (thread, ticks);
  if (TRK_UNLIKELY (is_temporary))
    trk_event_put_sampled_call (&thread->encoder, TRK_CALL_TEMPORARY);
  if (TRK_UNLIKELY (trk_process.config.free_stacks))
    trk_event_put_free_stack (&thread->encoder, trk_event_stack_capture (thread, start));
  trk_stream_put_free (thread, ticks, block);
  trk_stream_commit (thread);
}

/* Whether the end of @block is to be recorded.  Before the real call: afterwards the address may be that
 * of another thread's new block, which is kept or not for itself. */
static inline bool
take_block (TrkThread *thread, uint64_t block)
{
  return TRK_LIKELY (!thread->sampled) || trk_kept_set_remove (block);
}

static void
record_end (TrkThread *thread,
            uint64_t block,
            bool is_kept,
            uint64_t ticks,
            const TrkUnwindStart *start)
{
  bool is_temporary = thread->latest_kept == block;

  thread->latest_kept = 0;
  if (!is_kept && trk_control.was_exact)
    {
      /* Either not kept, or from before sampling was switched on: who knows all of those will tell. */
      put_foreign_free (thread, block, ticks);
    }
  else if (!is_kept)
    {
      thread->skipped.frees += thread->tracked;
      tell_skipped (thread);
    }
  else if (!thread->tracked)
    put_foreign_free (thread, block, ticks);
  else
    put_free (thread, block, is_temporary, ticks, start);
}

void
trk_hook_freeing (TrkThread *thread, void *address, const TrkUnwindStart *start)
{
  uint64_t block = (uint64_t) address;

  if (TRK_LIKELY (thread->tracked && !thread->sampled))
    put_free (thread, block, false, trk_clock_now (), start);
  /* Most frees of an untracked thread end here, without a look at the clock. */
  else if (thread->tracked || trk_region_map_may_hold (block))
    record_end (thread, block, take_block (thread, block), trk_clock_now (), start);
  end_if_late (thread);
  trk_thread_gate.place = TRK_HOOK_IN_REAL;
}

/* --- realloc --------------------------------------------------------------------------------- */

void
trk_hook_reallocating (TrkThread *thread, void *old_address, TrkRealloc *realloc)
{
  realloc->begin_ticks = trk_clock_now ();
  realloc->is_kept = take_block (thread, (uint64_t) old_address);
}

void
trk_hook_realloc_failed (TrkThread *thread, void *old_address, const TrkRealloc *realloc)
{
  if (thread->sampled && realloc->is_kept)
    (void) trk_kept_set_add ((uint64_t) old_address);
  trk_hook_abandon (thread);
}

void
trk_hook_freed (TrkThread *thread,
                void *address,
                const TrkRealloc *realloc,
                const TrkUnwindStart *start)
{
  record_end (thread, (uint64_t) address, realloc->is_kept, realloc->begin_ticks, start);
  end_if_late (thread);
  trk_hook_leave ();
}

static void
put_realloc (TrkThread *thread,
             uint64_t old_block,
             uint64_t block,
             size_t size,
             uint64_t begin_ticks,
             uint64_t end_ticks,
             const TrkUnwindStart *start)
{
  uint32_t local;

  begin_recording (thread, begin_ticks);
  trk_region_map_set (block);
  local = trk_event_stack_capture (thread, start);
  trk_address_cache_put (&thread->addresses, block, thread->encoder.sequence);
  trk_event_put_realloc (&thread->encoder, begin_ticks, end_ticks, old_block, block, size, local);
  trk_stream_commit (thread);
}

void
trk_hook_reallocated (TrkThread *thread,
                      void *old_address,
                      void *address,
                      size_t size,
                      const TrkRealloc *realloc,
                      const TrkUnwindStart *start)
{
  uint64_t end_ticks = trk_clock_now (), old_block = (uint64_t) old_address;

  if (TRK_LIKELY (thread->tracked && !thread->sampled))
    put_realloc (thread, old_block, (uint64_t) address, size, realloc->begin_ticks, end_ticks,
                 start);
  else
    record_end (thread, old_block, realloc->is_kept, realloc->begin_ticks, start);

  if (TRK_UNLIKELY (thread->tracked && thread->sampled))
    {
      /* The new block is drawn for anew. */
      thread->is_reallocating = true;
      trk_hook_allocated (thread, address, size, start);
      return;
    }
  end_if_late (thread);
  trk_hook_leave ();
}

/* --- threads and process --------------------------------------------------------------------- */

void
trk_hook_thread_birth (TrkThreadBirth *birth, const TrkUnwindStart *start)
{
  TrkThread *thread;

  /* The creator may not have met a hook yet; it must have an id before its children do. */
  trk_hook_meet ();
  if (birth->stack_bytes && trk_process.config.mappings && (thread = trk_hook_enter (start)))
    {
      trk_thread_gate.place = TRK_HOOK_RECORDING;
      birth->creator_stack = trk_event_stack_identify (thread, start);
      trk_hook_abandon (thread);
    }
  birth->parent_id = trk_thread_gate.id;
  birth->gave_up = trk_thread_gate.gave_up;
  birth->id = trk_thread_next_id ();
}

void
trk_hook_thread_begin (const TrkThreadBirth *birth)
{
  TrkThreadGate *gate = &trk_thread_gate;
  TrkUnwindStart start;
  TrkThread *thread;

  gate->id = birth->id;
  gate->parent_id = birth->parent_id;
  gate->has_id = 1;
  gate->start_routine = (uint64_t) birth->routine;
  if (birth->gave_up)
    {
      trk_thread_give_up (gate, birth->gave_up);
      return;
    }
  TRK_UNWIND_START (&start);
  trk_unwind_stack_begin (start.sp);
  thread = trk_hook_enter (&start);
  if (!thread)
    return;
  if (birth->stack_bytes && trk_process.config.mappings)
    trk_thread_stack_begin (thread, birth->stack_bytes, birth->creator_stack);
  trk_hook_abandon (thread);
}

void
trk_hook_thread_renamed (void)
{
  TrkThreadGate *gate = &trk_thread_gate;
  int saved_errno = errno;

  if (gate->place != TRK_HOOK_OUTSIDE || gate->phase != TRK_PHASE_LIVE || trk_gate_get () == 0)
    return;
  trk_gate_set_place (gate, TRK_HOOK_RECORDING);
  trk_thread_refresh_name (gate);
  gate->place = TRK_HOOK_OUTSIDE;
  errno = saved_errno;
}

void
trk_hook_thread_give_up (TrkGaveUp what)
{
  int saved_errno = errno;

  trk_thread_give_up (&trk_thread_gate, what);
  errno = saved_errno;
}

void
trk_hook_filter_coming (const void *program, bool all_threads)
{
  if (!trk_seccomp_spares_usage (program))
    atomic_store (&trk_process.usage_forbidden, true);
  if (trk_seccomp_spares_recorder (program))
    return;
  /* In this order: what this thread has is written first. */
  trk_hook_thread_give_up (TRK_GAVE_UP_CALLS);
  if (all_threads)
    trk_process_forbid_calls ();
}

void
trk_hook_other_thread_renamed (void)
{
  trk_process_change_gate ();
}

void
trk_hook_process_exit (int status)
{
  trk_process_set_end (TRK_PROCESS_EXITED, status);
}

void
trk_hook_process_exec (void)
{
  trk_process_set_end (TRK_PROCESS_EXECED, 0);
}

void
trk_hook_process_exec_failed (void)
{
  trk_process_set_end (TRK_PROCESS_RUNNING, 0);
}

void
trk_hook_module_unloaded (void)
{
  /* In this order: what is kept under the new number was not found by the old rules. */
  trk_unwind_forget ();
  atomic_fetch_add (&trk_process.generation, 1);
}

void
trk_hook_constructed (const void *code)
{
  trk_modules_set_own (code);
  trk_hook_meet ();
  trk_hold ();
}
