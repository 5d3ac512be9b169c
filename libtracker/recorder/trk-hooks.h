/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the preload module calls.  Exported, but private: not installed, no promise across versions.
 *
 *   TRK_UNWIND_START (&start);               in the hook's own frame
 *   thread = trk_hook_enter (&start);        NULL: do only the real call
 *   result = real call;
 *   if (thread) trk_hook_allocated (thread, result, size, &start);
 *
 * Between enter and the recording call the thread is "in the real function": what the allocator calls
 * itself is not recorded.  Every function preserves errno, takes no lock and may run in a signal
 * handler, before main, and in a forked child.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "trk-gate.h"
#include "unwind/trk-unwind.h"

/* Not tracked under the present gate, or not decided yet, or in a hook already. */
TRK_PRIVATE TrkThread *trk_hook_enter_cold (const TrkUnwindStart *start, bool for_free);

/* A hook's TrkUnwindStart lies in its own frame, so it is at most so far below the sp that it names. */
#define TRK_HOOK_FRAME_MAX_BYTES 512U

/* The place comes before the look at the gate: a handler that forks in between leaves a child that sees
 * its gate wiped, and one that forks later leaves one that was plainly inside the hook. */
static inline TrkThread *
trk_hook_enter_either (const TrkUnwindStart *start, bool for_free)
{
  TrkThreadGate *gate = &trk_thread_gate;

  if (TRK_LIKELY (gate->place == TRK_HOOK_OUTSIDE))
    {
      gate->start = start;
      gate->place = TRK_HOOK_IN_REAL;
      __atomic_signal_fence (__ATOMIC_SEQ_CST);
      if (TRK_LIKELY (gate->tracked_gate == trk_gate_get ()))
        return gate->thread;
      gate->place = TRK_HOOK_OUTSIDE;
    }
  return trk_hook_enter_cold (start, for_free);
}

/* @start: in the frame of the hook, where it stays until the hook is left. */
static inline TrkThread *
trk_hook_enter (const TrkUnwindStart *start)
{
  return trk_hook_enter_either (start, false);
}

/* As trk_hook_enter(), but an untracked thread is let in too: it may free a tracked block. */
static inline TrkThread *
trk_hook_enter_free (const TrkUnwindStart *start)
{
  return trk_hook_enter_either (start, true);
}

static inline void
trk_hook_leave (void)
{
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  trk_thread_gate.place = TRK_HOOK_OUTSIDE;
}

/* For a thread that is in a hook.  True: that hook was broken off by a jump, and is left now.  False: it
 * goes on when we return, and this event is not recorded, but counted if it is a signal handler's. */
bool trk_hook_leave_broken (TrkThreadGate *gate, const TrkUnwindStart *start);

/* Has the process and the calling thread begin, if they have not yet. */
void trk_hook_meet (void);

/* malloc and free whole, for a thread that is tracked or not decided yet.  To be jumped to from the hook
 * itself, as the caller is read from the stack. */
TRK_PRIVATE void *trk_hook_malloc (size_t size, void *(*real) (size_t));
TRK_PRIVATE void trk_hook_free (void *address, void (*real) (void *));

/* The free of a thread that is not tracked, while others are. */
TRK_PRIVATE void trk_hook_free_untracked (void *address, void (*real) (void *));

/* After the real call, @address NULL: it failed.  Leaves the hook. */
TRK_PRIVATE void trk_hook_allocated (TrkThread *thread,
                                     void *address,
                                     size_t size,
                                     const TrkUnwindStart *start);

/* Nothing comes of it.  Leaves the hook. */
void trk_hook_abandon (TrkThread *thread);

/* Before the real call; the hook is left with trk_hook_leave() after it. */
TRK_PRIVATE void trk_hook_freeing (TrkThread *thread, void *address, const TrkUnwindStart *start);

/* A realloc of a block: what was true before the real call. */
typedef struct {
  uint64_t begin_ticks;
  bool is_kept; /* the block's end is to be recorded */
} TrkRealloc;

TRK_PRIVATE void trk_hook_reallocating (TrkThread *thread, void *old_address, TrkRealloc *realloc);

/* One of these after the real call.  It lives at @address now; it was freed, by realloc (p, 0); or it
 * lives on where it was.  Leaves the hook. */
TRK_PRIVATE void trk_hook_reallocated (TrkThread *thread,
                                       void *old_address,
                                       void *address,
                                       size_t size,
                                       const TrkRealloc *realloc,
                                       const TrkUnwindStart *start);
TRK_PRIVATE void trk_hook_freed (TrkThread *thread,
                                 void *address,
                                 const TrkRealloc *realloc,
                                 const TrkUnwindStart *start);
TRK_PRIVATE void trk_hook_realloc_failed (TrkThread *thread,
                                          void *old_address,
                                          const TrkRealloc *realloc);

/* In the creator: the id of a thread about to be created (creation order), and what its trampoline
 * gives back in the new thread. */
typedef struct {
  uint32_t id, parent_id, gave_up;
  uint32_t creator_stack; /* id of the call stack of its creation; 0: not taken */
  uint64_t stack_bytes;   /* of the stack that the C library gives it; 0: the program gave one */
  void *(*routine) (void *);
  void *argument;
} TrkThreadBirth;

TRK_PRIVATE void trk_hook_thread_birth (TrkThreadBirth *birth, const TrkUnwindStart *start);
TRK_PRIVATE void trk_hook_thread_begin (const TrkThreadBirth *birth);

/* This thread may have a new name. */
TRK_PRIVATE void trk_hook_thread_renamed (void);

/* This thread is about to lose the system calls or the clock that recording needs. */
TRK_PRIVATE void trk_hook_thread_give_up (TrkGaveUp what);

/* This thread, or all, are about to get the seccomp filter @program: the same, if it would kill us. */
TRK_PRIVATE void trk_hook_filter_coming (const void *program, bool all_threads);

/* Some other thread has: all look at their names when they come by next. */
TRK_PRIVATE void trk_hook_other_thread_renamed (void);

/* exit (via on_exit), _exit, and exec about to happen; exec that failed: back to running. */
TRK_PRIVATE void trk_hook_process_exit (int status);
TRK_PRIVATE void trk_hook_process_exec (void);
TRK_PRIVATE void trk_hook_process_exec_failed (void);

/* dlclose, before and after the real call. */
TRK_PRIVATE void trk_hook_module_unloaded (void);

/* From the preload's constructor, if nothing has allocated before.  @code: any function of the module,
 * whose frames are not the program's. */
TRK_PRIVATE void trk_hook_constructed (const void *code);
