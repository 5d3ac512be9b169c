/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Threads that allocate far more than a ring holds; see ring-pattern.h.  VICTIM_COUNTS: the shared file. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "ring-pattern.h"
#include "victim.h"

static RingCounts *shared;

typedef struct {
  uint32_t slot;
  uint64_t n_calls;
  uint64_t base; /* calls of those before it in its slot */
} Work;

static void
run_pattern (const Work *work)
{
  void *volatile held[RING_HELD] = { NULL };

  for (uint64_t i = 0; i < work->n_calls; i++)
    {
      if (i >= RING_HELD)
        free (held[i % RING_HELD]);
      held[i % RING_HELD] = malloc (ring_size (work->slot, i));
      if (shared)
        atomic_store (&shared->counts[work->slot], work->base + i + 1);
    }
  for (uint64_t i = 0; i < RING_HELD; i++)
    free (held[i]);
}

static void *
thread_main (void *data)
{
  run_pattern (data);
  return NULL;
}

static void
share_counts (void)
{
  const char *path = getenv ("VICTIM_COUNTS");
  int fd = path ? open (path, O_RDWR) : -1;

  CHECK (fd >= 0);
  shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CHECK (shared != MAP_FAILED);
  close (fd);
}

static void
run_threads (uint64_t n_calls)
{
  static Work works[RING_SLOTS];
  pthread_t threads[RING_SLOTS];

  share_counts ();
  for (uint32_t slot = 0; slot < RING_SLOTS; slot++)
    {
      works[slot] = (Work) { slot, n_calls, 0 };
      CHECK (pthread_create (&threads[slot], NULL, thread_main, &works[slot]) == 0);
    }
  for (uint32_t slot = 0; slot < RING_SLOTS; slot++)
    CHECK (pthread_join (threads[slot], NULL) == 0);
}

static int
run_count (void)
{
  run_threads (RING_CALLS);
  return 0;
}

/* Until it is killed. */
static int
run_busy (void)
{
  run_threads (UINT64_MAX);
  return 0;
}

static int
run_churn (void)
{
  Work work = { 0, RING_CHURN_CALLS, 0 };

  for (unsigned i = 0; i < RING_THREADS; i++)
    {
      pthread_t thread;

      CHECK (pthread_create (&thread, NULL, thread_main, &work) == 0);
      CHECK (pthread_join (thread, NULL) == 0);
    }
  return 0;
}

static useconds_t pause_us;

/* One short thread after the other. */
static void *
relay_main (void *data)
{
  Work *work = data;

  for (;; work->base += work->n_calls)
    {
      pthread_t thread;

      CHECK (pthread_create (&thread, NULL, thread_main, work) == 0);
      CHECK (pthread_join (thread, NULL) == 0);
      if (pause_us > 0)
        usleep (pause_us);
    }
  return NULL;
}

/* Until it is killed. */
static int
run_relays (uint64_t n_calls)
{
  static Work works[RING_SLOTS];
  pthread_t threads[RING_SLOTS];

  share_counts ();
  for (uint32_t slot = 0; slot < RING_SLOTS; slot++)
    {
      works[slot] = (Work) { .slot = slot, .n_calls = n_calls };
      CHECK (pthread_create (&threads[slot], NULL, relay_main, &works[slot]) == 0);
    }
  for (uint32_t slot = 0; slot < RING_SLOTS; slot++)
    CHECK (pthread_join (threads[slot], NULL) == 0);
  return 0;
}

static int
run_relay (void)
{
  return run_relays (RING_RELAY_CALLS);
}

static int
run_paced (void)
{
  pause_us = RING_PAUSE_US;
  return run_relays (RING_PACED_CALLS);
}

/* The child's ring is its own. */
static int
run_fork (void)
{
  Work parent = { 0, RING_CALLS, 0 }, child = { 1, RING_CALLS, 0 };
  pid_t pid;
  int status;

  run_pattern (&parent);
  pid = fork ();
  if (pid == 0)
    {
      run_pattern (&child);
      exit (0);
    }
  CHECK (pid > 0 && waitpid (pid, &status, 0) == pid && status == 0);
  return 0;
}

static const VictimCase cases[] = {
  { "count", run_count }, { "busy", run_busy },   { "churn", run_churn },
  { "relay", run_relay }, { "paced", run_paced }, { "fork", run_fork },
};

VICTIM_MAIN (cases)
