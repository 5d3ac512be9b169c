/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * churn THREADS PAIRS: the workload that overhead is measured on.
 *
 * Each thread holds a window of 1 024 live blocks of 16 to 1 040 bytes.  A step frees a random one and
 * allocates another in its place, from one of 8 call sites that lie 10 to 13 calls below the thread's
 * start routine.  That is what a busy program does with malloc, at a rate that no program keeps up:
 * the tracer's cost is not hidden behind the program's own work.
 *
 * Prints one JSON object: wall time of the steps alone (threads are started before the clock), and the
 * number of calls of the malloc family that the threads made, for bytes an event.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "call-sites.h"

#define MAX_THREADS 1024
#define WINDOW_BLOCKS 1024

typedef struct {
  uint64_t n_pairs;
  uint64_t random;
  pthread_barrier_t *start, *end;
} Worker;

static void *
churn (void *data)
{
  Worker *self = data;
  void *window[WINDOW_BLOCKS];

  for (unsigned i = 0; i < WINDOW_BLOCKS; i++)
    window[i] = allocate (next_random (&self->random));

  pthread_barrier_wait (self->start);
  for (uint64_t i = 0; i < self->n_pairs; i++)
    {
      uint64_t random = next_random (&self->random);
      void **slot = &window[random % WINDOW_BLOCKS];

      free (*slot);
      *slot = allocate (random);
    }
  pthread_barrier_wait (self->end);

  for (unsigned i = 0; i < WINDOW_BLOCKS; i++)
    free (window[i]);
  return NULL;
}

static uint64_t
now_ns (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (uint64_t) time.tv_sec * 1000000000U + (uint64_t) time.tv_nsec;
}

int
main (int argc, char **argv)
{
  long n_threads = argc > 1 ? atol (argv[1]) : 1;
  long long n_pairs = argc > 2 ? atoll (argv[2]) : 1000000;
  static pthread_t threads[MAX_THREADS];
  static Worker workers[MAX_THREADS];
  pthread_barrier_t start, end;
  uint64_t begin_ns, wall_ns;

  if (n_threads < 1 || n_threads > MAX_THREADS || n_pairs < 1)
    {
      fprintf (stderr, "Usage: churn THREADS PAIRS\n");
      return 2;
    }
  pthread_barrier_init (&start, NULL, (unsigned) n_threads + 1);
  pthread_barrier_init (&end, NULL, (unsigned) n_threads + 1);

  for (long i = 0; i < n_threads; i++)
    {
      workers[i] = (Worker) { .n_pairs = (uint64_t) n_pairs,
                              .random = 0x9e3779b97f4a7c15U * (uint64_t) (i + 1),
                              .start = &start,
                              .end = &end };
      if (pthread_create (&threads[i], NULL, churn, &workers[i]) != 0)
        return 1;
    }

  pthread_barrier_wait (&start);
  begin_ns = now_ns ();
  pthread_barrier_wait (&end);
  wall_ns = now_ns () - begin_ns;

  for (long i = 0; i < n_threads; i++)
    pthread_join (threads[i], NULL);
  printf ("{\"wall_ns\": %llu, \"steps\": %llu, \"events\": %llu}\n", (unsigned long long) wall_ns,
          (unsigned long long) n_pairs,
          (unsigned long long) n_threads * 2 * ((unsigned long long) n_pairs + WINDOW_BLOCKS));
  return 0;
}
