/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-replay.h"

#include <string.h>

#define VALUE_BITS 48
#define VALUE_MASK (((uint64_t) 1 << VALUE_BITS) - 1)
#define NO_BP_WORD UINT64_MAX

static inline uint64_t
mix (uint64_t a, uint64_t b)
{
  uint64_t h = (a ^ b) * 0x9E3779B97F4A7C15ULL;

  return h ^ h >> 29;
}

static inline uint64_t
first_key (const TrkUnwindStart *start)
{
  return mix (start->pc * 0xff51afd7ed558ccdULL, start->sp);
}

static inline uint64_t
hop_key (uint64_t key, uint32_t word, uint64_t value)
{
  return mix (key + word, value * 0xc4ceb9fe1a85ec53ULL);
}

void
trk_replay_clear (TrkReplay *self, uint32_t generation)
{
  memset (self->tags, 0, sizeof self->tags);
  memset (self->offsets, 0, sizeof self->offsets);
  self->n_arena_words = 0;
  self->generation = generation;
}

static inline unsigned
set_of (uint64_t key)
{
  return (unsigned) (key >> 40) % TRK_REPLAY_SETS;
}

static inline uint16_t
tag_of (uint64_t key)
{
  return (uint16_t) (key >> 16);
}

/* The number of leading words that are as the entry says; @value gets the one that is not. */
static inline uint32_t
verify (const TrkReplayEntry *entry, uint32_t n_words, uint64_t sp, uint64_t *value)
{
  uint64_t slot = sp;

  for (uint32_t i = 0; i < n_words; i++)
    {
      uint64_t word = entry->words[i];

      slot += (uint64_t) ((int64_t) word >> VALUE_BITS) << 3;
      *value = *(const uint64_t *) (uintptr_t) slot;
      if (__builtin_expect (*value != (word & VALUE_MASK), 0))
        return i;
    }
  return n_words;
}

/* The entry under @key that begins with these registers, rbp aside. */
static inline TrkReplayEntry *
probe (TrkReplay *self, uint64_t key, const TrkUnwindStart *start)
{
  unsigned set = set_of (key);
  uint16_t tag = tag_of (key);

  for (unsigned way = 0; way < TRK_REPLAY_WAYS; way++)
    if (self->tags[set][way] == tag && self->offsets[set][way])
      {
        TrkReplayEntry *entry = (TrkReplayEntry *) &self->arena[self->offsets[set][way] - 1];

        if ((entry->pc_and_n_words & VALUE_MASK) == start->pc && entry->sp == start->sp)
          return entry;
      }
  return NULL;
}

TrkReplayEntry *
trk_replay_find (TrkReplay *self, const TrkUnwindStart *start, uint64_t *key)
{
  uint64_t k = first_key (start), value;

  for (unsigned hop = 0; hop < TRK_REPLAY_MAX_HOPS; hop++)
    {
      TrkReplayEntry *entry = probe (self, k, start);
      uint32_t n_words, equal;

      if (!entry)
        break;
      if (entry->uses_bp && entry->bp != start->bp)
        {
          k = hop_key (k, TRK_REPLAY_MAX_WORDS, start->bp);
          continue;
        }
      n_words = (uint32_t) (entry->pc_and_n_words >> VALUE_BITS);
      equal = verify (entry, n_words, start->sp, &value);
      if (__builtin_expect (equal == n_words, 1))
        return entry;
      k = hop_key (k, equal, value);
    }
  *key = k;
  return NULL;
}

static void
append (TrkReplayWalk *walk, uint64_t slot, uint64_t value)
{
  int64_t distance = (int64_t) (slot - walk->last_slot) >> 3;

  if ((slot & 7) || distance < INT16_MIN || distance > INT16_MAX || value > VALUE_MASK
      || walk->n_words == TRK_REPLAY_MAX_WORDS)
    {
      walk->storable = false;
      return;
    }
  walk->words[walk->n_words++] = (uint64_t) distance << VALUE_BITS | value;
  walk->last_slot = slot;
}

unsigned
trk_replay_unwind (TrkReplayWalk *walk,
                   uint64_t key,
                   const TrkUnwindStart *start,
                   uint64_t *frames,
                   unsigned max,
                   bool *truncated)
{
  TrkUnwindStatus status = TRK_UNWIND_FRAME;
  TrkUnwindCursor cursor;
  uint64_t noted_bp_slot = NO_BP_WORD;
  unsigned n = 0;

  walk->key = key;
  walk->storable = !(start->sp & 7);
  walk->uses_bp = false;
  walk->n_words = 0;
  walk->last_slot = start->sp;
  trk_unwind_begin (&cursor, start);
  while (status == TRK_UNWIND_FRAME && n < max)
    {
      uint64_t bp = cursor.bp, bp_slot = cursor.bp_slot, pc_slot = cursor.pc_slot;

      frames[n++] = cursor.pc;
      cursor.used_bp = false;
      status = trk_unwind_step (&cursor);
      if (cursor.used_bp && bp_slot == 0)
        {
          walk->uses_bp = true;
        }
      else if (cursor.used_bp && bp_slot != noted_bp_slot)
        {
          append (walk, bp_slot, bp);
          noted_bp_slot = bp_slot;
        }

      /* A return address of 0 ends a stack, and is a word that decided.  The one outside the last
       * wanted frame decides nothing, so that it is not compared either. */
      if (cursor.pc_slot == pc_slot)
        continue;
      if (n < max)
        append (walk, cursor.pc_slot, cursor.pc);
      else
        status = TRK_UNWIND_FRAME;
    }

  *truncated = status != TRK_UNWIND_END;
  walk->storable &= cursor.repeatable && status != TRK_UNWIND_STUCK;
  if (__builtin_expect (status == TRK_UNWIND_STUCK, 0))
    return trk_unwind (start, frames, max, truncated);
  return n;
}

/* A full arena is emptied as a whole: what is still in use comes back with its next event. */
static TrkReplayEntry *
allocate (TrkReplay *self, uint32_t n_words)
{
  uint32_t size = (uint32_t) (sizeof (TrkReplayEntry) / sizeof (uint64_t)) + n_words;
  TrkReplayEntry *entry;

  if (self->n_arena_words + size > TRK_REPLAY_ARENA_WORDS)
    trk_replay_clear (self, self->generation);
  entry = (TrkReplayEntry *) &self->arena[self->n_arena_words];
  self->n_arena_words += size;
  return entry;
}

TrkReplayEntry *
trk_replay_store (TrkReplay *self, const TrkReplayWalk *walk, const TrkUnwindStart *start)
{
  unsigned set = set_of (walk->key), way = 0;
  TrkReplayEntry *entry;

  if (!walk->storable || start->pc > VALUE_MASK)
    return NULL;
  entry = allocate (self, walk->n_words);
  entry->pc_and_n_words = (uint64_t) walk->n_words << VALUE_BITS | start->pc;
  entry->sp = start->sp;
  entry->bp = start->bp;
  entry->uses_bp = walk->uses_bp;
  memset (&entry->answer, 0, sizeof entry->answer);
  memcpy (entry->words, walk->words, walk->n_words * sizeof walk->words[0]);

  while (way < TRK_REPLAY_WAYS && self->offsets[set][way])
    way++;
  if (way == TRK_REPLAY_WAYS)
    way = self->next_way++ % TRK_REPLAY_WAYS;
  self->tags[set][way] = tag_of (walk->key);
  self->offsets[set][way] = (uint16_t) ((uint64_t *) entry - self->arena + 1);
  return entry;
}
