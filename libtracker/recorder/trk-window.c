/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-window.h"

#include <stdatomic.h>
#include <string.h>

#include "trk-pool.h"
#include "trk-process.h"

/* 64 segments of 8 lanes of 2 windows: 16 MiB.  Churn with four threads on a throttled disk took 7. */
#define MAX_SPARE_SEGMENTS 64U
#define SPARES_A_SEGMENT (TRK_POOL_LANES_A_SEGMENT * TRK_EVENT_WINDOWS)
#define HOME 0U /* else a spare's number, from 1 */

static struct {
  uint8_t *_Atomic segments[MAX_SPARE_SEGMENTS]; /* NULL: not made yet */
  _Atomic uint32_t n_segments;                   /* numbers given out */
  _Atomic bool refused;                          /* no more could be made */
  _Atomic uint8_t taken[MAX_SPARE_SEGMENTS * SPARES_A_SEGMENT];
} spares;

void
trk_window_reset_spares (void)
{
  for (uint32_t i = 0; i < MAX_SPARE_SEGMENTS; i++)
    atomic_store (&spares.segments[i], NULL);
  for (uint32_t i = 0; i < MAX_SPARE_SEGMENTS * SPARES_A_SEGMENT; i++)
    atomic_store_explicit (&spares.taken[i], 0, memory_order_relaxed);
  atomic_store (&spares.n_segments, 0);
  atomic_store (&spares.refused, false);
}

TrkWindow
trk_window_of_lane (TrkLane *lane, unsigned index, uint32_t spare)
{
  return (TrkWindow) {
    .state = &lane->events[index],
    .bytes = (uint8_t *) lane + TRK_LANE_HEADER_BYTES + TRK_STACK_WINDOW_BYTES
             + index * TRK_EVENT_WINDOW_BYTES,
    .spare = spare,
  };
}

/* Acquire: what the agent read of it, it has read. */
static bool
is_empty (const TrkWindowState *state)
{
  return __atomic_load_n (&state->posted, __ATOMIC_ACQUIRE) == 0
         && __atomic_load_n (&state->committed, __ATOMIC_RELAXED) == 0;
}

void
trk_window_init (TrkThread *self)
{
  self->window = trk_window_of_lane (self->lane, 0, HOME);
  self->next_window.state = NULL;
  self->is_posting = false;
}

static bool
take_spare (uint32_t number, TrkWindow *window)
{
  uint32_t place = number % SPARES_A_SEGMENT;
  uint8_t *lanes = atomic_load (&spares.segments[number / SPARES_A_SEGMENT]);
  uint8_t not_taken = 0;

  if (!lanes || atomic_load_explicit (&spares.taken[number], memory_order_relaxed))
    return false;
  *window =
      trk_window_of_lane ((TrkLane *) (lanes
                                       + (size_t) (place / TRK_EVENT_WINDOWS) * TRK_LANE_BYTES),
                          place % TRK_EVENT_WINDOWS, number + 1);
  if (!is_empty (window->state)
      || !atomic_compare_exchange_strong (&spares.taken[number], &not_taken, 1))
    return false;
  if (is_empty (window->state))
    return true;
  atomic_store (&spares.taken[number], 0); /* another thread had it meanwhile, and has posted it */
  return false;
}

static bool
make_spares (void)
{
  uint32_t index, first_lane;
  uint8_t *lanes;

  if (atomic_load (&spares.refused) || atomic_load (&spares.n_segments) >= MAX_SPARE_SEGMENTS)
    return false;
  index = atomic_fetch_add (&spares.n_segments, 1);
  if (index >= MAX_SPARE_SEGMENTS || !trk_process_begin_calls ())
    return false;
  lanes = trk_pool_add_bare_segment (&first_lane);
  trk_process_end_calls ();
  if (!lanes)
    {
      atomic_store (&spares.refused, true);
      return false;
    }
  atomic_store (&spares.segments[index], lanes);
  return true;
}

/* The first ones first: they are warm. */
static bool
find_spare (TrkWindow *window)
{
  uint32_t n_segments = atomic_load (&spares.n_segments);
  uint32_t n =
      (n_segments < MAX_SPARE_SEGMENTS ? n_segments : MAX_SPARE_SEGMENTS) * SPARES_A_SEGMENT;

  for (uint32_t i = 0; i < n; i++)
    if (take_spare (i, window))
      return true;
  return false;
}

static bool
is_agent_there (void)
{
  TrkPoolHeader *header = trk_pool_get_header ();

  return header && __atomic_load_n (&header->agent, __ATOMIC_RELAXED) != 0;
}

static bool
find_next (TrkThread *self, TrkWindow *window)
{
  for (unsigned i = 0; i < TRK_EVENT_WINDOWS; i++)
    {
      *window = trk_window_of_lane (self->lane, i, HOME);
      if (window->state != self->window.state && is_empty (window->state))
        return true;
    }
  return find_spare (window) || (make_spares () && find_spare (window));
}

bool
trk_window_claim_next (TrkThread *self)
{
  TrkWindow window;

  if (!is_agent_there () || !find_next (self, &window))
    return false;
  self->next_window.bytes = window.bytes;
  self->next_window.spare = window.spare;
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  self->next_window.state = window.state;
  return true;
}

static void
let_go (const TrkWindow *window)
{
  TrkPoolHeader *header = trk_pool_get_header ();

  __atomic_store_n (&window->state->posted, 1, __ATOMIC_RELEASE);
  if (window->spare != HOME)
    atomic_store (&spares.taken[window->spare - 1], 0);
  if (header)
    __atomic_fetch_add (&header->n_posted, 1, __ATOMIC_RELEASE);
}

void
trk_window_post (TrkThread *self)
{
  self->leaving_window = self->window;
  self->leaving_number = self->event_block_number;
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  self->is_posting = true;
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  self->event_block_number++;
  let_go (&self->window);
  self->window = self->next_window;
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  self->is_posting = false;
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  self->next_window.state = NULL;
}

/* Whether the window that was being left still holds its block, which nobody else will write.  If it was let
 * go it may be another thread's by now: what that has committed is read before the header, which it wrote
 * before it committed anything, so that an old header of ours is not taken for the header of its block. */
static bool
is_left_behind (const TrkThread *self)
{
  const TrkWindow *window = &self->leaving_window;
  const TrkBlockHeader *block = (const TrkBlockHeader *) window->bytes;

  return __atomic_load_n (&window->state->posted, __ATOMIC_ACQUIRE) == 0
         && __atomic_load_n (&window->state->committed, __ATOMIC_ACQUIRE)
                > TRK_BLOCK_HEADER_BYTES * 8
         && __atomic_load_n (&block->thread_id, __ATOMIC_RELAXED) == self->id
         && __atomic_load_n (&block->block_number, __ATOMIC_RELAXED) == self->leaving_number;
}

void
trk_window_mend (TrkThread *self)
{
  if (self->is_posting)
    {
      if (is_left_behind (self))
        let_go (&self->leaving_window);
      self->event_block_number = self->leaving_number + 1;
      self->window = self->next_window;
    }
  else if (self->next_window.state && self->next_window.state != self->window.state
           && self->next_window.spare != HOME)
    {
      atomic_store (&spares.taken[self->next_window.spare - 1], 0);
    }
  self->is_posting = false;
  self->next_window.state = NULL;
}
