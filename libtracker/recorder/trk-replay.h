/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Verified replay: has this thread unwound exactly this stack before?
 *
 * An entry is what an unwind read: the registers that it began with and every word of the stack that
 * decided about a frame, in order.
 *
 *   header   pc · sp · bp, if a frame was found through the rbp of the beginning · the answer
 *   words    (distance from the slot before, 16 bits) (value there, 48 bits)   one for each
 *            return address, and for each saved rbp that a frame's address was computed from
 *
 * If the registers and all words are equal now, the unwind is equal, by induction: the next slot is a
 * function of the words before it.  So the words are compared from the inside outward and the compare
 * stops at the first that differs, because slots beyond it are not known to be mapped.
 *
 * Where an entry differs at word k, with value v there, the next candidate is found under
 * hash (key, k, v): stacks that part ways further out are reached by hops, each a probe, and the
 * candidate is verified from its start.
 *
 * Never stored: walks through signal frames, frames whose address came from memory otherwise, or code
 * of no module.  dlclose empties the cache.  Nothing on the stack is patched: exceptions, longjmp, CET
 * and debuggers are unaffected.
 *
 * One thread's own; no locks, no allocation, signal-safe.  Cost of a hit: a hash, a probe and two loads
 * and a compare a frame.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "unwind/trk-unwind.h"

#define TRK_REPLAY_SETS 256U
#define TRK_REPLAY_WAYS 4U
#define TRK_REPLAY_ARENA_WORDS 4096U
#define TRK_REPLAY_MAX_WORDS 512U
#define TRK_REPLAY_MAX_HOPS 32U

/* The answer: what the caller stores with a stack. */
typedef struct {
  uint32_t id;
  uint32_t block; /* the block_serial in which @local is the stack's number */
  uint32_t local;
  uint32_t reserved;
} TrkReplayAnswer;

typedef struct {
  uint64_t pc_and_n_words; /* 48 and 16 bits */
  uint64_t sp;
  uint64_t bp;
  uint32_t uses_bp;
  uint32_t reserved;
  TrkReplayAnswer answer;
  uint64_t words[];
} TrkReplayEntry;

typedef struct {
  uint16_t tags[TRK_REPLAY_SETS][TRK_REPLAY_WAYS];
  uint16_t offsets[TRK_REPLAY_SETS][TRK_REPLAY_WAYS]; /* in the arena, +1; 0: empty */
  uint32_t n_arena_words;
  uint32_t generation; /* trk_process.generation that the entries are from */
  uint32_t next_way;
  uint64_t arena[TRK_REPLAY_ARENA_WORDS];
} TrkReplay;

/* A walk being written down. */
typedef struct {
  uint64_t key; /* where the look-up ended without an entry */
  bool storable;
  bool uses_bp;
  uint32_t n_words;
  uint64_t last_slot;
  uint64_t words[TRK_REPLAY_MAX_WORDS];
} TrkReplayWalk;

void trk_replay_clear (TrkReplay *self, uint32_t generation);

/* The verified entry, or NULL and *@key for trk_replay_unwind(). */
TrkReplayEntry *trk_replay_find (TrkReplay *self, const TrkUnwindStart *start, uint64_t *key);

/* As trk_unwind(), writing the walk down. */
unsigned trk_replay_unwind (TrkReplayWalk *walk,
                            uint64_t key,
                            const TrkUnwindStart *start,
                            uint64_t *frames,
                            unsigned max,
                            bool *truncated);

/* Keeps the walk.  NULL if it must not or cannot be kept. */
TrkReplayEntry *trk_replay_store (TrkReplay *self,
                                  const TrkReplayWalk *walk,
                                  const TrkUnwindStart *start);
