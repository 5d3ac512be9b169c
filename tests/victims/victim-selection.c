/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Threads of which the tracker follows some: test-victim-selection.c says which. */
#include <pthread.h>
#include <semaphore.h>

#include "victim.h"

#define BLOCKS 2000
#define BLOCK_BYTES 48

static sem_t started, named;

static void *
wait_for_name (void *data)
{
  free (malloc (100));
  sem_post (&started);
  sem_wait (&named);
  free (victim_mark ());
  return NULL;
}

/* Thread pools name their threads from outside, when those run already. */
static int
named_by_creator (void)
{
  pthread_t thread;

  CHECK (sem_init (&started, 0, 0) == 0 && sem_init (&named, 0, 0) == 0);
  CHECK (pthread_create (&thread, NULL, wait_for_name, NULL) == 0);
  sem_wait (&started);
  free (victim_mark ());
  CHECK (pthread_setname_np (thread, "worker-7") == 0);
  sem_post (&named);
  CHECK (pthread_join (thread, NULL) == 0);
  return 0;
}

static void *blocks[BLOCKS];

static void *
move_and_free (void *data)
{
  for (int i = 0; i < BLOCKS; i++)
    {
      blocks[i] = realloc (blocks[i], 10 * BLOCK_BYTES);
      CHECK (blocks[i]);
    }
  for (int i = 0; i < BLOCKS; i++)
    free (blocks[i]);
  return NULL;
}

/* Blocks of one thread are moved by another; their addresses are used again. */
static int
moved_elsewhere (void)
{
  pthread_t thread;

  for (int i = 0; i < BLOCKS; i++)
    CHECK ((blocks[i] = malloc (BLOCK_BYTES)));
  CHECK (pthread_create (&thread, NULL, move_and_free, NULL) == 0);
  CHECK (pthread_join (thread, NULL) == 0);
  for (int round = 0; round < 10; round++)
    {
      for (int i = 0; i < BLOCKS; i++)
        CHECK ((blocks[i] = malloc (BLOCK_BYTES)));
      for (int i = 0; i < BLOCKS; i++)
        free (blocks[i]);
    }
  return 0;
}

static const VictimCase cases[] = {
  { "named-by-creator", named_by_creator },
  { "moved-elsewhere", moved_elsewhere },
};

VICTIM_MAIN (cases)
