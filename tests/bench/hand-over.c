/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * hand-over PAIRS STEPS: every block is allocated by one thread and freed by another.
 *
 * Each pair of threads has a queue: the producer fills a batch of 64 blocks and hands it over, the
 * consumer frees its blocks.  At most 16 batches wait.  A step is one block; a batch at a time, so
 * that the lock is no part of what is measured.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "call-sites.h"
#include "measured-part.h"

#define MAX_PAIRS 128
#define BATCH_BLOCKS 64
#define QUEUE_BATCHES 16

typedef struct {
  void *blocks[BATCH_BLOCKS];
} Batch;

typedef struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  Batch batches[QUEUE_BATCHES];
  uint64_t n_put, n_taken; /* batches, ever */
  uint64_t n_batches;      /* to come */
  uint64_t random;
} Queue;

static void *
produce (void *data)
{
  Queue *self = data;

  for (uint64_t i = 0; i < self->n_batches; i++)
    {
      Batch batch;

      for (unsigned k = 0; k < BATCH_BLOCKS; k++)
        batch.blocks[k] = allocate (&call_sites_10, next_random (&self->random));

      pthread_mutex_lock (&self->mutex);
      while (self->n_put - self->n_taken == QUEUE_BATCHES)
        pthread_cond_wait (&self->changed, &self->mutex);
      self->batches[self->n_put++ % QUEUE_BATCHES] = batch;
      pthread_cond_signal (&self->changed);
      pthread_mutex_unlock (&self->mutex);
    }
  return NULL;
}

static void *
consume (void *data)
{
  Queue *self = data;

  for (uint64_t i = 0; i < self->n_batches; i++)
    {
      Batch batch;

      pthread_mutex_lock (&self->mutex);
      while (self->n_put == self->n_taken)
        pthread_cond_wait (&self->changed, &self->mutex);
      batch = self->batches[self->n_taken++ % QUEUE_BATCHES];
      pthread_cond_signal (&self->changed);
      pthread_mutex_unlock (&self->mutex);

      for (unsigned k = 0; k < BATCH_BLOCKS; k++)
        free (batch.blocks[k]);
    }
  return NULL;
}

static void
print_report (const MeasuredPart *part, uint64_t n_pairs, uint64_t n_steps)
{
  measured_part_print (part, &(WorkDone) {
                                 .steps = n_steps,
                                 .timed_events = n_pairs * 2 * n_steps,
                                 .events = n_pairs * 2 * n_steps,
                                 .threads = n_pairs * 2,
                                 .born_threads = n_pairs * 2,
                             });
}

int
main (int argc, char **argv)
{
  static Queue queues[MAX_PAIRS];
  static pthread_t producers[MAX_PAIRS], consumers[MAX_PAIRS];
  long n_pairs = argc > 1 ? atol (argv[1]) : 1;
  long long n_batches = (argc > 2 ? atoll (argv[2]) : 1000000) / BATCH_BLOCKS;
  MeasuredPart part;

  if (n_pairs < 1 || n_pairs > MAX_PAIRS || n_batches < 1)
    {
      fprintf (stderr, "Usage: hand-over PAIRS STEPS\n");
      return 2;
    }
  measured_part_begin (&part, CLOCK_PROCESS_CPUTIME_ID);
  for (long i = 0; i < n_pairs; i++)
    {
      queues[i].n_batches = (uint64_t) n_batches;
      queues[i].random = 0x9e3779b97f4a7c15U * (uint64_t) (i + 1);
      pthread_mutex_init (&queues[i].mutex, NULL);
      pthread_cond_init (&queues[i].changed, NULL);
      if (pthread_create (&producers[i], NULL, produce, &queues[i]) != 0
          || pthread_create (&consumers[i], NULL, consume, &queues[i]) != 0)
        return 1;
    }
  for (long i = 0; i < n_pairs; i++)
    {
      pthread_join (producers[i], NULL);
      pthread_join (consumers[i], NULL);
    }
  measured_part_end (&part, CLOCK_PROCESS_CPUTIME_ID);
  print_report (&part, (uint64_t) n_pairs, (uint64_t) n_batches * BATCH_BLOCKS);
  return 0;
}
