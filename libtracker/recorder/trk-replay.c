/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-replay.h"

#include <assert.h>
#include <string.h>

#define NO_BP_WORD UINT64_MAX
#define NO_SLOT UINT16_MAX
#define MAX_DISPLACED 32U /* links moved to make room for one */
#define LEAF_WORDS (sizeof (TrkReplayLeaf) / sizeof (uint64_t))
#define GROUP_WORDS (sizeof (TrkReplayGroup) / sizeof (uint64_t))

static_assert (TRK_REPLAY_ARENA_WORDS < TRK_REPLAY_BRANCH, "a reference has 15 bits of offset");
static_assert (LEAF_WORDS + TRK_REPLAY_MAX_WORDS / TRK_REPLAY_GROUP * GROUP_WORDS
                   <= TRK_REPLAY_ARENA_WORDS,
               "any walk fits an empty arena");

void
trk_replay_clear (TrkReplay *self, uint32_t generation)
{
  memset (self->links, 0, sizeof self->links);
  /* An empty link has the key 0 and leads to the first leaf: to none, by its sp. */
  self->arena[0] = 0;
  self->n_arena_words = 0;
  self->generation = generation;
}

static uint64_t
get_value (const TrkReplayLeaf *leaf, uint32_t n)
{
  return leaf->groups[n / TRK_REPLAY_GROUP].values[n % TRK_REPLAY_GROUP];
}

static uint16_t
get_slot (const TrkReplayLeaf *leaf, uint32_t n)
{
  return leaf->groups[n / TRK_REPLAY_GROUP].slots[n % TRK_REPLAY_GROUP];
}

/* Where the way goes on from a branch that leads to @value, or NULL. */
static TrkReplayRef *
find_child (TrkReplay *self, TrkReplayRef ref, uint64_t value)
{
  TrkReplayBranch *branch = &trk_replay_leaf (self, ref)->branch;
  TrkReplayLink *link;

  for (unsigned i = 0; i < 2; i++)
    if (branch->values[i] == value)
      return &branch->children[i];
  link = trk_replay_probe (self, trk_replay_key (ref, value));
  return link ? &link->to : NULL;
}

/* --- looking up on a foreign stack ----------------------------------------------------------- */

/* Are the words from number @from on equal, up to the one at @slot or to the end?  *@n: that one's
 * number.  Stops at the first that differs: what lies beyond may not be mapped. */
static bool
verify_up_to (const TrkReplayLeaf *leaf, uint32_t from, uint16_t slot, uint32_t *n)
{
  const uint64_t *base = trk_replay_base (leaf->sp);

  for (uint32_t i = from; i < leaf->n_words; i++)
    {
      if (get_slot (leaf, i) == slot)
        {
          *n = i;
          return true;
        }
      if (base[get_slot (leaf, i)] != get_value (leaf, i))
        return false;
    }
  *n = leaf->n_words;
  return slot == NO_SLOT;
}

TrkReplayLeaf *
trk_replay_find_carefully (TrkReplay *self, const TrkUnwindStart *start)
{
  TrkReplayLink *link = trk_replay_probe (self, trk_replay_first_key (start));
  TrkReplayRef *to = link ? &link->to : NULL;
  uint32_t n_equal = 0;

  for (unsigned i = 0; to && i < TRK_REPLAY_MAX_BRANCHES; i++)
    {
      TrkReplayRef ref = *to;
      TrkReplayLeaf *leaf = trk_replay_leaf (self, ref);
      uint16_t slot = ref & TRK_REPLAY_BRANCH ? leaf->branch.slot : NO_SLOT;

      if (leaf->sp != start->sp || !verify_up_to (leaf, n_equal, slot, &n_equal))
        return NULL;
      if (slot == NO_SLOT)
        return leaf;
      to = find_child (self, ref, trk_replay_base (start->sp)[slot]);
    }
  return NULL;
}

/* --- unwinding ------------------------------------------------------------------------------- */

static void
append (TrkReplayWalk *walk, uint64_t base, uint64_t address, uint64_t value)
{
  uint64_t slot = (address - base) / sizeof (uint64_t);

  if ((address & 7) || slot >= walk->end_slot || walk->n_words == TRK_REPLAY_MAX_WORDS)
    {
      walk->storable = false;
      return;
    }
  walk->values[walk->n_words] = value;
  walk->slots[walk->n_words++] = (uint16_t) slot;
}

/* A look at a branch reads its slot whether or not the words before it are equal.  On the thread's own
 * stack it may; a walk that goes on elsewhere, where rbp led it, is not kept. */
static uint32_t
get_end_slot (uint64_t sp, uint64_t base)
{
  uint64_t n_slots = (trk_own_stack.high - base) / sizeof (uint64_t);

  if (sp - trk_own_stack.low >= trk_own_stack.high - trk_own_stack.low)
    return NO_SLOT;
  return n_slots < NO_SLOT ? (uint32_t) n_slots : NO_SLOT;
}

unsigned
trk_replay_unwind (TrkReplayWalk *walk,
                   const TrkUnwindStart *start,
                   uint64_t *frames,
                   unsigned max,
                   bool *truncated)
{
  TrkUnwindStatus status = TRK_UNWIND_FRAME;
  TrkUnwindCursor cursor;
  uint64_t noted_bp_slot = NO_BP_WORD, base = start->sp - 16;
  unsigned n = 0;

  trk_unwind_begin (&cursor, start);
  walk->storable = !(start->sp & 7);
  walk->n_words = 0;
  walk->end_slot = get_end_slot (start->sp, base);
  append (walk, base, start->sp - 8, start->pc);
  while (status == TRK_UNWIND_FRAME && n < max)
    {
      uint64_t bp = cursor.bp, bp_slot = cursor.bp_slot, pc_slot = cursor.pc_slot;

      frames[n++] = cursor.pc;
      cursor.used_bp = false;
      status = trk_unwind_step (&cursor);
      if (cursor.used_bp && bp_slot != noted_bp_slot)
        {
          append (walk, base, bp_slot ? bp_slot : base, bp);
          noted_bp_slot = bp_slot;
        }

      /* A return address of 0 ends a stack, and is a word that decided.  The one outside the last
       * wanted frame decides nothing, so that it is not compared either. */
      if (cursor.pc_slot == pc_slot)
        continue;
      if (n < max)
        append (walk, base, cursor.pc_slot, cursor.pc);
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

/* --- storing --------------------------------------------------------------------------------- */

/* A full arena is emptied as a whole: what is still in use comes back with its next event. */
static TrkReplayRef
add_leaf (TrkReplay *self, const TrkReplayWalk *walk, uint64_t sp)
{
  uint32_t n_groups = (walk->n_words + TRK_REPLAY_GROUP - 1) / TRK_REPLAY_GROUP;
  uint32_t size = (uint32_t) (LEAF_WORDS + n_groups * GROUP_WORDS), at;
  TrkReplayLeaf *leaf;

  if (self->n_arena_words + size > TRK_REPLAY_ARENA_WORDS)
    trk_replay_clear (self, self->generation);
  at = self->n_arena_words;
  self->n_arena_words += size;
  leaf = trk_replay_leaf (self, (TrkReplayRef) at);
  *leaf = (TrkReplayLeaf) { .sp = sp,
                            .n_words = (uint16_t) walk->n_words,
                            .n_groups = (uint16_t) n_groups };
  for (uint32_t i = 0; i < n_groups * TRK_REPLAY_GROUP; i++)
    {
      TrkReplayGroup *group = &leaf->groups[i / TRK_REPLAY_GROUP];

      group->values[i % TRK_REPLAY_GROUP] = walk->values[i < walk->n_words ? i : 0];
      group->slots[i % TRK_REPLAY_GROUP] = walk->slots[i < walk->n_words ? i : 0];
    }
  return (TrkReplayRef) at;
}

/* Puts @link at one of its places; what lay there moves to its other one, and so on. */
static bool
insert_link (TrkReplay *self, TrkReplayLink link)
{
  uint32_t place = trk_replay_first_place (link.key);

  if (link.key == 0)
    return false;
  for (unsigned i = 0; i < MAX_DISPLACED; i++)
    {
      TrkReplayLink displaced;

      if (self->links[place].key && self->links[trk_replay_second_place (link.key)].key == 0)
        place = trk_replay_second_place (link.key);
      displaced = self->links[place];
      self->links[place] = link;
      if (displaced.key == 0)
        return true;
      link = displaced;
      place = trk_replay_first_place (link.key) == place ? trk_replay_second_place (link.key)
                                                         : trk_replay_first_place (link.key);
    }
  return false;
}

/* How many leading words of both are equal. */
static uint32_t
count_equal (const TrkReplayLeaf *a, const TrkReplayLeaf *b)
{
  uint32_t n = a->n_words < b->n_words ? a->n_words : b->n_words, i = 0;

  while (i < n && get_value (a, i) == get_value (b, i) && get_slot (a, i) == get_slot (b, i))
    i++;
  return i;
}

static uint32_t
find_slot (const TrkReplayLeaf *leaf, uint16_t slot)
{
  uint32_t i = 0;

  while (i < leaf->n_words && get_slot (leaf, i) != slot)
    i++;
  return i;
}

/* The walks of @added and of what is at or below *@to part at word @n: a branch there comes between. */
static void
split (TrkReplay *self, TrkReplayRef *to, TrkReplayRef added, uint32_t n)
{
  TrkReplayLeaf *leaf = trk_replay_leaf (self, added);

  leaf->branch = (TrkReplayBranch) {
    .values = { get_value (trk_replay_leaf (self, *to), n), get_value (leaf, n) },
    .children = { *to, added },
    .slot = get_slot (leaf, n),
  };
  *to = added | TRK_REPLAY_BRANCH;
}

/* False: there is no room, or the tree is not one (two keys were equal by chance). */
static bool
insert_leaf (TrkReplay *self, TrkReplayRef added, uint32_t key)
{
  const TrkReplayLeaf *leaf = trk_replay_leaf (self, added);
  TrkReplayLink *link = trk_replay_probe (self, key);
  TrkReplayRef *to = link ? &link->to : NULL;

  for (unsigned i = 0; to && i < TRK_REPLAY_LINKS; i++)
    {
      const TrkReplayLeaf *known = trk_replay_leaf (self, *to);
      uint32_t n_equal = count_equal (leaf, known), n_branch = known->n_words;

      if (*to & TRK_REPLAY_BRANCH)
        n_branch = find_slot (known, known->branch.slot);
      if (known->sp != leaf->sp || n_equal == leaf->n_words || n_equal == known->n_words)
        return false;
      if (n_equal < n_branch)
        {
          if (get_slot (leaf, n_equal) != get_slot (known, n_equal))
            return false;
          split (self, to, added, n_equal);
          return true;
        }
      key = trk_replay_key (*to, get_value (leaf, n_branch));
      to = find_child (self, *to, get_value (leaf, n_branch));
    }
  return !to && insert_link (self, (TrkReplayLink) { .key = key, .to = added });
}

TrkReplayLeaf *
trk_replay_store (TrkReplay *self, const TrkReplayWalk *walk, const TrkUnwindStart *start)
{
  TrkReplayRef added;

  if (!walk->storable)
    return NULL;
  added = add_leaf (self, walk, start->sp);
  if (!insert_leaf (self, added, trk_replay_first_key (start)))
    {
      trk_replay_clear (self, self->generation);
      return NULL;
    }
  return trk_replay_leaf (self, added);
}
