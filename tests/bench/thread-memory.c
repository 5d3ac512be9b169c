/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * thread-memory THREADS PAIRS: what so many living threads keep resident.
 *
 * Each allocates once, waits until all have, makes PAIRS steps of churn and waits again: no thread's
 * memory can be another one's by then.  Meanwhile the process reads its own resident memory, which
 * includes what the tracer mapped of its files.  Of two runs that differ in the number of threads, and
 * the same untraced, the differences give the bytes that tracking a thread takes.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call-sites.h"

#define MAX_THREADS 1024
#define WINDOW_BLOCKS 64

static struct {
  uint64_t n_pairs;
  pthread_barrier_t born, worked, measured;
} shared;

static void *
work (void *data)
{
  uint64_t random = (uint64_t) (uintptr_t) data;
  void *window[WINDOW_BLOCKS] = { allocate (&call_sites_10, random) };

  pthread_barrier_wait (&shared.born);
  for (uint64_t i = 0; i < shared.n_pairs; i++)
    {
      void **slot = &window[next_random (&random) % WINDOW_BLOCKS];

      free (*slot);
      *slot = allocate (&call_sites_10, random);
    }
  pthread_barrier_wait (&shared.worked);
  pthread_barrier_wait (&shared.measured);
  for (unsigned i = 0; i < WINDOW_BLOCKS; i++)
    free (window[i]);
  return NULL;
}

/* Exact, unlike the counters in /proc/self/status, which the kernel keeps in batches.  0: not known. */
static unsigned long long
read_resident_kib (void)
{
  char text[4096];
  int fd = open ("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read (fd, text, sizeof text - 1) : -1;
  const char *line;

  if (fd >= 0)
    close (fd);
  if (n <= 0)
    return 0;
  text[n] = '\0';
  line = strstr (text, "\nRss:");
  return line != NULL ? strtoull (line + strlen ("\nRss:"), NULL, 10) : 0;
}

int
main (int argc, char **argv)
{
  static pthread_t threads[MAX_THREADS];
  long n_threads = argc > 1 ? atol (argv[1]) : 64;
  long long n_pairs = argc > 2 ? atoll (argv[2]) : 20000;
  unsigned long long worked_kib;

  if (n_threads < 1 || n_threads > MAX_THREADS || n_pairs < 1)
    {
      fprintf (stderr, "Usage: thread-memory THREADS PAIRS\n");
      return 2;
    }
  shared.n_pairs = (uint64_t) n_pairs;
  pthread_barrier_init (&shared.born, NULL, (unsigned) n_threads + 1);
  pthread_barrier_init (&shared.worked, NULL, (unsigned) n_threads + 1);
  pthread_barrier_init (&shared.measured, NULL, (unsigned) n_threads + 1);
  for (long i = 0; i < n_threads; i++)
    if (pthread_create (&threads[i], NULL, work,
                        (void *) (uintptr_t) (0x9e3779b97f4a7c15U * (i + 1)))
        != 0)
      return 1;

  pthread_barrier_wait (&shared.born);
  pthread_barrier_wait (&shared.worked);
  worked_kib = read_resident_kib ();
  pthread_barrier_wait (&shared.measured);
  for (long i = 0; i < n_threads; i++)
    pthread_join (threads[i], NULL);

  if (worked_kib == 0)
    {
      fprintf (stderr, "thread-memory: /proc/self/smaps_rollup cannot be read\n");
      return 1;
    }
  printf ("{\"resident_bytes\": %llu, \"threads\": %ld}\n", worked_kib * 1024, n_threads);
  return 0;
}
