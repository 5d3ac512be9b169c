/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Verified replay: has this thread unwound exactly this stack before?
 *
 * What an unwind read from the stack, in order, is a *walk*: one word for each return address and for
 * each saved rbp that a frame's address was computed from.  The slots count from 16 bytes below the
 * caller's sp, where every hook keeps the caller's rbp (slot 0) and its own return address (slot 1), so
 * that those are words like the others.
 *
 * If the caller's sp and all words are equal now, the unwind is equal, by induction: the next slot is a
 * function of the words before it.  A walk is found by a tree of the slots in which walks first differ:
 *
 *   (pc, sp) ──▶ walk                                one is known from this place
 *   (pc, sp) ──▶ branch at slot 23 ─┬─ value a ──▶ walk
 *                                   ├─ value b ──▶ branch at slot 40 ─▶ …
 *                                   └─ others  ──▶ by a hash of the branch and the value
 *
 * All walks below a branch agree up to its slot, so one look there chooses between them, and only the
 * words of the one that is left are compared, each once.  Two children stand in the branch itself and
 * are chosen by jumps: these follow from the path by which the program came here, so the processor
 * foretells them and need not wait for the look.
 *
 * On the thread's own stack every slot outside sp may be read.  On another stack (a fiber's, a signal
 * handler's) a slot is known to be mapped only after the words before it were found equal: there the
 * look-up compares in that order, out of line.
 *
 * Never stored: walks through signal frames, frames whose address came from memory otherwise, or code
 * of no module.  dlclose empties the cache.  Nothing on the stack is patched: exceptions, longjmp, CET
 * and debuggers are unaffected.
 *
 * One thread's own; no locks, no allocation, signal-safe.  Cost of a hit: a hash, a look a branch, and
 * three loads and a comparison a word (tests/bench: churn; hot-path-instructions).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unwind/trk-unwind.h"
#include "unwind/trk-unwind-stack.h"

#define TRK_REPLAY_LINKS 512U
#define TRK_REPLAY_ARENA_WORDS 2816U
#define TRK_REPLAY_MAX_WORDS 512U
#define TRK_REPLAY_GROUP 4U
#define TRK_REPLAY_MAX_BRANCHES 64U /* of one look-up, on a foreign stack or by hash */

/* Where a leaf begins in the arena, in words; with this bit the branch that was made for it is meant. */
typedef uint16_t TrkReplayRef;

#define TRK_REPLAY_BRANCH 0x8000U

/* The answer: what the caller stores with a stack. */
typedef struct {
  uint32_t id;
  uint32_t block; /* the block_serial in which @local is the stack's number */
  uint32_t local;
} TrkReplayAnswer;

typedef struct {
  uint64_t values[2];
  TrkReplayRef children[2];
  uint16_t slot;
} TrkReplayBranch;

typedef struct {
  uint64_t values[TRK_REPLAY_GROUP];
  uint16_t slots[TRK_REPLAY_GROUP];
} TrkReplayGroup;

typedef struct {
  uint64_t sp;
  TrkReplayAnswer answer;
  uint16_t n_words;
  uint16_t n_groups;      /* the last is filled up with the first word */
  TrkReplayBranch branch; /* above this leaf, if it had to be told from others */
  TrkReplayGroup groups[];
} TrkReplayLeaf;

/* From a place of the program, or from a branch and a value that has no place in it. */
typedef struct {
  uint32_t key; /* 0: empty, and nothing is kept under it */
  TrkReplayRef to;
} TrkReplayLink;

typedef struct {
  uint32_t n_arena_words;
  uint32_t generation; /* trk_process.generation that the leaves are from */
  TrkReplayLink links[TRK_REPLAY_LINKS];
  uint64_t arena[TRK_REPLAY_ARENA_WORDS];
} TrkReplay;

/* A walk being written down. */
typedef struct {
  bool storable;
  uint32_t n_words;
  uint32_t end_slot; /* those from here on are not on the stack that the walk began on */
  uint64_t values[TRK_REPLAY_MAX_WORDS];
  uint16_t slots[TRK_REPLAY_MAX_WORDS];
} TrkReplayWalk;

void trk_replay_clear (TrkReplay *self, uint32_t generation);

static inline const uint64_t *
trk_replay_base (uint64_t sp)
{
  return (const uint64_t *) (uintptr_t) (sp - 16);
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

/* A link is at one of two places. */
static inline uint32_t
trk_replay_first_place (uint32_t key)
{
  return key % TRK_REPLAY_LINKS;
}

static inline uint32_t
trk_replay_second_place (uint32_t key)
{
  return (key >> 16) % TRK_REPLAY_LINKS;
}

/* The link of @key, or NULL. */
static inline TrkReplayLink *
trk_replay_probe (TrkReplay *self, uint32_t key)
{
  TrkReplayLink *first = &self->links[trk_replay_first_place (key)];
  TrkReplayLink *second = &self->links[trk_replay_second_place (key)];

  return first->key == key ? first : second->key == key ? second : NULL;
}

static inline TrkReplayLeaf *
trk_replay_leaf (TrkReplay *self, TrkReplayRef ref)
{
  return (TrkReplayLeaf *) &self->arena[ref & ~TRK_REPLAY_BRANCH];
}

static inline bool
trk_replay_verify (const TrkReplayLeaf *leaf)
{
  const uint64_t *base = trk_replay_base (leaf->sp);
  const TrkReplayGroup *group = leaf->groups, *end = group + leaf->n_groups;

  do
    {
#pragma GCC unroll 4
      for (unsigned i = 0; i < TRK_REPLAY_GROUP; i++)
        if (__builtin_expect (base[group->slots[i]] != group->values[i], 0))
          return false;
    }
  while (++group != end);
  return true;
}

/* As trk_replay_find(), on any stack. */
__attribute__ ((noinline, cold)) TrkReplayLeaf *trk_replay_find_carefully (
    TrkReplay *self,
    const TrkUnwindStart *start);

/* The leaf of the present stack, or NULL.  What has this sp was stored from this place of the stack, so
 * that its slots lie on it too; what has another was found by a chance of hashes.  By such a chance a
 * link may also lead back to a branch above it, so that only so many are followed. */
static inline TrkReplayLeaf *
trk_replay_find (TrkReplay *self, const TrkUnwindStart *start)
{
  uint64_t sp = start->sp;
  const TrkReplayLink *link = trk_replay_probe (self, trk_replay_first_key (start));
  unsigned n_left = TRK_REPLAY_MAX_BRANCHES;
  TrkReplayLeaf *leaf;
  TrkReplayRef ref;

  if (__builtin_expect (!link, 0))
    return NULL;
  if (__builtin_expect (sp - trk_own_stack.low >= trk_own_stack.high - trk_own_stack.low, 0))
    return trk_replay_find_carefully (self, start);
  ref = link->to;
  leaf = trk_replay_leaf (self, ref);
  while (__builtin_expect (leaf->sp == sp, 1))
    {
      const TrkReplayBranch *branch = &leaf->branch;
      uint64_t value;

      if (!(ref & TRK_REPLAY_BRANCH))
        return __builtin_expect (trk_replay_verify (leaf), 1) ? leaf : NULL;
      value = trk_replay_base (sp)[branch->slot];
      /* Jumps, not conditional moves: see above. */
      if (value == branch->values[0])
        {
          __asm__ volatile("");
          ref = branch->children[0];
        }
      else if (value == branch->values[1])
        {
          __asm__ volatile("");
          ref = branch->children[1];
        }
      else if (--n_left && (link = trk_replay_probe (self, trk_replay_key (ref, value))))
        ref = link->to;
      else
        break;
      leaf = trk_replay_leaf (self, ref);
    }
  return NULL;
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
