/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads that free and reallocate each other's blocks as fast as they can, so that an address goes from
 * hand to hand and every event on it must be in the right order in the trace.
 *
 *   rings       thread ─▶ thread ─▶ … ─▶ thread ─┐   a block goes on, is reallocated, or is freed,
 *     ▲──────────────────────────────────────────┘   wherever it is
 *   one-arena   the same, with one heap for all threads (libc's)
 *   hand-over   pairs: one allocates, the other frees at once
 *
 * Prints what the workers did: allocations, of these by realloc, and frees.
 */
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

#include "victim.h"

#define N_WORKERS 8U
#define N_SLOTS 16U      /* of a ring */
#define N_BLOCKS 125000U /* of a worker: a million */
#define MAX_HOPS 3U

typedef struct {
  uint64_t check;
  size_t n_bytes;
  unsigned hops;
} Block;

/* One worker's letter box: its neighbour puts in, it takes out. */
typedef struct {
  _Alignas(128) Block *_Atomic slots[N_SLOTS];
  _Alignas(128) unsigned n_put;
  _Alignas(128) unsigned n_taken;
  uint64_t random;
  _Atomic uint64_t n_made, n_reallocated, n_freed;
} Worker;

static Worker workers[N_WORKERS];
static _Atomic unsigned n_done;
static unsigned n_blocks = N_BLOCKS;

static uint64_t
next_random (Worker *self)
{
  self->random ^= self->random << 13;
  self->random ^= self->random >> 7;
  self->random ^= self->random << 17;
  return self->random;
}

/* What a thread keeps for itself, what it shares with others, and now and then a mapping of its own. */
static size_t
random_size (Worker *self)
{
  uint64_t random = next_random (self);

  if (random % 512 == 0)
    return 200000;
  return sizeof (Block) + (random >> 16) % (random % 8 == 0 ? 9000 : 600);
}

static void
count (_Atomic uint64_t *counter)
{
  atomic_store_explicit (counter, atomic_load_explicit (counter, memory_order_relaxed) + 1,
                         memory_order_relaxed);
}

static void
sign (Block *block, size_t n_bytes)
{
  block->n_bytes = n_bytes;
  block->check = (uint64_t) n_bytes * 0x9E3779B97F4A7C15ULL;
  ((char *) block)[n_bytes - 1] = 'e';
}

static void
check_signed (const Block *block)
{
  CHECK (block->check == (uint64_t) block->n_bytes * 0x9E3779B97F4A7C15ULL);
}

static Block *
make (Worker *self)
{
  size_t n_bytes = random_size (self);
  Block *block = malloc (n_bytes);

  CHECK (block);
  block->hops = (unsigned) (next_random (self) % (MAX_HOPS + 1));
  sign (block, n_bytes);
  count (&self->n_made);
  return block;
}

static void
end (Worker *self, Block *block)
{
  check_signed (block);
  free (block);
  count (&self->n_freed);
}

static Block *
resize (Worker *self, Block *block)
{
  size_t n_bytes = random_size (self);

  check_signed (block);
  block = realloc (block, n_bytes);
  CHECK (block);
  check_signed (block);
  sign (block, n_bytes);
  count (&self->n_reallocated);
  return block;
}

static int
put (Worker *to, Block *block)
{
  Block *_Atomic *slot = &to->slots[to->n_put % N_SLOTS];

  if (atomic_load_explicit (slot, memory_order_acquire))
    return 0;
  atomic_store_explicit (slot, block, memory_order_release);
  to->n_put++;
  return 1;
}

static Block *
take (Worker *self)
{
  Block *_Atomic *slot = &self->slots[self->n_taken % N_SLOTS];
  Block *block = atomic_load_explicit (slot, memory_order_acquire);

  if (!block)
    return NULL;
  atomic_store_explicit (slot, NULL, memory_order_release);
  self->n_taken++;
  return block;
}

/* Deals with one block that came, if one did. */
static void
receive (Worker *self, Worker *neighbour)
{
  Block *block = take (self);

  if (!block)
    {
      sched_yield ();
      return;
    }
  if (block->hops == 0)
    {
      end (self, block);
      return;
    }
  block->hops--;
  if (next_random (self) % 2)
    block = resize (self, block);
  if (!put (neighbour, block))
    end (self, block);
}

static int
all_ended (void)
{
  uint64_t n_made = 0, n_freed = 0;

  if (atomic_load (&n_done) < N_WORKERS)
    return 0;
  for (unsigned i = 0; i < N_WORKERS; i++)
    {
      n_made += atomic_load_explicit (&workers[i].n_made, memory_order_relaxed);
      n_freed += atomic_load_explicit (&workers[i].n_freed, memory_order_relaxed);
    }
  return n_made == n_freed;
}

static void *
work_in_ring (void *data)
{
  Worker *self = data, *neighbour = &workers[(self - workers + 1) % N_WORKERS];

  for (unsigned i = 0; i < n_blocks; i++)
    {
      Block *block = make (self);

      while (!put (neighbour, block))
        receive (self, neighbour);
      if (next_random (self) % 4)
        receive (self, neighbour);
    }
  atomic_fetch_add (&n_done, 1);
  while (!all_ended ())
    receive (self, neighbour);
  return NULL;
}

/* Of each pair the first allocates and the second frees, and then the other way round. */
static void *
work_in_pair (void *data)
{
  Worker *self = data, *partner = &workers[(unsigned) (self - workers) ^ 1];

  for (unsigned half = 0; half < 2; half++)
    for (unsigned i = 0; i < n_blocks; i++)
      if ((unsigned) (self - workers) % 2 == half)
        {
          Block *block = make (self);

          while (!put (partner, block))
            sched_yield ();
        }
      else
        {
          Block *block;

          while (!(block = take (self)))
            sched_yield ();
          end (self, block);
        }
  return NULL;
}

static int
run (void *(*work) (void *) )
{
  pthread_t threads[N_WORKERS];
  uint64_t n_made = 0, n_reallocated = 0, n_freed = 0;
  const char *text = getenv ("VICTIM_BLOCKS");

  if (text)
    n_blocks = (unsigned) strtoul (text, NULL, 10);
  for (unsigned i = 0; i < N_WORKERS; i++)
    {
      workers[i].random = 88172645463325252ULL + i;
      CHECK (pthread_create (&threads[i], NULL, work, &workers[i]) == 0);
    }
  for (unsigned i = 0; i < N_WORKERS; i++)
    {
      CHECK (pthread_join (threads[i], NULL) == 0);
      n_made += workers[i].n_made;
      n_reallocated += workers[i].n_reallocated;
      n_freed += workers[i].n_freed;
    }
  CHECK (n_made == n_freed);
  printf ("%llu %llu %llu\n", (unsigned long long) (n_made + n_reallocated),
          (unsigned long long) n_reallocated, (unsigned long long) n_freed);
  return 0;
}

static int
rings (void)
{
  return run (work_in_ring);
}

static int
one_arena (void)
{
  mallopt (M_ARENA_MAX, 1);
  return run (work_in_ring);
}

static int
hand_over (void)
{
  return run (work_in_pair);
}

static const VictimCase cases[] = {
  { "rings", rings },
  { "one-arena", one_arena },
  { "hand-over", hand_over },
};

VICTIM_MAIN (cases)
