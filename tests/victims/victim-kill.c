/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Runs the pattern of kill-pattern.h until it is killed:
 *
 *   victim-kill threads  COUNTS         four threads, for ever
 *   victim-kill churn    COUNTS         threads that begin and end all the time, four at once
 *   victim-kill fork     COUNTS         one thread, and children by fork, each with its own thread
 *   victim-kill declared COUNTS FOLDER  four threads through the explicit API, handing over all the
 *                                       time: windows go to the files hundreds of thousands of times
 */
#include <fcntl.h>
#include <memscope/tracker.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kill-pattern.h"

#define THREADS 4
#define FOREVER UINT64_MAX
#define CHURN_CALLS 700        /* fits the first window */
#define CHURN_CALLS_LONG 20000 /* needs a file of its own */
#define CALLS_A_HAND_OVER 48

static KillCounts *counts;
static const char *folder;

static void *
checked (void *block)
{
  if (!block)
    _exit (3);
  return block;
}

/* --- through malloc -------------------------------------------------------------------------- */

static void
run_pattern (uint32_t slot, uint64_t n_calls)
{
  void *volatile a = NULL, *volatile b = NULL;

  a = checked (malloc (KILL_MARKER_BYTES + slot));
  free (a);
  for (uint64_t i = 0; i < n_calls; i++)
    {
      switch (kill_call (i))
        {
        case KILL_MALLOC_A:
          a = checked (malloc (kill_size (i)));
          break;
        case KILL_MALLOC_B:
          b = checked (malloc (kill_size (i)));
          break;
        case KILL_REALLOC_A:
          a = checked (realloc (a, kill_size (i)));
          break;
        case KILL_FREE_B:
          free (b);
          break;
        case KILL_FREE_A:
          free (a);
          break;
        }
      atomic_store_explicit (&counts->counts[slot], i + 1, memory_order_release);
    }
  atomic_store (&counts->done[slot], 1);
}

static uint32_t
take_slot (void)
{
  uint32_t slot = atomic_fetch_add (&counts->n_slots, 1);

  if (slot >= KILL_MAX_SLOTS)
    for (;;)
      pause (); /* enough: wait for the end */
  return slot;
}

static void *
forever (void *data)
{
  run_pattern (take_slot (), FOREVER);
  return NULL;
}

static void *
for_a_while (void *data)
{
  uint32_t slot = take_slot ();

  run_pattern (slot, slot % 8 == 0 ? CHURN_CALLS_LONG : CHURN_CALLS);
  return NULL;
}

/* --- through the explicit API ---------------------------------------------------------------- */

static void
must (int result)
{
  if (result != MEMSCOPE_OK)
    {
      dprintf (2, "victim-kill: %s: %s\n", memscope_strerror (result),
               memscope_get_error_reason ());
      _exit (4);
    }
}

static void *
declare_forever (void *data)
{
  uint32_t slot = take_slot ();
  const char *base = (const char *) (uintptr_t) ((uint64_t) (slot + 1) << 32), *a = base, *b = base;

  must (memscope_init_thread_tracker (folder, NULL));
  must (memscope_track_allocation (base, KILL_MARKER_BYTES + slot, NULL, 0));
  must (memscope_track_deallocation (base, NULL, 0));
  for (uint64_t i = 0;; i++)
    {
      const char *fresh = base + i % 1000003 * 16;

      switch (kill_call (i))
        {
        case KILL_MALLOC_A:
          must (memscope_track_allocation (a = fresh, kill_size (i), NULL, 0));
          break;
        case KILL_MALLOC_B:
          must (memscope_track_allocation (b = fresh, kill_size (i), NULL, 0));
          break;
        case KILL_REALLOC_A:
          must (memscope_track_reallocation (a, fresh, kill_size (i), NULL, 0));
          a = fresh;
          break;
        case KILL_FREE_B:
          must (memscope_track_deallocation (b, NULL, 0));
          break;
        case KILL_FREE_A:
          must (memscope_track_deallocation (a, NULL, 0));
          break;
        }
      atomic_store_explicit (&counts->counts[slot], i + 1, memory_order_release);
      if ((i + 1) % CALLS_A_HAND_OVER == 0)
        {
          must (memscope_finalize_thread_tracker ());
          must (memscope_init_thread_tracker (folder, NULL));
        }
    }
  return NULL;
}

/* --- modes ----------------------------------------------------------------------------------- */

static void
start_all (void *(*routine) (void *) )
{
  pthread_t threads[THREADS];

  for (unsigned i = 0; i < THREADS; i++)
    if (pthread_create (&threads[i], NULL, routine, NULL) != 0)
      _exit (5);
  for (unsigned i = 0; i < THREADS; i++)
    pthread_join (threads[i], NULL);
}

static void
churn (void)
{
  pthread_t threads[THREADS];

  for (unsigned n = 0;; n++)
    {
      if (n >= THREADS)
        pthread_join (threads[n % THREADS], NULL);
      if (pthread_create (&threads[n % THREADS], NULL, for_a_while, NULL) != 0)
        _exit (5);
    }
}

static void
fork_for_ever (void)
{
  pthread_t thread, child_thread;

  if (pthread_create (&thread, NULL, forever, NULL) != 0)
    _exit (5);
  for (;;)
    {
      pid_t child = fork ();

      if (child < 0)
        _exit (6);
      if (child > 0)
        {
          waitpid (child, NULL, 0);
          continue;
        }
      run_pattern (take_slot (), CHURN_CALLS_LONG);
      if (pthread_create (&child_thread, NULL, for_a_while, NULL) == 0)
        pthread_join (child_thread, NULL);
      _exit (0);
    }
}

int
main (int argc, char **argv)
{
  const char *mode = argc > 2 ? argv[1] : "";
  int fd = argc > 2 ? open (argv[2], O_RDWR | O_CLOEXEC) : -1;

  if (fd < 0)
    return 2;
  counts = mmap (NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close (fd);
  if (counts == MAP_FAILED)
    return 2;

  if (strcmp (mode, "threads") == 0)
    start_all (forever);
  else if (strcmp (mode, "churn") == 0)
    churn ();
  else if (strcmp (mode, "fork") == 0)
    fork_for_ever ();
  else if (strcmp (mode, "declared") == 0 && argc > 3)
    {
      folder = argv[3];
      start_all (declare_forever);
    }
  return 2;
}
