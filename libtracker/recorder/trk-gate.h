/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The words that every hook reads first.  See trk-process.h for what the gate is.
 *
 * Cost of a hook on an untracked thread: one TLS load, one load of the gate, one branch.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct _TrkThread TrkThread;
struct _TrkUnwindStart;

#define TRK_PRIVATE __attribute__ ((visibility ("default")))
#define TRK_LIKELY(x) __builtin_expect (!!(x), 1)
#define TRK_UNLIKELY(x) __builtin_expect (!!(x), 0)

/* A value that the gate never has. */
#define TRK_GATE_NEVER 1U
#define TRK_GATE_FIRST 2U

typedef enum {
  TRK_HOOK_OUTSIDE = 0,
  TRK_HOOK_IN_REAL = 1,  /* the allocator's own nested calls are its business, not events; those of
                          * a signal handler are counted as dropped */
  TRK_HOOK_RECORDING = 2 /* what arrives now comes from a signal handler: counted as dropped */
} TrkHookPlace;

typedef enum { TRK_PHASE_FRESH = 0, TRK_PHASE_LIVE = 1, TRK_PHASE_ENDED = 2 } TrkThreadPhase;

/* See trk_thread_give_up(). */
typedef enum {
  TRK_GAVE_UP_NOTHING = 0,
  TRK_GAVE_UP_CLOCK = 1, /* the time stamp counter may not be read */
  TRK_GAVE_UP_CALLS = 2  /* no system call may be made: what comes is counted as dropped */
} TrkGaveUp;

typedef struct {
  uint32_t untracked_gate;      /* equals the gate: this thread's allocations are not recorded */
  uint32_t untracked_free_gate; /* equals the gate: nor can its frees concern a tracked block */
  uint32_t tracked_gate;        /* equals the gate: recorded */
  uint32_t declared_gate;       /* equals the gate: the explicit API is on for this thread */
  uint32_t place;               /* TrkHookPlace */
  const struct _TrkUnwindStart *start; /* of the hook that the thread is or was last in */
  uint32_t phase;                      /* TrkThreadPhase */
  uint32_t id;                         /* given by the creator, with has_id */
  uint32_t parent_id;
  uint32_t has_id;
  uint32_t gave_up;   /* TrkGaveUp */
  uint32_t refused;   /* times that this thread got no lane */
  uint32_t reentered; /* events lost to a signal handler, not yet recorded as dropped */
  uint32_t session;   /* in which the phase is LIVE: see trk_process_stop() */
  uint64_t start_routine;
  /* What a late event after the thread's end goes on from. */
  uint32_t ended_block_number;
  uint32_t ended_stack_block_number;
  uint32_t ended_tracked;
  uint64_t ended_sequence;
  uint64_t ended_start_ticks, ended_counts[6]; /* with a ring */
  TrkThread *thread;
  uint64_t *socket_bytes; /* received, sent: in the thread's lane; NULL: not counted */
} TrkThreadGate;

/* For those who are in no hook of the program's, but must not be disturbed. */
static inline void
trk_gate_set_place (TrkThreadGate *gate, TrkHookPlace place)
{
  gate->start = NULL;
  gate->place = place;
}

extern TRK_PRIVATE __thread TrkThreadGate trk_thread_gate
    __attribute__ ((tls_model ("initial-exec")));
extern TRK_PRIVATE uint32_t trk_gate[2048];

/* Behind the gate's page lies another: what others want of this process, see trk-control.h.  Zeros where
 * nobody can say.  Side by side, so that one address serves for both. */
#define TRK_GATE_PAGE_WORDS 1024
#define TRK_GATE_SEEN_WORD 1 /* of the gate's page: the generation that was looked at last */
#define TRK_CONTROL_GENERATION_WORD 18 /* of the control page */

static inline bool
trk_control_has_news (void)
{
  return *(volatile uint32_t *) &trk_gate[TRK_GATE_PAGE_WORDS + TRK_CONTROL_GENERATION_WORD]
         != *(volatile uint32_t *) &trk_gate[TRK_GATE_SEEN_WORD];
}

static inline uint32_t
trk_gate_get (void)
{
  return *(volatile uint32_t *) &trk_gate[0];
}
