/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-replay.h"

#include <string.h>

#define NO_BP_WORD UINT64_MAX
#define MAX_SLOT ((uint64_t) 1 << (64 - TRK_REPLAY_VALUE_BITS))

static inline uint64_t
hop_key (uint64_t key, uint32_t word, uint64_t value)
{
  uint64_t h = (key + word) ^ value * 0xc4ceb9fe1a85ec53ULL;

  h *= 0x9E3779B97F4A7C15ULL;
  return h ^ h >> 29;
}

void
trk_replay_clear (TrkReplay *self, uint32_t generation)
{
  memset (self->tags, 0, sizeof self->tags);
  memset (self->offsets, 0, sizeof self->offsets);
  self->n_arena_words = 0;
  self->generation = generation;
}

TrkReplayEntry *
trk_replay_hop (TrkReplay *self, TrkReplayEntry *entry, const TrkUnwindStart *start, uint64_t *key)
{
  for (unsigned hop = 0; entry && hop < TRK_REPLAY_MAX_HOPS; hop++)
    {
      uint64_t value = start->bp;
      uint32_t equal = TRK_REPLAY_MAX_WORDS;

      if (!entry->uses_bp || entry->bp == start->bp)
        {
          equal = trk_replay_verify (entry, start->sp, &value);
          if (equal == entry->n_words)
            return entry;
        }
      *key = hop_key (*key, equal, value);
      entry = trk_replay_probe (self, *key, start);
    }
  return NULL;
}

static void
append (TrkReplayWalk *walk, uint64_t sp, uint64_t slot, uint64_t value)
{
  uint64_t distance = (slot - sp) >> 3;

  if ((slot & 7) || distance >= MAX_SLOT || value > TRK_REPLAY_VALUE_MASK
      || walk->n_words == TRK_REPLAY_MAX_WORDS)
    {
      walk->storable = false;
      return;
    }
  walk->words[walk->n_words++] = distance << TRK_REPLAY_VALUE_BITS | value;
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
          append (walk, start->sp, bp_slot, bp);
          noted_bp_slot = bp_slot;
        }

      /* A return address of 0 ends a stack, and is a word that decided.  The one outside the last
       * wanted frame decides nothing, so that it is not compared either. */
      if (cursor.pc_slot == pc_slot)
        continue;
      if (n < max)
        append (walk, start->sp, cursor.pc_slot, cursor.pc);
      else
        status = TRK_UNWIND_FRAME;
    }

  *truncated = status != TRK_UNWIND_END;
  walk->storable &= cursor.repeatable && status != TRK_UNWIND_STUCK;
  /* Guesses that reached no end are trk_unwind's to confirm or to drop. */
  if (__builtin_expect (status == TRK_UNWIND_STUCK || (cursor.guessed && status != TRK_UNWIND_END),
                        0))
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
  unsigned set = (unsigned) (walk->key >> 40) % TRK_REPLAY_SETS, way = 0;
  TrkReplayEntry *entry;

  if (!walk->storable)
    return NULL;
  entry = allocate (self, walk->n_words);
  entry->pc = start->pc;
  entry->sp = start->sp;
  entry->bp = start->bp;
  entry->uses_bp = walk->uses_bp;
  entry->n_words = walk->n_words;
  memset (&entry->answer, 0, sizeof entry->answer);
  memcpy (entry->words, walk->words, walk->n_words * sizeof walk->words[0]);

  while (way < TRK_REPLAY_WAYS && self->offsets[set][way])
    way++;
  if (way == TRK_REPLAY_WAYS)
    way = self->next_way++ % TRK_REPLAY_WAYS;
  self->tags[set][way] = (uint16_t) (walk->key >> 16);
  self->offsets[set][way] = (uint16_t) ((uint64_t *) entry - self->arena + 1);
  return entry;
}
