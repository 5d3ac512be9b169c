/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "demo-worker.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <memscope/tracker.h>

/* An idle thread is done with its work after this share of the time. */
#define EARLY_SHARE 0.12
#define STAIRS 5
#define TEETH 5
#define BURSTS 4
/* Above the limits of the role (25 %) and of the alert (30 %). */
#define SEEN_PERCENT 33
#define LONGEST_WAIT_NS 5000000000u

uint64_t
demo_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

uint64_t
demo_thread_cpu_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

/* Every run does the same: splitmix64 from the thread's id. */
static uint64_t
next_random (DemoWorker *self)
{
  uint64_t z = self->random_state += 0x9E3779B97F4A7C15u;

  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

uint32_t
demo_random (DemoWorker *self, uint32_t below)
{
  return (uint32_t) ((next_random (self) >> 32) * below >> 32);
}

/* --- blocks ----------------------------------------------------------------------------------- */

_Noreturn static void
out_of_memory (void)
{
  fputs ("memscope demo: out of memory; it needs about 500 MB\n", stderr);
  exit (EXIT_FAILURE);
}

static void
count_taken (DemoLedger *ledger, size_t n_bytes)
{
  ledger->allocations++;
  ledger->allocated_bytes += n_bytes;
  ledger->live_bytes += n_bytes;
  if (ledger->live_bytes > ledger->peak_bytes)
    ledger->peak_bytes = ledger->live_bytes;
}

void
demo_count_file (DemoWorker *self, ssize_t n_bytes)
{
  self->ledger.file_calls++;
  self->ledger.file_bytes += n_bytes > 0 ? (uint64_t) n_bytes : 0;
}

void
demo_count_received (DemoWorker *self, ssize_t n_bytes)
{
  self->ledger.socket_received_bytes += n_bytes > 0 ? (uint64_t) n_bytes : 0;
}

void
demo_count_sent (DemoWorker *self, ssize_t n_bytes)
{
  self->ledger.socket_sent_bytes += n_bytes > 0 ? (uint64_t) n_bytes : 0;
}

/* A declaration that fails would make the ledger lie. */
static void
check (int result)
{
  if (result == MEMSCOPE_OK)
    return;
  fprintf (stderr, "memscope demo: %s\n", memscope_strerror (result));
  exit (EXIT_FAILURE);
}

DemoBlock *
demo_take (DemoWorker *self, size_t n_bytes)
{
  DemoBlock *block = &self->blocks[self->end++];

  block->bytes = malloc (n_bytes);
  block->n_bytes = n_bytes;
  if (!block->bytes)
    out_of_memory ();
  memset (block->bytes, (int) (self->id + self->end), n_bytes);
  if (self->tracked)
    check (memscope_track_allocation (block->bytes, n_bytes, NULL, 0));
  count_taken (&self->ledger, n_bytes);
  return block;
}

DemoBlock *
demo_grow (DemoWorker *self, size_t n_bytes)
{
  DemoBlock *block = &self->blocks[self->end - 1];
  /* Volatile, or the compiler warns of the use of a pointer that realloc may have freed. */
  volatile uintptr_t old_address = (uintptr_t) block->bytes;
  size_t old_bytes = block->n_bytes;

  block->n_bytes += n_bytes;
  block->bytes = realloc (block->bytes, block->n_bytes);
  if (!block->bytes)
    out_of_memory ();
  memset (block->bytes + old_bytes, (int) self->id, n_bytes);
  if (self->tracked)
    check (memscope_track_reallocation ((const void *) old_address, block->bytes, block->n_bytes,
                                        NULL, 0));
  self->ledger.reallocations++;
  self->ledger.deallocations++;
  self->ledger.live_bytes -= old_bytes;
  count_taken (&self->ledger, block->n_bytes);
  return block;
}

/* @self frees what @owner took. */
static void
give_back (DemoWorker *self, DemoWorker *owner, DemoBlock *block)
{
  if (self->tracked)
    check (memscope_track_deallocation (block->bytes, NULL, 0));
  free (block->bytes);
  block->bytes = NULL;
  self->ledger.deallocations++;
  owner->ledger.live_bytes -= block->n_bytes;
}

/* Queues give back what is oldest, stacks what is newest; either way the room is there afterwards. */
static void
make_room (DemoWorker *self, uint64_t most_bytes)
{
  bool newest_first = self->plan->shape == DEMO_SHAPE_SAW || self->plan->shape == DEMO_SHAPE_STEPS;

  while (self->first < self->end && self->ledger.live_bytes > most_bytes)
    {
      if (newest_first)
        give_back (self, self, &self->blocks[--self->end]);
      else
        give_back (self, self, &self->blocks[self->first++]);
    }
}

static void
finish_blocks (DemoWorker *self)
{
  if (self->plan->hands_over)
    return;
  for (; self->first < self->end; self->first++)
    {
      DemoBlock *block = &self->blocks[self->first];

      /* Forgotten, but for this pointer in a table that nobody reads again. */
      if (demo_random (self, 100) < self->plan->leak_percent)
        self->ledger.leaked_bytes += block->n_bytes;
      else
        give_back (self, self, block);
    }
}

void
demo_worker_free_for (DemoWorker *self, DemoWorker *owner)
{
  for (; owner->first < owner->end; owner->first++)
    give_back (self, owner, &owner->blocks[owner->first]);
}

/* --- the plan --------------------------------------------------------------------------------- */

/* What share of its peak a thread may hold after @t of its plan; reaches 1. */
static double
shape_at (DemoShape shape, double t)
{
  double whole;

  switch (shape)
    {
    case DEMO_SHAPE_RAMP:
      return 0.05 + 0.95 * fmin (1, t / 0.92);
    case DEMO_SHAPE_SAW:
      return 0.15 + 0.85 * fmin (1, modf (t * TEETH, &whole) / 0.9);
    case DEMO_SHAPE_PLATEAU:
      return fmin (1, t / 0.3);
    case DEMO_SHAPE_BURSTS:
      return modf (t * BURSTS, &whole) < 0.55 ? 0.2 : 1;
    case DEMO_SHAPE_STEPS:
      return fmin (1, (floor (t * STAIRS) + 1) / STAIRS);
    case DEMO_SHAPE_WAVE:
      return 0.55 - 0.45 * cos (t * 4 * 3.14159265358979);
    case DEMO_SHAPE_EARLY:
    default:
      return 1;
    }
}

/* How many times its peak a thread takes in all, so that it climbs as steeply as its shape does. */
static double
get_turnover (DemoShape shape)
{
  switch (shape)
    {
    case DEMO_SHAPE_SAW:
      return 1.25 * TEETH;
    case DEMO_SHAPE_PLATEAU:
      return 4;
    case DEMO_SHAPE_BURSTS:
      return 2.0 * BURSTS;
    case DEMO_SHAPE_STEPS:
      return 3;
    case DEMO_SHAPE_WAVE:
      return 6;
    case DEMO_SHAPE_RAMP:
    case DEMO_SHAPE_EARLY:
    default:
      return 1.15;
    }
}

static void
sleep_until (uint64_t when_ns)
{
  struct timespec when = { .tv_sec = (time_t) (when_ns / 1000000000u),
                           .tv_nsec = (long) (when_ns % 1000000000u) };

  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
    ;
}

static void
mix (DemoWorker *self)
{
  for (unsigned i = 0; i < 20000; i++)
    self->digest = (self->digest ^ next_random (self)) * 0x100000001B3u;
}

/* Mixes the bytes of what it holds until the thread has computed for its share of the time. */
static void
compute (DemoWorker *self, uint64_t elapsed_ns)
{
  uint64_t wanted_ns = elapsed_ns * self->plan->cpu_percent / 100;

  if (self->plan->cpu_percent == 0)
    return;
  while (demo_thread_cpu_ns () < wanted_ns)
    mix (self);
}

/* One that is to be seen computing goes on until it has, by its own clock, a share of its life that tells so:
 * on a busy machine it was kept from it, and when the others are through there is room. */
static void
catch_up (DemoWorker *self, uint64_t start_ns, uint64_t end_ns)
{
  uint64_t latest_ns = end_ns + 3 * (end_ns - start_ns) + LONGEST_WAIT_NS, now_ns;

  if (self->plan->cpu_percent < SEEN_PERCENT)
    return;
  while ((now_ns = demo_now_ns ()) < latest_ns
         && (demo_thread_cpu_ns () - self->ledger.cpu_ns) * 100
                < (now_ns - self->begin_ns) * SEEN_PERCENT)
    mix (self);
}

void
demo_worker_run (DemoWorker *self, uint64_t start_ns, uint64_t end_ns)
{
  const DemoPlan *plan = self->plan;
  uint64_t peak_bytes = (uint64_t) plan->peak_kb * 1000;
  double mean_bytes =
      plan->allocations ? (double) peak_bytes * get_turnover (plan->shape) / plan->allocations : 0;
  double share = plan->shape == DEMO_SHAPE_EARLY ? EARLY_SHARE : 1;

  for (uint32_t step = 0; step < plan->allocations; step++)
    {
      double t = (double) step / plan->allocations;
      uint64_t due_ns = start_ns + (uint64_t) ((double) (end_ns - start_ns) * t * share);
      uint64_t most_bytes = (uint64_t) ((double) peak_bytes * shape_at (plan->shape, t));
      /* From a quarter of the mean to seven quarters. */
      size_t n_bytes = (size_t) (mean_bytes * (0.25 + 1.5 * demo_random (self, 1000) / 1000.0));

      sleep_until (due_ns);
      if (self->tracked)
        make_room (self, most_bytes > n_bytes ? most_bytes - n_bytes : 0);
      plan->step (self, step, n_bytes);
      compute (self, due_ns - start_ns);
    }
  sleep_until (end_ns);
  catch_up (self, start_ns, end_ns);
  finish_blocks (self);
}

bool
demo_worker_init (DemoWorker *self, const DemoPlan *plan, uint32_t id)
{
  memset (self, 0, sizeof *self);
  self->plan = plan;
  self->id = id;
  self->tracked = plan->peak_kb > 0;
  self->random_state = id;
  self->socket_fd = self->file_fd = -1;
  self->blocks = calloc (plan->allocations + 1, sizeof *self->blocks);
  return self->blocks != NULL;
}

void
demo_worker_clear (DemoWorker *self)
{
  if (self->socket_fd >= 0)
    close (self->socket_fd);
  if (self->file_fd >= 0)
    close (self->file_fd);
  if (self->ledger.leaked_bytes == 0) /* what was forgotten on purpose is still in the table */
    free (self->blocks);
}
