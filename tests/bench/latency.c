/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * latency THREADS PAIRS: how long a single malloc, and a single free, may take.
 *
 * The same steps as churn, each call timed by itself: a mean hides that one call in ten thousand waits
 * for the disk.  The clock's own cost, about 20 to 40 ns, is in every figure.  Prints one JSON object
 * with the quantiles of all calls of all threads, in ns, twice:
 *
 *   malloc, free                  every call
 *   malloc_alone, free_alone      without the calls during which the scheduler gave the core to somebody
 *                                 else: with more threads than cores those wait for whole time slices,
 *                                 traced or not.  A call that slept, for a disk or a lock, is still in.
 *
 * Whether it was interrupted the kernel tells (ru_nivcsw); it is asked after each stretch of time that
 * was long enough to have been interrupted, in a call or between two.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
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

/* A switch to another thread and back takes longer than this. */
#define SUSPECT_NS 2000

/* Calls of one function. */
typedef struct {
  Histogram all, alone;
  uint64_t n_interrupted; /* the scheduler took the core away */
  uint64_t n_slept;       /* it gave the core up by itself */
} Calls;

typedef struct {
  uint64_t n_pairs, random;
  long n_interruptions, n_sleeps; /* of the thread so far */
  Calls allocations, frees;
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
histogram_print (const Histogram *self, const char *name, const char *which)
{
  printf (
      "\"%s%s\": {\"p50\": %llu, \"p99\": %llu, \"p99.9\": %llu, \"p99.99\": %llu, \"max\": %llu}",
      name, which, (unsigned long long) histogram_quantile (self, 0.5),
      (unsigned long long) histogram_quantile (self, 0.99),
      (unsigned long long) histogram_quantile (self, 0.999),
      (unsigned long long) histogram_quantile (self, 0.9999), (unsigned long long) self->max_ns);
}

static void
calls_join (Calls *self, const Calls *other)
{
  histogram_join (&self->all, &other->all);
  histogram_join (&self->alone, &other->alone);
  self->n_interrupted += other->n_interrupted;
  self->n_slept += other->n_slept;
}

static void
calls_print (const Calls *self, const char *name)
{
  histogram_print (&self->all, name, "");
  printf (", ");
  histogram_print (&self->alone, name, "_alone");
  printf (", \"%s_interrupted\": %llu, \"%s_slept\": %llu", name,
          (unsigned long long) self->n_interrupted, name, (unsigned long long) self->n_slept);
}

/* What happened to the thread since it was asked last. */
static __attribute__ ((noinline, cold)) void
ask_kernel (Worker *self, bool *interrupted, bool *slept)
{
  struct rusage usage;

  getrusage (RUSAGE_THREAD, &usage);
  *interrupted = usage.ru_nivcsw != self->n_interruptions;
  *slept = usage.ru_nvcsw != self->n_sleeps;
  self->n_interruptions = usage.ru_nivcsw;
  self->n_sleeps = usage.ru_nvcsw;
}

/* @calls: NULL for the time between two calls. */
static inline void
note (Worker *self, Calls *calls, uint64_t ns)
{
  bool interrupted = false, slept = false;

  if (ns >= SUSPECT_NS)
    ask_kernel (self, &interrupted, &slept);
  if (!calls)
    return;
  histogram_add (&calls->all, ns);
  if (!interrupted)
    histogram_add (&calls->alone, ns);
  calls->n_interrupted += interrupted;
  calls->n_slept += slept && !interrupted;
}

static void *
work (void *data)
{
  Worker *self = data;
  void *window[WINDOW_BLOCKS];
  uint64_t last;

  for (unsigned i = 0; i < WINDOW_BLOCKS; i++)
    window[i] = allocate (&call_sites_10, next_random (&self->random));
  note (self, NULL, SUSPECT_NS);
  last = now_ns ();
  for (uint64_t i = 0; i < self->n_pairs; i++)
    {
      uint64_t random = next_random (&self->random), begin, between, end;
      void **slot = &window[random % WINDOW_BLOCKS];

      begin = now_ns ();
      note (self, NULL, begin - last);
      begin = now_ns ();
      free (*slot);
      between = now_ns ();
      note (self, &self->frees, between - begin);
      between = now_ns ();
      *slot = allocate (&call_sites_10, random);
      end = now_ns ();
      note (self, &self->allocations, end - between);
      last = now_ns ();
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
      calls_join (&workers[0].allocations, &workers[i].allocations);
      calls_join (&workers[0].frees, &workers[i].frees);
    }
  printf ("{");
  calls_print (&workers[0].allocations, "malloc");
  printf (", ");
  calls_print (&workers[0].frees, "free");
  printf ("}\n");
  return 0;
}
