/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the recorder keeps for one live thread, and the thread's life:
 *
 *   fresh ──register──▶ live ──key destructor──▶ ended
 *                        │ tracked / untracked, decided again whenever the gate or the name changes
 *
 * The structure lies beside the thread's lane in the pool; only the thread itself touches it.
 * After the end, late events (other keys' destructors, libc's own thread structures) take a lane each.
 */
#pragma once

#include <stdbool.h>

#include "trk-address-cache.h"
#include "trk-config.h"
#include "trk-earlier.h"
#include "trk-event-encoder.h"
#include "trk-format.h"
#include "trk-gate.h"
#include "trk-replay.h"
#include "trk-sampler.h"

#define TRK_STACK_CACHE_ENTRIES 64U

/* What sampling let pass since the last block that is in a file. */
typedef struct {
  uint64_t allocations, bytes, frees;
} TrkSkipped;

/* A call stack that this thread met, by its frames: saves the process-wide table. */
typedef struct {
  uint64_t hash; /* 0: empty */
  TrkReplayAnswer answer;
} TrkStackCacheEntry;

/* A place for a block of events. */
typedef struct {
  TrkWindowState *state;
  uint8_t *bytes;
  uint32_t spare; /* trk-window.c */
} TrkWindow;

struct _TrkThread {
  /* Hot. */
  TrkEventEncoder encoder;
  TrkWindow window; /* of the open event block; always one that is this thread's */
  TrkLane *lane;
  TrkBlockHeader *block;
  uint32_t id;
  int32_t tid;
  uint32_t event_block_number;
  uint32_t block_serial; /* counts opened blocks: numbers are used again after a failed write */
  bool tracked;          /* the rule's verdict on its heap events */
  bool declared;         /* the explicit API is on */
  volatile bool inside;  /* a declaration is being made: see trk_process_stop() */
  bool sampled;
  bool special;         /* not tracked, sampled, late, or with a stack for each free */
  uint32_t stack_depth; /* frames wanted */
  bool is_reallocating; /* sampled: the allocation that follows is by realloc */
  TrkSampler sampler;
  uint64_t latest_kept; /* sampled: the block, if the latest operation allocated and kept one */
  TrkSkipped skipped;   /* not told yet */

  /* Warm. */
  uint32_t lane_index, next_free;
  uint32_t oldest_window, newest_window, n_windows; /* trk-ring.c */
  TrkEarlier earlier;                               /* with a ring: up to its latest full block */
  TrkCounts told_of_end[TRK_N_COUNTED_DOMAINS];     /* of that, what the pool's header has by now */
  uint64_t start_ticks;                             /* when it was met */
  TrkWindow next_window; /* claimed, while the present one is given up; else no state */
  TrkWindow leaving_window;
  uint32_t leaving_number; /* of the block in it */
  bool is_posting;
  int32_t process; /* whose lane it is: a forked child may find itself in a hook of its parent's */
  uint32_t stack_block_number;
  uint32_t n_stacks_in_block;
  uint8_t *stack_cursor;
  uint64_t dropped;        /* to be told in the next block */
  uint64_t dropped_told;   /* in this one */
  TrkSkipped skipped_told; /* likewise */
  uint32_t drop_reason;
  bool has_own_file;
  bool late;                   /* taken for one free after the thread's end */
  uint64_t start_cpu_ns;       /* what the thread had used before it was met */
  TrkExitFigures usage_before; /* likewise */
  uint64_t met_ns;
  uint8_t destructor_rounds;
  char name[16];
  TrkEventWidths widths;
  uint32_t previous_depth;
  uint64_t previous_frames[TRK_MAX_STACK_DEPTH]; /* the last stack written, for sharing */
  uint64_t
      frames[TRK_MAX_STACK_DEPTH]; /* scratch, as the next: host threads may have small stacks */
  char path[TRK_PATH_BYTES];

  TrkStackCacheEntry stack_cache[TRK_STACK_CACHE_ENTRIES];
  TrkReplay replay;
  TrkAddressCache addresses;
  TrkReplayWalk walk; /* scratch */
};

/* Makes the calling thread live: a lane, a first block with its start and name, the verdict.
 * Returns false if no lane was to be had; the thread asks again from time to time. */
bool trk_thread_register (TrkThreadGate *gate);

/* An event of a thread that has no lane, if the rule would have had it recorded. */
void trk_thread_count_lost (TrkThreadGate *gate);

/* Decides by the rule, and sets the gate words. */
void trk_thread_decide (TrkThreadGate *gate);

/* At the process's end: the exit record.  The stream goes on, as libraries' destructors may follow. */
void trk_thread_note_exit (TrkThreadGate *gate);

/* Ends the stream for good: exit record, flush, lane back. */
void trk_thread_end (TrkThreadGate *gate);

/* Ends the stream, if there is one, and begins none again: after this the thread's hooks make no system
 * call and read no clock.  The threads that it creates are the same. */
void trk_thread_give_up (TrkThreadGate *gate, TrkGaveUp what);

/* The same without a system call, when they are forbidden already: what is in the thread's window stays
 * there for the closer. */
void trk_thread_abandon (TrkThreadGate *gate);

/* After the end: a lane for one more event, given back by trk_thread_end_late().  NULL if the thread was
 * not tracked, or no lane is to be had. */
TrkThread *trk_thread_revive (TrkThreadGate *gate);
void trk_thread_end_late (TrkThreadGate *gate);

/* The hook that the thread was in was left by a jump: forgets what was half done. */
void trk_thread_mend (TrkThreadGate *gate);

/* The thread's name now; writes a record if it is another, and decides again if the rule asks. */
void trk_thread_refresh_name (TrkThreadGate *gate);

/* Once a process: the key whose destructor ends threads. */
void trk_thread_init_key (void);

/* Whether the thread's stream is one of the recording of now. */
bool trk_thread_is_live (const TrkThreadGate *gate);

/* Another recording begins: ids count from the start. */
void trk_thread_restart_ids (void);

/* What a thread has of a recording that was ended means nothing. */
void trk_thread_forget_ended (TrkThreadGate *gate);

/* In a forked child: the next thread id, and this thread starts afresh. */
void trk_thread_after_fork (TrkThreadGate *gate);

/* Creation order; the main thread is 0 whenever it is met. */
TRK_PRIVATE uint32_t trk_thread_next_id (void);
