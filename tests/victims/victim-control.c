/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Eight threads that pass blocks round until SIGTERM, while somebody else changes who of them is recorded
 * (test-victim-control.c), or the program itself does.
 *
 *   thread i   allocates, now and then moves, puts into the next one's box, frees what was in there
 */
#include <memscope/tracker.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "victim.h"

#define THREADS 8
#define BLOCK_BYTES 5000 /* more than anything that libc allocates here */

static _Atomic (void *) boxes[THREADS];
static _Atomic int stop;

static void
handle_term (int signal)
{
  atomic_store (&stop, 1);
}

/* Static, so that only the file's symbol table knows it. */
static void *
pass_blocks (void *data)
{
  unsigned number = (unsigned) (size_t) data;
  char name[16];

  snprintf (name, sizeof name, "ring-%u", number);
  pthread_setname_np (pthread_self (), name);
  /* Some more at the end, so that each thread has followed the last change. */
  for (unsigned i = 0, left = 64; left > 0; i++, left -= (unsigned) atomic_load (&stop))
    {
      void *volatile block = malloc (BLOCK_BYTES + i % 1000);

      if (i % 5 == 0)
        block = realloc (block, BLOCK_BYTES + i % 3000);
      CHECK (block);
      free (atomic_exchange (&boxes[(number + 1) % THREADS], block));
      if (i % 16 == 0)
        usleep (30);
    }
  return NULL;
}

static void
start_ring (pthread_t threads[THREADS])
{
  for (size_t i = 0; i < THREADS; i++)
    CHECK (pthread_create (&threads[i], NULL, pass_blocks, (void *) i) == 0);
}

static void
end_ring (const pthread_t threads[THREADS])
{
  for (unsigned i = 0; i < THREADS; i++)
    CHECK (pthread_join (threads[i], NULL) == 0);
  for (unsigned i = 0; i < THREADS; i++)
    free (atomic_exchange (&boxes[i], NULL));
}

static int
ring (void)
{
  pthread_t threads[THREADS];

  CHECK (signal (SIGTERM, handle_term) != SIG_ERR);
  start_ring (threads);
  CHECK (write (1, "ready\n", 6) == 6);
  while (!atomic_load (&stop))
    {
      void *volatile block = malloc (200);

      free (block);
      usleep (50);
    }
  free (malloc (200));
  end_ring (threads);
  return 0;
}

static int
api (void)
{
  static const char *const rules[] = { "all",       "none",    "main",   "even",
                                       "odd",       "every:3", "ring-*", "start:pass_blocks",
                                       "tid:1,odd", "none" };
  const unsigned n = sizeof rules / sizeof rules[0];
  pthread_t threads[THREADS];

  start_ring (threads);
  for (unsigned from = 0; from < n; from++)
    for (unsigned to = 0; to < n; to++)
      {
        CHECK (memscope_set_thread_rule (rules[from]) == MEMSCOPE_OK);
        usleep (1000);
        CHECK (memscope_set_thread_rule (rules[to]) == MEMSCOPE_OK);
        usleep (1000);
      }
  CHECK (memscope_set_thread_rule (NULL) == MEMSCOPE_ERROR_ARGUMENT);
  CHECK (memscope_set_thread_rule ("every:0") == MEMSCOPE_ERROR_CONFIG);
  CHECK (strstr (memscope_get_error_reason (), "every:"));
  CHECK (memscope_set_thread_rule ("start:there_is_no_such_function") == MEMSCOPE_ERROR_CONFIG);
  CHECK (memscope_set_thread_rule ("all") == MEMSCOPE_OK);
  atomic_store (&stop, 1);
  end_ring (threads);
  free (victim_mark ());
  return 0;
}

static int
api_alone (void)
{
  CHECK (memscope_set_thread_rule ("all") == MEMSCOPE_ERROR_NOT_TRACKING);
  return 0;
}

static const VictimCase cases[] = {
  { "ring", ring },
  { "api", api },
  { "api-alone", api_alone },
};

VICTIM_MAIN (cases)
