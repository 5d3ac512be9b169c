/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * larson THREADS STEPS: blocks that outlive the thread that made them, freed by others.
 *
 * All threads share one array of blocks.  A step puts a new block in a random place and frees the one
 * that was there, whoever had made it.  After a tenth of the steps all threads end and others go on
 * with the same array, as a server's do with its sessions; their start and end is in the time.
 * After P. Larson and M. Krishnan, "Memory Allocation for Long-Running Server Applications".
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "call-sites.h"
#include "measured-part.h"

#define MAX_THREADS 256
#define BLOCKS_A_THREAD 1024
#define N_GENERATIONS 10

typedef struct {
  _Atomic (void *) *blocks;
  uint64_t n_blocks, n_steps, random;
} Worker;

static void *
replace_blocks (void *data)
{
  Worker *self = data;

  for (uint64_t i = 0; i < self->n_steps; i++)
    {
      uint64_t random = next_random (&self->random);
      void *block = allocate (&call_sites_10, random);

      free (atomic_exchange_explicit (&self->blocks[random % self->n_blocks], block,
                                      memory_order_acq_rel));
    }
  return NULL;
}

static int
run_generation (Worker *workers, long n_threads)
{
  pthread_t threads[MAX_THREADS];

  for (long i = 0; i < n_threads; i++)
    if (pthread_create (&threads[i], NULL, replace_blocks, &workers[i]) != 0)
      return 1;
  for (long i = 0; i < n_threads; i++)
    pthread_join (threads[i], NULL);
  return 0;
}

static void
print_report (const MeasuredPart *part, uint64_t n_threads, uint64_t n_steps, uint64_t n_blocks)
{
  measured_part_print (part, &(WorkDone) {
                                 .steps = n_steps,
                                 .timed_events = n_threads * 2 * n_steps,
                                 .events = n_threads * 2 * n_steps + 2 * n_blocks,
                                 .threads = n_threads,
                                 .born_threads = n_threads * N_GENERATIONS,
                             });
}

int
main (int argc, char **argv)
{
  static _Atomic (void *) blocks[MAX_THREADS * BLOCKS_A_THREAD];
  static Worker workers[MAX_THREADS];
  long n_threads = argc > 1 ? atol (argv[1]) : 2;
  long long n_steps = (argc > 2 ? atoll (argv[2]) : 500000) / N_GENERATIONS;
  uint64_t random = 0x2545f4914f6cdd1dU, n_blocks = (uint64_t) n_threads * BLOCKS_A_THREAD;
  MeasuredPart part;

  if (n_threads < 1 || n_threads > MAX_THREADS || n_steps < 1)
    {
      fprintf (stderr, "Usage: larson THREADS STEPS\n");
      return 2;
    }
  for (uint64_t i = 0; i < n_blocks; i++)
    blocks[i] = allocate (&call_sites_10, next_random (&random));
  for (long i = 0; i < n_threads; i++)
    workers[i] = (Worker) { blocks, n_blocks, (uint64_t) n_steps, next_random (&random) };

  measured_part_begin (&part, CLOCK_PROCESS_CPUTIME_ID);
  for (unsigned i = 0; i < N_GENERATIONS; i++)
    if (run_generation (workers, n_threads) != 0)
      return 1;
  measured_part_end (&part, CLOCK_PROCESS_CPUTIME_ID);

  for (uint64_t i = 0; i < n_blocks; i++)
    free (blocks[i]);
  print_report (&part, (uint64_t) n_threads, (uint64_t) n_steps * N_GENERATIONS, n_blocks);
  return 0;
}
