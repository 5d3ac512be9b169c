/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * churn THREADS PAIRS [DEPTH]: the workload that overhead is measured on.
 *
 * Each thread holds a window of 1 024 live blocks of 16 to 1 040 bytes.  A step frees a random one and
 * allocates another in its place, from one of 8 call sites that lie DEPTH (10) to DEPTH + 3 calls below
 * the thread's start routine.  That is what a busy program does with malloc, at a rate that no program
 * keeps up: the tracer's cost is not hidden behind the program's own work.
 *
 * Prints what measured-part.h says; threads are started before the clock.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "call-sites.h"
#include "measured-part.h"

#define MAX_THREADS 1024
#define WINDOW_BLOCKS 1024

typedef struct {
  const CallSites *sites;
  uint64_t n_pairs;
  uint64_t random;
  MeasuredPart own;
  pthread_barrier_t *start, *end;
} Worker;

static void *
churn (void *data)
{
  Worker *self = data;
  void *window[WINDOW_BLOCKS];

  for (unsigned i = 0; i < WINDOW_BLOCKS; i++)
    window[i] = allocate (self->sites, next_random (&self->random));

  pthread_barrier_wait (self->start);
  measured_part_begin (&self->own, CLOCK_THREAD_CPUTIME_ID);
  for (uint64_t i = 0; i < self->n_pairs; i++)
    {
      uint64_t random = next_random (&self->random);
      void **slot = &window[random % WINDOW_BLOCKS];

      free (*slot);
      *slot = allocate (self->sites, random);
    }
  measured_part_end (&self->own, CLOCK_THREAD_CPUTIME_ID);
  pthread_barrier_wait (self->end);

  for (unsigned i = 0; i < WINDOW_BLOCKS; i++)
    free (window[i]);
  return NULL;
}

static void
print_report (const Worker *workers, uint64_t n_threads)
{
  uint64_t n_pairs = workers[0].n_pairs;
  MeasuredPart part = { 0 };

  for (uint64_t i = 0; i < n_threads; i++)
    measured_part_join (&part, &workers[i].own);
  measured_part_print (&part, &(WorkDone) {
                                  .steps = n_pairs,
                                  .timed_events = n_threads * 2 * n_pairs,
                                  .events = n_threads * 2 * (n_pairs + WINDOW_BLOCKS),
                                  .threads = n_threads,
                                  .born_threads = n_threads,
                                  .first = workers[0].own,
                              });
}

int
main (int argc, char **argv)
{
  long n_threads = argc > 1 ? atol (argv[1]) : 1;
  long long n_pairs = argc > 2 ? atoll (argv[2]) : 1000000;
  const CallSites *sites = find_call_sites (argc > 3 ? atoi (argv[3]) : 10);
  static pthread_t threads[MAX_THREADS];
  static Worker workers[MAX_THREADS];
  pthread_barrier_t start, end;

  if (n_threads < 1 || n_threads > MAX_THREADS || n_pairs < 1 || sites == NULL)
    {
      fprintf (stderr, "Usage: churn THREADS PAIRS [5, 10 or 30]\n");
      return 2;
    }
  pthread_barrier_init (&start, NULL, (unsigned) n_threads + 1);
  pthread_barrier_init (&end, NULL, (unsigned) n_threads + 1);

  for (long i = 0; i < n_threads; i++)
    {
      workers[i] = (Worker) { .sites = sites,
                              .n_pairs = (uint64_t) n_pairs,
                              .random = 0x9e3779b97f4a7c15U * (uint64_t) (i + 1),
                              .start = &start,
                              .end = &end };
      if (pthread_create (&threads[i], NULL, churn, &workers[i]) != 0)
        return 1;
    }

  pthread_barrier_wait (&start);
  pthread_barrier_wait (&end);

  for (long i = 0; i < n_threads; i++)
    pthread_join (threads[i], NULL);
  print_report (workers, (uint64_t) n_threads);
  return 0;
}
