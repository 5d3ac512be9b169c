/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-ring.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "trk-lane-ends.h"
#include "trk-pool.h"
#include "trk-system.h"
#include "trk-window.h"

#define N_WINDOWS (TRK_MAX_LANES * TRK_EVENT_WINDOWS)
#define WINDOWS_A_SEGMENT (TRK_POOL_LANES_A_SEGMENT * TRK_EVENT_WINDOWS)
#define NO_WINDOW 0xffffffffU
/* After a refusal new memory is asked for once in so many times that a window is wanted: each costs system calls. */
#define REFUSED_PAUSE 256U

/* --- queues ----------------------------------------------------------------------------------- */

/* Michael and Scott's: a list from the oldest to the newest, whose first node is only the one that was popped last.  Links
 * and ends are a counter above and a node's number below, so that one that comes back is not taken for what it was. */
typedef struct {
  _Atomic uint64_t first, last; /* their counters: how often was popped and pushed */
} Queue;

typedef struct {
  _Atomic uint64_t newer; /* its number + 1; 0: none */
  _Atomic uint32_t window;
} Node;

/* Two nodes that nothing was pushed with, and one for each window. */
#define N_NODES (2 + N_WINDOWS)

typedef struct {
  Queue unused, ended;
  _Atomic uint32_t n_to_pause;
  Node nodes[N_NODES];
  uint32_t node_of[N_WINDOWS]; /* to be pushed with, + 1; 0: the one that was made for it */
  uint32_t newer[N_WINDOWS];   /* of the same thread; its alone */
} Rings;

/* Mapped once; a page of it is touched now and then. */
static Rings *rings;

static uint64_t
replace (uint64_t link, uint32_t number)
{
  return ((link >> 32) + 1) << 32 | number;
}

static void
push (Queue *self, uint32_t window)
{
  uint32_t number = rings->node_of[window] ? rings->node_of[window] - 1 : 2 + window;
  Node *node = &rings->nodes[number];

  atomic_store_explicit (&node->window, window, memory_order_relaxed);
  atomic_store (&node->newer, replace (atomic_load (&node->newer), 0));
  for (;;)
    {
      uint64_t last = atomic_load (&self->last);
      Node *end = &rings->nodes[(uint32_t) last];
      uint64_t newer = atomic_load (&end->newer);
      bool is_pushed =
          (uint32_t) newer == 0 && last == atomic_load (&self->last)
          && atomic_compare_exchange_strong (&end->newer, &newer, replace (newer, number + 1));

      /* Ours, or what another has linked and not told yet. */
      if (is_pushed)
        newer = number + 1;
      if ((uint32_t) newer != 0)
        (void) atomic_compare_exchange_strong (&self->last, &last,
                                               replace (last, (uint32_t) newer - 1));
      if (is_pushed)
        return;
    }
}

static uint32_t
pop (Queue *self)
{
  for (;;)
    {
      uint64_t first = atomic_load (&self->first), last = atomic_load (&self->last);
      uint64_t newer = atomic_load (&rings->nodes[(uint32_t) first].newer);
      uint32_t next = (uint32_t) newer - 1, window;

      if (first != atomic_load (&self->first))
        continue;
      if ((uint32_t) newer == 0)
        return NO_WINDOW;
      if ((uint32_t) first == (uint32_t) last)
        {
          (void) atomic_compare_exchange_strong (&self->last, &last, replace (last, next));
          continue;
        }
      window = atomic_load_explicit (&rings->nodes[next].window, memory_order_relaxed);
      if (!atomic_compare_exchange_strong (&self->first, &first, replace (first, next)))
        continue;
      rings->node_of[window] = (uint32_t) first + 1;
      return window;
    }
}

static uint32_t
count (Queue *self)
{
  int32_t n = (int32_t) ((atomic_load (&self->last) >> 32) - (atomic_load (&self->first) >> 32));

  return n > 0 ? (uint32_t) n : 0;
}

/* --- the process ------------------------------------------------------------------------------ */

bool
trk_ring_begin_process (void)
{
  if (rings)
    madvise (rings, sizeof *rings, MADV_DONTNEED); /* a forked child */
  else
    rings = trk_system_map_anonymous (sizeof *rings);
  if (!rings)
    return false;
  atomic_store (&rings->ended.first, 1);
  atomic_store (&rings->ended.last, 1);
  return true;
}

static void
add_unused (uint32_t window, uint32_t end)
{
  for (; window < end; window++)
    push (&rings->unused, window);
}

void
trk_ring_add_windows (uint32_t first_lane)
{
  TrkQuiet quiet = trk_ring_begin_quiet ();

  add_unused (first_lane * TRK_EVENT_WINDOWS, first_lane * TRK_EVENT_WINDOWS + WINDOWS_A_SEGMENT);
  trk_ring_end_quiet (quiet);
}

/* --- windows of a thread ---------------------------------------------------------------------- */

static uint32_t
windows_of_a_ring (void)
{
  return (uint32_t) (trk_process.config.ring_bytes / TRK_EVENT_WINDOW_BYTES);
}

/* A new segment; its first window is for who asked. */
static uint32_t
make_windows (void)
{
  uint32_t n = atomic_load (&rings->n_to_pause), first_lane, window;

  if (n > 0)
    {
      (void) atomic_compare_exchange_strong (&rings->n_to_pause, &n, n - 1);
      return NO_WINDOW;
    }
  if (!trk_pool_add_bare_segment (&first_lane))
    {
      atomic_store (&rings->n_to_pause, REFUSED_PAUSE);
      return NO_WINDOW;
    }
  window = first_lane * TRK_EVENT_WINDOWS;
  add_unused (window + 1, window + WINDOWS_A_SEGMENT);
  return window;
}

static uint32_t
take_window (void)
{
  uint32_t window = pop (&rings->unused);

  if (window == NO_WINDOW && count (&rings->ended) > TRK_RING_ENDED_SHARE * windows_of_a_ring ())
    window = pop (&rings->ended);
  if (window == NO_WINDOW)
    window = make_windows ();
  return window != NO_WINDOW ? window : pop (&rings->ended);
}

TrkQuiet
trk_ring_begin_quiet (void)
{
  TrkQuiet quiet = { .may_call = trk_process_begin_calls () };

  if (quiet.may_call)
    quiet.signals = trk_system_block_signals ();
  return quiet;
}

void
trk_ring_end_quiet (TrkQuiet quiet)
{
  if (!quiet.may_call)
    return;
  trk_system_restore_signals (quiet.signals);
  trk_process_end_calls ();
}

/* What it held is forgotten: first its length, and only then its name. */
static void
empty_window (TrkThread *self)
{
  /* An exchange, as what is stored next must not be seen before it. */
  (void) __atomic_exchange_n (&self->window.state->committed, 0, __ATOMIC_ACQ_REL);
}

static void
use_window (TrkThread *self, uint32_t window)
{
  self->window = trk_window_of_lane (trk_pool_get_lane (window / TRK_EVENT_WINDOWS),
                                     window % TRK_EVENT_WINDOWS, window);
  empty_window (self);
  self->newest_window = window;
}

bool
trk_ring_begin (TrkThread *self)
{
  TrkQuiet quiet = trk_ring_begin_quiet ();
  uint32_t window = quiet.may_call ? take_window () : NO_WINDOW;

  if (window != NO_WINDOW)
    {
      use_window (self, window);
      self->oldest_window = window;
      self->n_windows = 1;
    }
  trk_ring_end_quiet (quiet);
  return window != NO_WINDOW;
}

/* The one that is oldest by now, which may be the present one. */
static uint32_t
drop_oldest (TrkThread *self)
{
  uint32_t window = self->oldest_window;

  if (self->n_windows == 1)
    return window;
  self->oldest_window = rings->newer[window];
  self->n_windows--;
  return window;
}

void
trk_ring_turn (TrkThread *self, TrkQuiet quiet)
{
  uint32_t window = NO_WINDOW, newest = self->newest_window;

  /* A child that a signal handler forked, and that goes on in its parent's hook: neither are the rings its, nor does it
   * have the lanes of these numbers any more; the memory of the window was left to it. */
  if (self->process != trk_process.pid)
    {
      empty_window (self);
      return;
    }
  /* The last of the pool is for threads that have not begun. */
  if (quiet.may_call && self->n_windows < windows_of_a_ring ()
      && (self->n_windows < 2 || trk_pool_has_room_for_windows ()))
    window = take_window ();
  if (window == NO_WINDOW)
    window = drop_oldest (self);
  if (window != newest)
    {
      rings->newer[newest] = window;
      self->n_windows++;
    }
  use_window (self, window);
}

/* --- sums ------------------------------------------------------------------------------------- */

void
trk_ring_begin_counting (TrkThread *self)
{
  uint64_t *ends = &self->lane->ends;

  __atomic_store_n (ends, trk_lane_ends_make (trk_lane_ends_get_n_added (*ends), true, self->id),
                    __ATOMIC_RELEASE);
}

/* Of a late thread, which is there already: what it did since. */
static TrkEndedThreads
count_rest (const TrkThread *self)
{
  TrkEndedThreads rest = { .n_threads = self->late ? 0 : 1 };

  for (unsigned d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    {
      const TrkCounts *counts = &self->earlier.counts[d], *told = &self->told_of_end[d];

      rest.counts[d].allocations = counts->allocations - told->allocations;
      rest.counts[d].allocated_bytes = counts->allocated_bytes - told->allocated_bytes;
      rest.counts[d].deallocations = counts->deallocations - told->deallocations;
    }
  return rest;
}

static void
add_to_lane (TrkLane *lane, const TrkEndedThreads *rest)
{
  uint32_t n_added = trk_lane_ends_get_n_added (lane->ends);
  TrkEndedThreads sum = lane->ended[n_added & 1];

  sum.n_threads += rest->n_threads;
  for (unsigned d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    {
      sum.counts[d].allocations += rest->counts[d].allocations;
      sum.counts[d].allocated_bytes += rest->counts[d].allocated_bytes;
      sum.counts[d].deallocations += rest->counts[d].deallocations;
    }
  lane->ended[(n_added + 1) & 1] = sum;
  __atomic_store_n (&lane->ends, trk_lane_ends_make (n_added + 1, false, 0), __ATOMIC_RELEASE);
}

static void
add_to_header (TrkEndedThreads *sum, const TrkEndedThreads *rest)
{
  __atomic_fetch_add (&sum->n_threads, rest->n_threads, __ATOMIC_RELAXED);
  for (unsigned d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    {
      TrkCounts *to = &sum->counts[d];
      const TrkCounts *from = &rest->counts[d];

      __atomic_fetch_add (&to->allocations, from->allocations, __ATOMIC_RELAXED);
      __atomic_fetch_add (&to->allocated_bytes, from->allocated_bytes, __ATOMIC_RELAXED);
      __atomic_fetch_add (&to->deallocations, from->deallocations, __ATOMIC_RELAXED);
    }
}

void
trk_ring_tell_of_end (TrkThread *self)
{
  TrkPoolHeader *header = trk_pool_get_header ();
  TrkEndedThreads rest = count_rest (self);

  /* First, so that whoever finds it in the lane's sums may know by this number that there is one more. */
  if (header)
    add_to_header (&header->ended, &rest);
  add_to_lane (self->lane, &rest);
}

void
trk_ring_end (TrkThread *self)
{
  while (self->n_windows > 1)
    push (&rings->ended, drop_oldest (self));
  push (&rings->ended, self->oldest_window);
  self->n_windows = 0;
}
