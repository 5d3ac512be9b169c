/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * latency THREADS PAIRS: how long a single malloc, and a single free, may take.
 *
 * The same steps as churn, each call timed by itself: a mean hides that one call in ten thousand waits
 * for the disk.  The clock's own cost, about 20 to 40 ns, is in every figure.  Prints one JSON object
 * with the quantiles of all calls of all threads, in ns.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "call-sites.h"

#define MAX_THREADS 64
#define WINDOW_BLOCKS 1024

/* A bucket is an eighth of a power of two: at most 12 % wide. */
#define BUCKETS_A_POWER 8
#define N_BUCKETS (64 * BUCKETS_A_POWER)

typedef struct {
  uint64_t counts[N_BUCKETS];
  uint64_t n, max_ns;
} Histogram;

typedef struct {
  uint64_t n_pairs, random;
  Histogram allocations, frees;
} Worker;

static inline uint64_t
now_ns (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (uint64_t) time.tv_sec * 1000000000U + (uint64_t) time.tv_nsec;
}

static inline void
histogram_add (Histogram *self, uint64_t ns)
{
  unsigned power = ns < BUCKETS_A_POWER ? 0 : 63U - (unsigned) __builtin_clzll (ns) - 2U;
  uint64_t bucket =
      power == 0 ? ns : power * BUCKETS_A_POWER + (ns >> (power - 1)) - BUCKETS_A_POWER;

  self->counts[bucket]++;
  self->n++;
  if (ns > self->max_ns)
    self->max_ns = ns;
}

/* The least time that is in the bucket, and so at most 12 % too low. */
static uint64_t
bucket_ns (unsigned bucket)
{
  unsigned power = bucket / BUCKETS_A_POWER, part = bucket % BUCKETS_A_POWER;

  return power == 0 ? part : (uint64_t) (BUCKETS_A_POWER + part) << (power - 1);
}

static uint64_t
histogram_quantile (const Histogram *self, double quantile)
{
  uint64_t wanted = (uint64_t) ((double) self->n * quantile), seen = 0;

  for (unsigned bucket = 0; bucket < N_BUCKETS; bucket++)
    {
      seen += self->counts[bucket];
      if (seen > wanted)
        return bucket_ns (bucket);
    }
  return self->max_ns;
}

static void
histogram_join (Histogram *self, const Histogram *other)
{
  for (unsigned bucket = 0; bucket < N_BUCKETS; bucket++)
    self->counts[bucket] += other->counts[bucket];
  self->n += other->n;
  if (other->max_ns > self->max_ns)
    self->max_ns = other->max_ns;
}

static void
histogram_print (const Histogram *self, const char *name)
{
  printf (
      "\"%s\": {\"p50\": %llu, \"p99\": %llu, \"p99.9\": %llu, \"p99.99\": %llu, \"max\": %llu}",
      name, (unsigned long long) histogram_quantile (self, 0.5),
      (unsigned long long) histogram_quantile (self, 0.99),
      (unsigned long long) histogram_quantile (self, 0.999),
      (unsigned long long) histogram_quantile (self, 0.9999), (unsigned long long) self->max_ns);
}

static void *
work (void *data)
{
  Worker *self = data;
  void *window[WINDOW_BLOCKS];

  for (unsigned i = 0; i < WINDOW_BLOCKS; i++)
    window[i] = allocate (&call_sites_10, next_random (&self->random));
  for (uint64_t i = 0; i < self->n_pairs; i++)
    {
      uint64_t random = next_random (&self->random), begin, between;
      void **slot = &window[random % WINDOW_BLOCKS];

      begin = now_ns ();
      free (*slot);
      between = now_ns ();
      *slot = allocate (&call_sites_10, random);
      histogram_add (&self->allocations, now_ns () - between);
      histogram_add (&self->frees, between - begin);
    }
  for (unsigned i = 0; i < WINDOW_BLOCKS; i++)
    free (window[i]);
  return NULL;
}

int
main (int argc, char **argv)
{
  static Worker workers[MAX_THREADS];
  pthread_t threads[MAX_THREADS];
  long n_threads = argc > 1 ? atol (argv[1]) : 1;
  long long n_pairs = argc > 2 ? atoll (argv[2]) : 1000000;

  if (n_threads < 1 || n_threads > MAX_THREADS || n_pairs < 1)
    {
      fprintf (stderr, "Usage: latency THREADS PAIRS\n");
      return 2;
    }
  for (long i = 0; i < n_threads; i++)
    {
      workers[i].n_pairs = (uint64_t) n_pairs;
      workers[i].random = 0x9e3779b97f4a7c15U * (uint64_t) (i + 1);
      if (pthread_create (&threads[i], NULL, work, &workers[i]) != 0)
        return 1;
    }
  for (long i = 0; i < n_threads; i++)
    pthread_join (threads[i], NULL);
  for (long i = 1; i < n_threads; i++)
    {
      histogram_join (&workers[0].allocations, &workers[i].allocations);
      histogram_join (&workers[0].frees, &workers[i].frees);
    }
  printf ("{");
  histogram_print (&workers[0].allocations, "malloc");
  printf (", ");
  histogram_print (&workers[0].frees, "free");
  printf ("}\n");
  return 0;
}
