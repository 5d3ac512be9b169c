/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of call stacks, against a table of (frames, truncated, generation) → id: the same stack has
 * the same id, another stack another, and what was defined for an id is its stack.  Then what random
 * stacks hardly ever do: hashes that collide until there is no place, and no memory for a table.
 *
 * Around the table stand ours: definitions are kept in an array and refused now and then; frames in a
 * certain range are the recorder's own.
 *
 * TABLE_ROUNDS=100 does a hundred times as much.
 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "test-stack-hash.h"
#include "trk-modules.h"
#include "trk-process.h"
#include "trk-stacks.h"
#include "trk-stream.h"
#include "trk-system.h"

#define N_STEPS 200000
#define MAX_FRAMES 40
#define OWN_START 0x7fff00000000
#define OWN_END 0x7fff00001000
/* trk-stacks.c: so many tables, and places that are looked at in each. */
#define N_TABLES 12U
#define N_PLACES 16U

typedef struct {
  guint32 generation, depth, truncated, reserved;
  guint64 frames[MAX_FRAMES];
} Stack;

TrkProcess trk_process;
static GHashTable *definitions; /* id → Stack */
static gboolean refuse, no_memory;
static guint n_noted;
static TrkThread thread;

/* --- around the table ---------------------------------------------------------------------------- */

bool
trk_process_begin_calls (void)
{
  return true;
}

void
trk_process_end_calls (void)
{
}

bool
trk_modules_is_own (uint64_t address)
{
  return address >= OWN_START && address < OWN_END;
}

void
trk_modules_note_stack (TrkThread *self,
                        const uint64_t *frames,
                        uint32_t depth,
                        uint32_t generation)
{
  n_noted++;
}

bool
trk_stream_define_stack (TrkThread *self,
                         uint32_t id,
                         uint32_t generation,
                         const uint64_t *frames,
                         uint32_t depth,
                         bool truncated)
{
  Stack *stack;

  if (refuse)
    return false;
  stack = g_new0 (Stack, 1);
  stack->generation = generation;
  stack->depth = depth;
  stack->truncated = truncated;
  memcpy (stack->frames, frames, depth * sizeof *frames);
  g_assert_true (g_hash_table_insert (definitions, GUINT_TO_POINTER (id), stack));
  return true;
}

void *
trk_system_map_anonymous (size_t n_bytes)
{
  void *memory = no_memory ? MAP_FAILED
                           : mmap (NULL, n_bytes, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  return memory == MAP_FAILED ? NULL : memory;
}

void
trk_system_unmap (void *address, size_t n_bytes)
{
  munmap (address, n_bytes);
}

/* --- stacks -------------------------------------------------------------------------------------- */

static guint
stack_hash (gconstpointer key)
{
  const Stack *stack = key;
  guint hash = stack->generation * 31 + stack->depth * 2 + stack->truncated;

  for (guint i = 0; i < stack->depth; i++)
    hash = hash * 1000003 + (guint) (stack->frames[i] ^ stack->frames[i] >> 32);
  return hash;
}

static gboolean
stack_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (Stack)) == 0;
}

static guint64
hash_of (const Stack *stack)
{
  return trk_stacks_hash (stack->frames, stack->depth, stack->truncated, stack->generation);
}

/* Few different frames in each place, so that stacks come again, and differ in one place alone. */
static void
make_stack (GRand *random, Stack *stack)
{
  gint32 n_values = g_rand_int_range (random, 1, 4);

  memset (stack, 0, sizeof *stack);
  stack->generation = atomic_load (&trk_process.generation);
  stack->depth = (guint32) g_rand_int_range (random, 1, g_rand_boolean (random) ? 5 : MAX_FRAMES);
  stack->truncated = g_rand_int_range (random, 0, 8) == 0;
  for (guint i = 0; i < stack->depth; i++)
    stack->frames[i] = 0x555555554000 + 5 * (guint) g_rand_int_range (random, 0, n_values);
  if (g_rand_int_range (random, 0, 4) == 0)
    stack->frames[g_rand_int_range (random, 0, (gint32) stack->depth)] =
        (guint64) g_rand_int (random) << 16;
  if (g_rand_int_range (random, 0, 16) == 0)
    stack->frames[g_rand_int_range (random, 0, (gint32) stack->depth)] =
        OWN_START + (guint) g_rand_int_range (random, 0, 3);
}

/* The three outermost frames may be the recorder's own, which the program did not call. */
static Stack
without_own (const Stack *stack)
{
  Stack result = *stack;

  result.depth = 0;
  memset (result.frames, 0, sizeof result.frames);
  for (guint i = 0; i < stack->depth; i++)
    if (i + 3 < stack->depth || !trk_modules_is_own (stack->frames[i]))
      result.frames[result.depth++] = stack->frames[i];
  return result;
}

static guint32
intern (const Stack *stack, guint64 hash)
{
  memcpy (thread.frames, stack->frames, sizeof stack->frames);
  return trk_stacks_intern (&thread, hash, stack->depth, stack->truncated);
}

static void
set_up (void)
{
  trk_stacks_reset ();
  g_clear_pointer (&definitions, g_hash_table_unref);
  definitions = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  refuse = no_memory = FALSE;
  atomic_store (&trk_process.generation, 0);
}

static guint
get_rounds (void)
{
  const char *rounds = g_getenv ("TABLE_ROUNDS");

  return rounds ? (guint) g_ascii_strtoull (rounds, NULL, 10) : 1;
}

static void
check (GHashTable *ids, const Stack *stack)
{
  guint32 known = GPOINTER_TO_UINT (g_hash_table_lookup (ids, stack)),
          id = intern (stack, hash_of (stack));
  Stack defined = without_own (stack);

  if (id == 0)
    {
      g_assert_true (refuse);
      g_assert_cmpuint (known, ==, 0);
      return;
    }
  if (known)
    {
      g_assert_cmpuint (id, ==, known);
      return;
    }
  g_assert_false (refuse);
  g_assert_true (
      g_hash_table_insert (ids, g_memdup2 (stack, sizeof *stack), GUINT_TO_POINTER (id)));
  g_assert_true (stack_equal (g_hash_table_lookup (definitions, GUINT_TO_POINTER (id)), &defined));
}

static void
test_model (void)
{
  g_autoptr (GHashTable) ids = g_hash_table_new_full (stack_hash, stack_equal, g_free, NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  guint n_defined;

  set_up ();
  for (guint i = 0; i < N_STEPS * get_rounds (); i++)
    {
      Stack stack;

      make_stack (random, &stack);
      refuse = g_rand_int_range (random, 0, 30) == 0;
      check (ids, &stack);
      if (i % 50000 == 49999)
        atomic_fetch_add (&trk_process.generation, 1);
    }
  n_defined = g_hash_table_size (ids);
  g_test_message ("%u stacks", n_defined);
  /* Each has an id of its own, and nothing was defined for nobody. */
  g_assert_cmpuint (g_hash_table_size (definitions), ==, n_defined);
  g_assert_cmpuint (n_defined, >, 4096); /* the first table's entries */
  g_assert_cmpuint (n_defined, <, N_STEPS * get_rounds () / 10 * 9);
}

/* --- collisions ---------------------------------------------------------------------------------- */

/* Hashes that begin at the same place in all tables have 16 places in each; then there is none. */
static void
test_no_place (void)
{
  guint32 ids[N_TABLES * N_PLACES];
  Stack stack = { .depth = 1, .frames = { 0x401000 } };

  set_up ();
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      ids[i] = intern (&stack, (guint64) i << 40 | 77);
      g_assert_cmpuint (ids[i], ==, i + 1);
    }
  g_assert_cmpuint (intern (&stack, (guint64) 999 << 40 | 77), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    g_assert_cmpuint (intern (&stack, (guint64) i << 40 | 77), ==, ids[i]);
  /* Beside it, where one of the places is free. */
  g_assert_cmpuint (intern (&stack, (guint64) 999 << 40 | 78), ==, G_N_ELEMENTS (ids) + 1);
}

/* At the end of a table the places go on at its beginning. */
static void
test_last_place (void)
{
  Stack stack = { .depth = 1, .frames = { 0x401000 } };

  set_up ();
  for (guint64 i = 0; i < 64; i++)
    g_assert_cmpuint (intern (&stack, i << 40 | 0x7fffff), ==, i + 1);
  for (guint64 i = 0; i < 64; i++)
    g_assert_cmpuint (intern (&stack, i << 40 | 0x7fffff), ==, i + 1);
}

static void
test_no_memory (void)
{
  Stack stack = { .depth = 1, .frames = { 0x401000 } };
  guint64 n = 1;

  no_memory = TRUE;
  g_assert_cmpuint (intern (&stack, 5), ==, 0);
  set_up ();
  g_assert_cmpuint (intern (&stack, 5), ==, 1);
  no_memory = TRUE;
  /* The first table alone. */
  while (intern (&stack, n << 32 | n))
    n++;
  g_assert_cmpuint (n, >, 3000);
  g_assert_cmpuint (intern (&stack, 5), ==, 1);
  no_memory = FALSE;
  g_assert_cmpuint (intern (&stack, n << 32 | n), >, 0);
}

/* As in a forked child. */
static void
test_reset (void)
{
  Stack stack = { .depth = 2, .frames = { 0x401000, 0x402000 } };

  set_up ();
  g_assert_cmpuint (intern (&stack, 5), ==, 1);
  g_assert_cmpuint (intern (&stack, 6), ==, 2);
  set_up ();
  n_noted = 0;
  g_assert_cmpuint (intern (&stack, 6), ==, 1);
  g_assert_cmpuint (n_noted, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* The first, as its tables are not there yet. */
  g_test_add_func ("/stacks/no-memory", test_no_memory);
  g_test_add_func ("/stacks/model", test_model);
  g_test_add_func ("/stacks/no-place", test_no_place);
  g_test_add_func ("/stacks/last-place", test_last_place);
  g_test_add_func ("/stacks/reset", test_reset);
  add_stack_hash_tests ();
  return g_test_run ();
}
