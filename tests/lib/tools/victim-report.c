/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program whose figures are known to the byte, by function: test-command-line reads them back
 * from `memscope report --json`.  Exits with status 7.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_HELD 200
#define HELD_BYTES 50000

static void *held[N_HELD];
static void *volatile sink; /* keeps the compiler from pairing malloc and free away */

__attribute__ ((noinline)) static void
hold_blocks (void)
{
  for (int i = 0; i < N_HELD; i++)
    held[i] = malloc (HELD_BYTES);
}

/* 3 blocks of 1 000 bytes, 2 of them freed. */
__attribute__ ((noinline)) static void
leak_a_block (void)
{
  void *blocks[3];

  for (int i = 0; i < 3; i++)
    sink = blocks[i] = malloc (1000);
  free (blocks[0]);
  free (blocks[2]);
}

/* 5 allocations, each freed by the very next operation. */
__attribute__ ((noinline)) static void
make_temporaries (void)
{
  for (int i = 0; i < 5; i++)
    {
      sink = malloc (64);
      free (sink);
    }
}

/* One block that grows twice: 100, 200, 300 bytes. */
__attribute__ ((noinline)) static void
grow_a_block (void)
{
  void *block = malloc (100);

  for (size_t size = 200; size <= 300; size += 100)
    {
      void *grown = realloc (block, size);

      if (grown == NULL)
        abort ();
      sink = block = grown;
    }
  free (block);
}

static void *
loader_main (void *data)
{
  /* A name that would like to be markup, and to turn the terminal red. */
  pthread_setname_np (pthread_self (), "</script>\033[31m");
  hold_blocks ();
  return NULL;
}

int
main (void)
{
  pthread_t loader;

  leak_a_block ();
  make_temporaries ();
  grow_a_block ();
  if (pthread_create (&loader, NULL, loader_main, NULL) != 0)
    return 1;
  pthread_join (loader, NULL);
  for (int i = 0; i < N_HELD; i++)
    free (held[i]);
  return 7;
}
