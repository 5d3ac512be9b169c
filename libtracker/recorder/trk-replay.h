/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Verified replay: has this thread unwound exactly this stack before?
 *
 * What an unwind read from the stack, in order, is a *walk*: one word for each return address and for
 * each saved rbp that a frame's address was computed from.  The slots count from 16 bytes below the
 * caller's sp, where every hook keeps the caller's rbp (slot 0) and its own return address (slot 1), so
 * that those are words like the others.
 *
 *   leaf     sp · the answer · the values of the words · their slots, 16 bits each
 *
 * If sp and all words are equal now, the unwind is equal, by induction: the next slot is a function of
 * the words before it.
 *
 * Leaves are found by a tree of the slots in which they first differ:
 *
 *   (pc, sp) ──▶ leaf                                one walk known from this place
 *   (pc, sp) ──▶ branch at slot 23 ─┬─ value a ──▶ leaf
 *                                   ├─ value b ──▶ branch at slot 40 ─▶ …
 *
 * All walks below a branch agree up to its slot, so one look there chooses between them, and only the
 * leaf's words are compared, each once, with one branch at the end of each group.  The nodes lie in one
 * hash table: a node's key is a hash of its parent and of the value that leads to it.
 *
 * On the thread's own stack every slot outside sp may be read.  On another stack (a fiber's, a signal
 * handler's) a slot is known to be mapped only after the words before it were found equal: there the
 * look-up compares in that order, out of line.
 *
 * Never stored: walks through signal frames, frames whose address came from memory otherwise, or code
 * of no module.  dlclose empties the cache.  Nothing on the stack is patched: exceptions, longjmp, CET
 * and debuggers are unaffected.
 *
 * One thread's own; no locks, no allocation, signal-safe.  Cost of a hit: a hash and a probe a node, and
 * two loads and three operations a word (tests/bench: churn; hot-path-instructions).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "unwind/trk-unwind.h"
#include "unwind/trk-unwind-stack.h"

#define TRK_REPLAY_NODES 512U
#define TRK_REPLAY_ARENA_WORDS 2560U
#define TRK_REPLAY_MAX_WORDS 512U
/* Words are compared so many at a time. */
#define TRK_REPLAY_GROUP 4U

/* The answer: what the caller stores with a stack. */
typedef struct {
  uint32_t id;
  uint32_t block; /* the block_serial in which @local is the stack's number */
  uint32_t local;
} TrkReplayAnswer;

typedef struct {
  uint64_t sp;
  TrkReplayAnswer answer;
  uint16_t n_words;
  uint16_t n_padded; /* whole groups: what is missing are copies of the first word */
  uint64_t values[]; /* and the slots after them */
} TrkReplayLeaf;

/* A leaf, or a branch: then @leaf is any leaf below it, the same for as long as the branch lives. */
typedef struct {
  uint32_t key;  /* 0: empty, and nothing is kept under it */
  uint16_t leaf; /* in the arena, in words */
  uint16_t slot; /* of a branch; TRK_REPLAY_NO_SLOT: a leaf */
} TrkReplayNode;

#define TRK_REPLAY_NO_SLOT UINT16_MAX

typedef struct {
  uint32_t n_arena_words;
  uint32_t generation; /* trk_process.generation that the leaves are from */
  TrkReplayNode nodes[TRK_REPLAY_NODES];
  uint64_t arena[TRK_REPLAY_ARENA_WORDS];
} TrkReplay;

/* A walk being written down. */
typedef struct {
  bool storable;
  uint32_t n_words;
  uint64_t values[TRK_REPLAY_MAX_WORDS];
  uint16_t slots[TRK_REPLAY_MAX_WORDS];
} TrkReplayWalk;

void trk_replay_clear (TrkReplay *self, uint32_t generation);

static inline const uint64_t *
trk_replay_base (uint64_t sp)
{
  return (const uint64_t *) (uintptr_t) (sp - 16);
}

static inline const uint16_t *
trk_replay_slots (const TrkReplayLeaf *leaf)
{
  return (const uint16_t *) &leaf->values[leaf->n_padded];
}

static inline uint32_t
trk_replay_key (uint64_t parent, uint64_t value)
{
  return (uint32_t) ((value ^ parent << 40) * 0x9E3779B97F4A7C15ULL >> 32);
}

static inline uint32_t
trk_replay_first_key (const TrkUnwindStart *start)
{
  return trk_replay_key (start->sp, start->pc);
}

/* A node is at one of two places. */
static inline uint32_t
trk_replay_first_place (uint32_t key)
{
  return key % TRK_REPLAY_NODES;
}

static inline uint32_t
trk_replay_second_place (uint32_t key)
{
  return (key >> 16) % TRK_REPLAY_NODES;
}

/* The node of @key; or another, with another key.  No branch on which place it is. */
static inline TrkReplayNode
trk_replay_probe (const TrkReplay *self, uint32_t key)
{
  uint64_t first, second, node;
  TrkReplayNode result;

  memcpy (&first, &self->nodes[trk_replay_first_place (key)], sizeof first);
  memcpy (&second, &self->nodes[trk_replay_second_place (key)], sizeof second);
  node = (uint32_t) first == key ? first : second;
  memcpy (&result, &node, sizeof result);
  return result;
}

static inline bool
trk_replay_verify (const TrkReplayLeaf *leaf)
{
  const uint64_t *base = trk_replay_base (leaf->sp);
  const uint64_t *values = leaf->values + leaf->n_padded;
  const uint16_t *slots = trk_replay_slots (leaf) + leaf->n_padded;
  int64_t i = -(int64_t) leaf->n_padded;

  do
    {
#pragma GCC unroll 4
      for (unsigned k = 0; k < TRK_REPLAY_GROUP; k++)
        if (__builtin_expect (base[slots[i + (int64_t) k]] != values[i + (int64_t) k], 0))
          return false;
      i += TRK_REPLAY_GROUP;
    }
  while (i != 0);
  return true;
}

/* As trk_replay_find(), on any stack. */
__attribute__ ((noinline, cold)) TrkReplayLeaf *trk_replay_find_carefully (
    TrkReplay *self,
    const TrkUnwindStart *start);

/* The leaf of the present stack, or NULL. */
static inline TrkReplayLeaf *
trk_replay_find (TrkReplay *self, const TrkUnwindStart *start)
{
  uint64_t sp = start->sp, high = trk_own_stack.high;
  uint32_t key = trk_replay_first_key (start);
  TrkReplayNode node = trk_replay_probe (self, key);
  TrkReplayLeaf *leaf;

  if (__builtin_expect (node.key != key, 0))
    return NULL;
  if (__builtin_expect (sp - trk_own_stack.low >= high - trk_own_stack.low, 0))
    return trk_replay_find_carefully (self, start);
  while (node.slot != TRK_REPLAY_NO_SLOT)
    {
      const uint64_t *slot = trk_replay_base (sp) + node.slot;

      if (__builtin_expect ((uint64_t) (uintptr_t) slot >= high, 0))
        return NULL;
      key = trk_replay_key (node.leaf, *slot);
      node = trk_replay_probe (self, key);
      if (__builtin_expect (node.key != key, 0))
        return NULL;
    }
  leaf = (TrkReplayLeaf *) &self->arena[node.leaf];
  /* With this sp it was stored from this place of the stack, so that its slots lie on it too. */
  if (__builtin_expect (leaf->sp != sp || !trk_replay_verify (leaf), 0))
    {
      /* A branch, not a conditional move: what uses the leaf must not wait for the compare. */
      __asm__ volatile("");
      return NULL;
    }
  return leaf;
}

/* As trk_unwind(), writing the walk down. */
unsigned trk_replay_unwind (TrkReplayWalk *walk,
                            const TrkUnwindStart *start,
                            uint64_t *frames,
                            unsigned max,
                            bool *truncated);

/* Keeps the walk.  NULL if it must not or cannot be kept. */
TrkReplayLeaf *trk_replay_store (TrkReplay *self,
                                 const TrkReplayWalk *walk,
                                 const TrkUnwindStart *start);
