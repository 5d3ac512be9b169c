/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-replay.h"

#include <assert.h>
#include <string.h>

#define NO_BP_WORD UINT64_MAX
#define MAX_NODES_DEEP 64U /* of one look-up on a foreign stack */
#define MAX_DISPLACED 32U  /* nodes moved to make room for one */
#define LEAF_WORDS (sizeof (TrkReplayLeaf) / sizeof (uint64_t))

static_assert (TRK_REPLAY_ARENA_WORDS < UINT16_MAX, "arena offsets have 16 bits");
static_assert (TRK_REPLAY_MAX_WORDS % TRK_REPLAY_GROUP == 0
                   && LEAF_WORDS + TRK_REPLAY_MAX_WORDS * 5 / 4 <= TRK_REPLAY_ARENA_WORDS,
               "any walk fits an empty arena");

void
trk_replay_clear (TrkReplay *self, uint32_t generation)
{
  memset (self->nodes, 0, sizeof self->nodes);
  self->n_arena_words = 0;
  self->generation = generation;
}

static TrkReplayLeaf *
get_leaf (TrkReplay *self, const TrkReplayNode *node)
{
  return (TrkReplayLeaf *) &self->arena[node->leaf];
}

/* --- looking up on a foreign stack ----------------------------------------------------------- */

/* Are the words from number @from on equal, up to the one at @slot or to the end?  *@n: that one's
 * number.  Stops at the first that differs: what lies beyond may not be mapped. */
static bool
verify_up_to (const TrkReplayLeaf *leaf, uint32_t from, uint64_t slot, uint32_t *n)
{
  const uint64_t *base = trk_replay_base (leaf->sp);
  const uint16_t *slots = trk_replay_slots (leaf);

  for (uint32_t i = from; i < leaf->n_words; i++)
    {
      if (slots[i] == slot)
        {
          *n = i;
          return true;
        }
      if (base[slots[i]] != leaf->values[i])
        return false;
    }
  *n = leaf->n_words;
  return slot == TRK_REPLAY_NO_SLOT;
}

TrkReplayLeaf *
trk_replay_find_carefully (TrkReplay *self, const TrkUnwindStart *start)
{
  uint32_t key = trk_replay_first_key (start), n_equal = 0;

  for (unsigned i = 0; i < MAX_NODES_DEEP; i++)
    {
      TrkReplayNode node = trk_replay_probe (self, key);
      TrkReplayLeaf *leaf = get_leaf (self, &node);

      if (node.key != key || leaf->sp != start->sp
          || !verify_up_to (leaf, n_equal, node.slot, &n_equal))
        return NULL;
      if (node.slot == TRK_REPLAY_NO_SLOT)
        return leaf;
      key = trk_replay_key (node.leaf, trk_replay_base (start->sp)[node.slot]);
    }
  return NULL;
}

/* --- unwinding ------------------------------------------------------------------------------- */

static void
append (TrkReplayWalk *walk, uint64_t base, uint64_t address, uint64_t value)
{
  uint64_t slot = (address - base) / sizeof (uint64_t);

  if ((address & 7) || slot >= TRK_REPLAY_NO_SLOT || walk->n_words == TRK_REPLAY_MAX_WORDS)
    {
      walk->storable = false;
      return;
    }
  walk->values[walk->n_words] = value;
  walk->slots[walk->n_words++] = (uint16_t) slot;
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

  walk->storable = !(start->sp & 7);
  walk->n_words = 0;
  append (walk, base, start->sp - 8, start->pc);
  trk_unwind_begin (&cursor, start);
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
static uint16_t
add_leaf (TrkReplay *self, const TrkReplayWalk *walk, uint64_t sp)
{
  uint32_t n_padded = (walk->n_words + TRK_REPLAY_GROUP - 1) / TRK_REPLAY_GROUP * TRK_REPLAY_GROUP;
  uint32_t size = (uint32_t) LEAF_WORDS + n_padded + n_padded / 4, at;
  TrkReplayLeaf *leaf;
  uint16_t *slots;

  if (self->n_arena_words + size > TRK_REPLAY_ARENA_WORDS)
    trk_replay_clear (self, self->generation);
  at = self->n_arena_words;
  self->n_arena_words += size;
  leaf = (TrkReplayLeaf *) &self->arena[at];
  *leaf = (TrkReplayLeaf) { .sp = sp,
                            .n_words = (uint16_t) walk->n_words,
                            .n_padded = (uint16_t) n_padded };
  slots = (uint16_t *) trk_replay_slots (leaf);
  for (uint32_t i = 0; i < n_padded; i++)
    {
      leaf->values[i] = walk->values[i < walk->n_words ? i : 0];
      slots[i] = walk->slots[i < walk->n_words ? i : 0];
    }
  return (uint16_t) at;
}

static TrkReplayNode *
find_node (TrkReplay *self, uint32_t key)
{
  TrkReplayNode *first = &self->nodes[trk_replay_first_place (key)];
  TrkReplayNode *second = &self->nodes[trk_replay_second_place (key)];

  return first->key == key ? first : second->key == key ? second : NULL;
}

/* Puts @node at one of its places; who lay there moves to its other one, and so on. */
static bool
insert_node (TrkReplay *self, TrkReplayNode node)
{
  uint32_t place = trk_replay_first_place (node.key);

  if (node.key == 0)
    return false;

  for (unsigned i = 0; i < MAX_DISPLACED; i++)
    {
      TrkReplayNode displaced;

      if (self->nodes[place].key && trk_replay_second_place (node.key) != place
          && self->nodes[trk_replay_second_place (node.key)].key == 0)
        place = trk_replay_second_place (node.key);
      displaced = self->nodes[place];
      self->nodes[place] = node;
      if (displaced.key == 0 || displaced.key == node.key)
        return true;
      node = displaced;
      place = trk_replay_first_place (node.key) == place ? trk_replay_second_place (node.key)
                                                         : trk_replay_first_place (node.key);
    }
  return false;
}

/* How many leading words of both are equal. */
static uint32_t
count_equal (const TrkReplayLeaf *a, const TrkReplayLeaf *b)
{
  uint32_t n = a->n_words < b->n_words ? a->n_words : b->n_words, i = 0;

  while (i < n && a->values[i] == b->values[i]
         && trk_replay_slots (a)[i] == trk_replay_slots (b)[i])
    i++;
  return i;
}

static uint32_t
find_slot (const TrkReplayLeaf *leaf, uint64_t slot)
{
  uint32_t i = 0;

  while (i < leaf->n_words && trk_replay_slots (leaf)[i] != slot)
    i++;
  return i;
}

/* The walks of @added and of those at or below @node part at word @n: a branch there takes the node's
 * place, and the node goes below it. */
static bool
split_node (TrkReplay *self, TrkReplayNode *node, uint16_t added, uint32_t n)
{
  const TrkReplayLeaf *leaf = (const TrkReplayLeaf *) &self->arena[added];
  TrkReplayNode old = *node, new = { .key = trk_replay_key (added, leaf->values[n]),
                                     .leaf = added,
                                     .slot = TRK_REPLAY_NO_SLOT };

  *node = (TrkReplayNode) { .key = old.key, .leaf = added, .slot = trk_replay_slots (leaf)[n] };
  old.key = trk_replay_key (added, get_leaf (self, &old)->values[n]);
  return insert_node (self, old) && insert_node (self, new);
}

/* False: there is no room, or the tree is not one (two keys were equal by chance). */
static bool
insert_leaf (TrkReplay *self, uint16_t added, uint32_t key)
{
  const TrkReplayLeaf *leaf = (const TrkReplayLeaf *) &self->arena[added];

  for (unsigned i = 0; i < TRK_REPLAY_NODES; i++)
    {
      TrkReplayNode *node = find_node (self, key);
      const TrkReplayLeaf *known;
      uint32_t n_equal, n_branch;

      if (!node)
        return insert_node (self, (TrkReplayNode) { .key = key,
                                                    .leaf = added,
                                                    .slot = TRK_REPLAY_NO_SLOT });
      known = get_leaf (self, node);
      n_equal = count_equal (leaf, known);
      n_branch = find_slot (known, node->slot);
      if (known->sp != leaf->sp || n_equal == leaf->n_words || n_equal == known->n_words)
        return false;
      if (n_equal < n_branch)
        return trk_replay_slots (leaf)[n_equal] == trk_replay_slots (known)[n_equal]
               && split_node (self, node, added, n_equal);
      key = trk_replay_key (node->leaf, leaf->values[n_branch]);
    }
  return false;
}

TrkReplayLeaf *
trk_replay_store (TrkReplay *self, const TrkReplayWalk *walk, const TrkUnwindStart *start)
{
  uint16_t added;

  if (!walk->storable)
    return NULL;
  added = add_leaf (self, walk, start->sp);
  if (!insert_leaf (self, added, trk_replay_first_key (start)))
    {
      trk_replay_clear (self, self->generation);
      return NULL;
    }
  return (TrkReplayLeaf *) &self->arena[added];
}
