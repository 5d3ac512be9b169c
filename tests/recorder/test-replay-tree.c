/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The tree of walks by itself, on a stack that is an array: what no program does on purpose, two keys
 * that are equal by chance and walks that leave the thread's stack.
 */
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "trk-replay.h"
#include "unwind/trk-unwind-stack.h"

#define N_WORDS 16
#define BRANCH_SLOT 5
#define HANGS_AFTER_S 20

/* Odd, so that it can be undone. */
#define KEY_FACTOR UINT64_C (0x9E3779B97F4A7C15)

typedef struct {
  TrkReplay replay;
  TrkReplayWalk walk;
  TrkUnwindStart start;
  uint64_t words[N_WORDS];
  TrkOwnStack own_stack;
} Fixture;

static void
set_up (Fixture *self, gconstpointer user_data)
{
  (void) user_data;
  memset (self, 0, sizeof *self);
  self->start.pc = 0x401000;
  self->start.sp = (uint64_t) (uintptr_t) &self->words[2];
  self->words[1] = self->start.pc;
  self->own_stack = trk_own_stack;
  trk_own_stack = (TrkOwnStack) { .low = (uint64_t) (uintptr_t) self->words,
                                  .high = (uint64_t) (uintptr_t) (self->words + N_WORDS) };
  trk_replay_clear (&self->replay, 0);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  (void) user_data;
  trk_own_stack = self->own_stack;
}

/* The walk of a stack that has @value at the one place where these stacks differ. */
static TrkReplayLeaf *
store (Fixture *self, uint64_t value)
{
  self->words[BRANCH_SLOT] = value;
  self->walk = (TrkReplayWalk) { .storable = true,
                                 .n_words = 2,
                                 .values = { self->start.pc, value },
                                 .slots = { 1, BRANCH_SLOT } };
  return trk_replay_store (&self->replay, &self->walk, &self->start);
}

static uint64_t
invert_key_factor (void)
{
  uint64_t inverse = KEY_FACTOR;

  for (unsigned i = 0; i < 6; i++)
    inverse *= 2 - KEY_FACTOR * inverse;
  return inverse;
}

static void
test_key_leads_back (Fixture *self, gconstpointer user_data)
{
  uint32_t first_key = trk_replay_first_key (&self->start);
  uint64_t value, parent;
  const TrkReplayLeaf *leaf;

  (void) user_data;
  g_assert_nonnull (store (self, 1));
  g_assert_nonnull (store (self, 2));
  parent = trk_replay_probe (&self->replay, first_key)->to;
  g_assert_cmpuint (parent & TRK_REPLAY_BRANCH, ==, TRK_REPLAY_BRANCH);

  /* From the branch it is looked for under the key of the way to that branch. */
  value = ((uint64_t) first_key << 32) * invert_key_factor () ^ parent << 40;
  g_assert_cmpuint (trk_replay_key (parent, value), ==, first_key);
  self->words[BRANCH_SLOT] = value;
  alarm (HANGS_AFTER_S);
  g_assert_null (trk_replay_find (&self->replay, &self->start));
  g_assert_null (trk_replay_find_carefully (&self->replay, &self->start));

  /* There is no room for it; the others come back. */
  g_assert_null (store (self, value));
  leaf = store (self, 1);
  g_assert_nonnull (leaf);
  g_assert_true (trk_replay_find (&self->replay, &self->start) == leaf);
  alarm (0);
}

/* All links that are empty have the key 0. */
static void
test_key_is_zero (Fixture *self, gconstpointer user_data)
{
  (void) user_data;
  self->words[1] = self->start.pc = self->start.sp << 40;
  g_assert_cmpuint (trk_replay_first_key (&self->start), ==, 0);
  g_assert_null (store (self, 1));
  g_assert_null (trk_replay_find (&self->replay, &self->start));
}

static __attribute__ ((noinline)) bool
is_storable (Fixture *self, uint64_t n_own_bytes)
{
  uint64_t frames[64];
  TrkUnwindStart start;
  bool truncated;

  TRK_UNWIND_START (&start);
  trk_own_stack = (TrkOwnStack) { .low = (start.sp - 65536) & ~UINT64_C (4095),
                                  .high = start.sp + n_own_bytes };
  g_assert_cmpuint (trk_replay_unwind (&self->walk, &start, frames, 64, &truncated), >, 2);
  return self->walk.storable;
}

/* A look at a branch would read such a word before it is known whether the way leads there. */
static void
test_words_of_another_stack (Fixture *self, gconstpointer user_data)
{
  (void) user_data;
  g_assert_true (is_storable (self, 1 << 20));
  g_assert_false (is_storable (self, 64));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  trk_unwind_init ();
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/replay-tree/key-leads-back", test_key_leads_back);
  ADD ("/replay-tree/key-is-zero", test_key_is_zero);
  ADD ("/replay-tree/words-of-another-stack", test_words_of_another_stack);
#undef ADD
  return g_test_run ();
}
