/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * thread-churn THREADS: that many threads of one small task each, four at a time.
 *
 * What a tracer spends on a thread's birth and death: memory, files, names.  A step is a thread.
 * Prints what measured-part.h says.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "measured-part.h"

#define N_AT_ONCE 4
#define TASK_BLOCKS 16

static void *
task (void *data)
{
  void *blocks[TASK_BLOCKS];

  for (unsigned i = 0; i < TASK_BLOCKS; i++)
    {
      blocks[i] = malloc (32 + 16 * i);
      if (blocks[i] == NULL)
        abort ();
      __asm__ volatile("" : : "r"(blocks[i]) : "memory");
    }
  for (unsigned i = 0; i < TASK_BLOCKS; i++)
    free (blocks[i]);
  return data;
}

int
main (int argc, char **argv)
{
  long n_threads = argc > 1 ? atol (argv[1]) : 20000;
  pthread_t threads[N_AT_ONCE];
  MeasuredPart part;

  if (n_threads < N_AT_ONCE)
    {
      fprintf (stderr, "Usage: thread-churn THREADS (at least %d)\n", N_AT_ONCE);
      return 2;
    }
  measured_part_begin (&part, CLOCK_PROCESS_CPUTIME_ID);
  for (long i = 0; i < n_threads; i++)
    {
      if (i >= N_AT_ONCE)
        pthread_join (threads[i % N_AT_ONCE], NULL);
      if (pthread_create (&threads[i % N_AT_ONCE], NULL, task, NULL) != 0)
        return 1;
    }
  for (long i = 0; i < N_AT_ONCE; i++)
    pthread_join (threads[i], NULL);
  measured_part_end (&part, CLOCK_PROCESS_CPUTIME_ID);
  measured_part_print (&part, &(WorkDone) {
                                  .steps = (uint64_t) n_threads,
                                  .timed_events = (uint64_t) n_threads * 2 * TASK_BLOCKS,
                                  .events = (uint64_t) n_threads * 2 * TASK_BLOCKS,
                                  .threads = N_AT_ONCE,
                                  .born_threads = (uint64_t) n_threads,
                              });
  return 0;
}
