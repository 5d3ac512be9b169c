/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Verified replay: has this thread unwound exactly this stack before?
 *
 * An entry is what an unwind read: the registers that it began with and every word of the stack that
 * decided about a frame, in order.
 *
 *   header   pc · sp · bp, if a frame was found through the rbp of the beginning · the answer
 *   words    (slot, in words above sp, 17 bits) (value there, 47 bits)   one for each return
 *            address, and for each saved rbp that a frame's address was computed from
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
#include <stddef.h>
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
  uint64_t pc, sp, bp;
  uint32_t uses_bp, n_words;
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
  uint64_t words[TRK_REPLAY_MAX_WORDS];
} TrkReplayWalk;

void trk_replay_clear (TrkReplay *self, uint32_t generation);

#define TRK_REPLAY_VALUE_BITS 47
#define TRK_REPLAY_VALUE_MASK (((uint64_t) 1 << TRK_REPLAY_VALUE_BITS) - 1)

static inline uint64_t
trk_replay_first_key (const TrkUnwindStart *start)
{
  uint64_t key = (start->pc * 0xff51afd7ed558ccdULL ^ start->sp) * 0x9E3779B97F4A7C15ULL;

  return key ^ key >> 29;
}

/* The entry under @key that begins with these registers, rbp aside. */
static inline TrkReplayEntry *
trk_replay_probe (TrkReplay *self, uint64_t key, const TrkUnwindStart *start)
{
  unsigned set = (unsigned) (key >> 40) % TRK_REPLAY_SETS;
  uint16_t tag = (uint16_t) (key >> 16);

  for (unsigned way = 0; way < TRK_REPLAY_WAYS; way++)
    if (self->tags[set][way] == tag && self->offsets[set][way])
      {
        TrkReplayEntry *entry = (TrkReplayEntry *) &self->arena[self->offsets[set][way] - 1];

        if (entry->pc == start->pc && entry->sp == start->sp)
          return entry;
      }
  return NULL;
}

/* How many leading words are as the entry says; @value gets the one that is not. */
static inline uint32_t
trk_replay_verify (const TrkReplayEntry *entry, uint64_t sp, uint64_t *value)
{
  uint32_t n_words = entry->n_words;

  for (uint32_t i = 0; i < n_words; i++)
    {
      uint64_t word = entry->words[i];
      uint64_t found = ((const uint64_t *) (uintptr_t) sp)[word >> TRK_REPLAY_VALUE_BITS];

      if (__builtin_expect (found != (word & TRK_REPLAY_VALUE_MASK), 0))
        {
          *value = found;
          return i;
        }
    }
  return n_words;
}

/* The candidates after @entry, which is not the stack. */
TrkReplayEntry *trk_replay_hop (TrkReplay *self,
                                TrkReplayEntry *entry,
                                const TrkUnwindStart *start,
                                uint64_t *key);

/* The verified entry, or NULL and *@key for trk_replay_unwind(). */
static inline TrkReplayEntry *
trk_replay_find (TrkReplay *self, const TrkUnwindStart *start, uint64_t *key)
{
  TrkReplayEntry *entry;
  uint64_t value;

  *key = trk_replay_first_key (start);
  entry = trk_replay_probe (self, *key, start);
  if (__builtin_expect (!entry, 0))
    return NULL;
  if (__builtin_expect (!(entry->uses_bp && entry->bp != start->bp)
                            && trk_replay_verify (entry, start->sp, &value) == entry->n_words,
                        1))
    return entry;
  return trk_replay_hop (self, entry, start, key);
}

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
