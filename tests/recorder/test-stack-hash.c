/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What makes a stack a stack is its hash alone (trk-stacks.h): stacks that look alike must not share one.
 * All that differ from a stack in a bit, in an order, in a length, in a small step of a frame or of the
 * generation, or in several of these that might undo each other.
 *
 * TABLE_ROUNDS=100 tries a hundred times as many stacks.
 */
#include <glib.h>
#include <string.h>

#include "test-stack-hash.h"
#include "trk-stacks.h"

#define N_STACKS 60
#define MAX_FRAMES 24
#define MAX_STEP 40

typedef struct {
  GHashTable *hashes;
  guint64 frames[MAX_FRAMES];
  guint32 depth, generation;
} Stack;

static void
add (Stack *self, guint64 hash)
{
  g_assert_cmpuint (hash, !=, 0);
  if (!g_hash_table_add (self->hashes, GSIZE_TO_POINTER (hash)))
    g_error ("two stacks of %u frames have hash %" G_GINT64_MODIFIER "x", self->depth, hash);
}

static void
add_both (Stack *self, guint32 depth, guint32 generation)
{
  add (self, trk_stacks_hash (self->frames, depth, FALSE, generation));
  add (self, trk_stacks_hash (self->frames, depth, TRUE, generation));
}

static void
add_bits (Stack *self)
{
  for (guint i = 0; i < self->depth; i++)
    for (guint bit = 0; bit < 48; bit++)
      {
        self->frames[i] ^= (guint64) 1 << bit;
        add_both (self, self->depth, self->generation + MAX_STEP);
        self->frames[i] ^= (guint64) 1 << bit;
      }
}

/* Frames a few bytes further on, in generations a few further on: none may undo the other. */
static void
add_steps (Stack *self)
{
  for (guint i = 0; i < self->depth; i++)
    for (guint step = 1; step < MAX_STEP; step++)
      for (guint generation = 0; generation < MAX_STEP; generation++)
        {
          self->frames[i] += step;
          add (self,
               trk_stacks_hash (self->frames, self->depth, FALSE, self->generation + generation));
          self->frames[i] -= step;
        }
}

/* Of a stack whose frames are all different. */
static void
add_orders (Stack *self)
{
  for (guint i = 0; i < self->depth; i++)
    for (guint j = 0; j < i; j++)
      {
        guint64 frame = self->frames[i];

        self->frames[i] = self->frames[j];
        self->frames[j] = frame;
        add_both (self, self->depth, self->generation);
        self->frames[j] = self->frames[i];
        self->frames[i] = frame;
      }
}

static void
add_lengths (Stack *self)
{
  for (guint32 depth = 0; depth <= self->depth; depth++)
    add_both (self, depth, self->generation);
}

static guint
get_rounds (void)
{
  const char *rounds = g_getenv ("TABLE_ROUNDS");

  return rounds ? (guint) g_ascii_strtoull (rounds, NULL, 10) : 1;
}

static void
test_alike (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (12);

  for (guint i = 0; i < N_STACKS * get_rounds (); i++)
    {
      g_autoptr (GHashTable) hashes = g_hash_table_new (NULL, NULL);
      Stack stack = {
        .hashes = hashes,
        .depth = (guint32) g_rand_int_range (random, 1, MAX_FRAMES + 1),
        .generation = (guint32) g_rand_int_range (random, 0, 1000),
      };

      /* Far enough from each other that no step of one is a step of another. */
      for (guint j = 0; j < stack.depth; j++)
        stack.frames[j] =
            0x550000000000 + (guint64) g_rand_int_range (random, 0, 1 << 20) * 4096 + 64 * j;
      add_lengths (&stack);
      add_orders (&stack);
      add_steps (&stack);
      add_bits (&stack);
    }
}

/* The frame 9 bytes further on had the hash of nine generations later: only the frames of a return
 * address that is the first, which generation and frame entered one after the other, by addition and
 * exclusive or. */
static void
test_generation_is_no_frame (void)
{
  for (guint32 generation = 0; generation < 64; generation++)
    {
      guint64 frame = 0x555555555000;
      guint64 hash = trk_stacks_hash (&frame, 1, FALSE, generation);

      for (guint32 other = 0; other < 64; other++)
        for (guint64 bits = 0; bits < 128; bits++)
          {
            guint64 changed = frame ^ bits;

            if (bits || other != generation)
              g_assert_cmphex (trk_stacks_hash (&changed, 1, FALSE, other), !=, hash);
          }
    }
}

/* Recursion: the same frame again and again, and pairs of frames. */
static void
test_recursion (void)
{
  g_autoptr (GHashTable) hashes = g_hash_table_new (NULL, NULL);
  guint64 frames[TRK_MAX_STACK_DEPTH];

  for (guint period = 1; period <= 6; period++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
        frames[i] = 0x555555555000 + 16 * (i % period) + 4096 * period;
      for (guint32 depth = 1; depth <= G_N_ELEMENTS (frames); depth++)
        {
          guint64 hash = trk_stacks_hash (frames, depth, FALSE, 0);
          g_assert_true (g_hash_table_add (hashes, GSIZE_TO_POINTER (hash)));
        }
    }
}

void
add_stack_hash_tests (void)
{
  g_test_add_func ("/stack-hash/alike", test_alike);
  g_test_add_func ("/stack-hash/generation-is-no-frame", test_generation_is_no_frame);
  g_test_add_func ("/stack-hash/recursion", test_recursion);
}
