/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program that does the same in each run, with blocks of many sizes: test-victim-sampling.c compares
 * what sampled recordings of it estimate with what an exact one counted. */
#include <pthread.h>

#include "victim.h"

#define SMALL 3000
#define LARGE 250
#define TEMPORARY 1500
#define MOVED 1500

static void *blocks[SMALL + LARGE], *moved[MOVED];

/* Always the same numbers. */
static unsigned
next_number (void)
{
  static unsigned state = 1;

  state = state * 1664525 + 1013904223;
  return state >> 8;
}

/* Each size from a call site of its own, so that stacks differ. */
static __attribute__ ((noinline)) void *
allocate_small (void)
{
  void *volatile block = malloc (16 + next_number () % 4000);

  CHECK (block);
  return block;
}

static __attribute__ ((noinline)) void *
allocate_large (void)
{
  void *volatile block = malloc (8192 + next_number () % 57344);

  CHECK (block);
  return block;
}

static void *
work (void *data)
{
  for (int i = 0; i < SMALL; i++)
    blocks[i] = allocate_small ();
  for (int i = 0; i < LARGE; i++)
    blocks[SMALL + i] = allocate_large ();
  for (int i = 0; i < TEMPORARY; i++)
    {
      void *volatile block = malloc (24 + next_number () % 500);
      free (block);
    }
  for (int i = 0; i < MOVED; i++)
    {
      void *volatile block = malloc (40);
      moved[i] = realloc (block, 100 + next_number () % 1000);
      CHECK (moved[i]);
    }
  return NULL;
}

/* One thread allocates, the other frees two blocks of three. */
static int
mixed (void)
{
  pthread_t thread;

  CHECK (pthread_create (&thread, NULL, work, NULL) == 0);
  CHECK (pthread_join (thread, NULL) == 0);
  for (int i = 0; i < SMALL + LARGE; i++)
    if (i % 3)
      free (blocks[i]);
  for (int i = 0; i < MOVED; i++)
    free (moved[i]);
  return 0;
}

static const VictimCase cases[] = { { "mixed", mixed } };

VICTIM_MAIN (cases)
