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
#include <string.h>
#include <time.h>

#define N_SITES 8
#define MAX_THREADS 1024
#define WINDOW_BLOCKS 1024
#define SIZE_MIN_BYTES 16
#define SIZE_MAX_BYTES 1040

typedef struct {
  uint64_t n_pairs;
  uint64_t random;
  pthread_barrier_t *start, *end;
} Worker;

static inline uint64_t
next_random (uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* A chain of functions, none inlined and none a tail call: level_N is N calls above malloc. */
#define LEVEL(n, below) \
  __attribute__ ((noinline)) static void *level_##n (size_t n_bytes) \
  { \
    void *block = below (n_bytes); \
    __asm__ volatile("" : "+r"(block)); \
    return block; \
  }

LEVEL (1, malloc)
LEVEL (2, level_1)
LEVEL (3, level_2)
LEVEL (4, level_3)
LEVEL (5, level_4)
LEVEL (6, level_5)
LEVEL (7, level_6)
LEVEL (8, level_7)
LEVEL (9, level_8)
LEVEL (10, level_9)
LEVEL (11, level_10)

/* A call site: its own return address, and with the start routine 10 to 13 frames. */
LEVEL (site_0, level_8)
LEVEL (site_1, level_9)
LEVEL (site_2, level_10)
LEVEL (site_3, level_11)
LEVEL (site_4, level_8)
LEVEL (site_5, level_9)
LEVEL (site_6, level_10)
LEVEL (site_7, level_11)

static void *(*const sites[N_SITES]) (size_t) = {
  level_site_0, level_site_1, level_site_2, level_site_3,
  level_site_4, level_site_5, level_site_6, level_site_7,
};

static void *
allocate (uint64_t random)
{
  size_t n_bytes = SIZE_MIN_BYTES + (random >> 32) % (SIZE_MAX_BYTES - SIZE_MIN_BYTES + 1);
  uint64_t *block = sites[(random >> 24) % N_SITES](n_bytes);

  if (block == NULL)
    abort ();
  *block = random;
  return block;
}

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
