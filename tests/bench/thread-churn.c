/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * thread-churn THREADS: that many threads of one small task each, four at a time.
 *
 * What a tracer spends on a thread's birth and death: memory, files, names.  A step is a thread.  Prints
 * the same JSON object as churn.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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
  long n_threads = argc > 1 ? atol (argv[1]) : 20000;
  pthread_t threads[N_AT_ONCE];
  uint64_t begin_ns;

  if (n_threads < N_AT_ONCE)
    {
      fprintf (stderr, "Usage: thread-churn THREADS (at least %d)\n", N_AT_ONCE);
      return 2;
    }
  begin_ns = now_ns ();
  for (long i = 0; i < n_threads; i++)
    {
      if (i >= N_AT_ONCE)
        pthread_join (threads[i % N_AT_ONCE], NULL);
      if (pthread_create (&threads[i % N_AT_ONCE], NULL, task, NULL) != 0)
        return 1;
    }
  for (long i = 0; i < N_AT_ONCE; i++)
    pthread_join (threads[i], NULL);

  printf ("{\"wall_ns\": %llu, \"steps\": %ld, \"events\": %ld}\n",
          (unsigned long long) (now_ns () - begin_ns), n_threads, n_threads * 2 * TASK_BLOCKS);
  return 0;
}
