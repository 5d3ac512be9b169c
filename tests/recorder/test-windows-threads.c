/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lanes and windows with six threads and an agent at once, under the thread sanitizer.
 *
 * A thread takes a lane, fills blocks in its windows, gives each to the agent if there is one and another
 * window to be had, or takes it for written itself; and after some gives its lane back, with a window
 * that may be a spare.  The agent looks for posted windows all the time, and is gone now and then.
 *
 *   block   header: thread's number, block's number; payload: those two again and again
 *
 * Each block must come out exactly once, whole.  A window's bytes are written and read plainly: that
 * only one may touch them at a time is what the sanitizer checks.  So are the fields of TrkThread, which
 * the next thread with the lane goes on with.
 *
 * TABLE_ROUNDS=10 does ten times as much.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <stddef.h>
#include <string.h>

#include "recorder-stand-ins.h"
#include "trk-pool.h"
#include "trk-process.h"
#include "trk-thread.h"
#include "trk-window.h"

#define N_THREADS 6U
#define N_LIVES 150U /* of each thread */
#define MAX_BLOCKS 64U
#define MAX_WINDOWS 4096U
#define MAX_LANES 2048U
#define PAYLOAD_WORDS 32U

static _Atomic uint8_t n_seen[N_THREADS * N_LIVES][MAX_BLOCKS];
static uint32_t n_blocks[N_THREADS * N_LIVES];
static _Atomic (TrkWindowState *) windows[MAX_WINDOWS]; /* that ever were in use */
static _Atomic bool in_use[MAX_LANES];
static _Atomic unsigned n_running, n_by_agent;

/* --- blocks -------------------------------------------------------------------------------------- */

static void
fill (TrkThread *thread)
{
  TrkBlockHeader *block = (TrkBlockHeader *) thread->window.bytes;
  uint32_t *payload = (uint32_t *) (block + 1);

  __atomic_store_n (&block->thread_id, thread->id, __ATOMIC_RELAXED);
  __atomic_store_n (&block->block_number, thread->event_block_number, __ATOMIC_RELAXED);
  for (unsigned i = 0; i < PAYLOAD_WORDS; i++)
    payload[i] = thread->id * MAX_BLOCKS + thread->event_block_number;
  __atomic_store_n (&thread->window.state->committed,
                    8 * (sizeof *block + sizeof (uint32_t) * PAYLOAD_WORDS), __ATOMIC_RELEASE);
}

/* Returns whether it is whole. */
static bool
count (const uint8_t *bytes)
{
  const TrkBlockHeader *block = (const TrkBlockHeader *) bytes;
  const uint32_t *payload = (const uint32_t *) (block + 1);

  if (block->thread_id >= N_THREADS * N_LIVES || block->block_number >= MAX_BLOCKS)
    return false;
  for (unsigned i = 0; i < PAYLOAD_WORDS; i++)
    if (payload[i] != block->thread_id * MAX_BLOCKS + block->block_number)
      return false;
  atomic_fetch_add_explicit (&n_seen[block->thread_id][block->block_number], 1,
                             memory_order_relaxed);
  return true;
}

/* --- the agent ----------------------------------------------------------------------------------- */

/* A lane begins at a page, and its header has the states of its windows. */
static uint8_t *
bytes_of (TrkWindowState *state)
{
  TrkLane *lane = (TrkLane *) ((uintptr_t) state & ~(uintptr_t) 4095);

  return (uint8_t *) lane + TRK_LANE_HEADER_BYTES + TRK_STACK_WINDOW_BYTES
         + (size_t) (state - lane->events) * TRK_EVENT_WINDOW_BYTES;
}

/* Returns how many windows were there that were not whole. */
static unsigned
take_posted (void)
{
  TrkWindowState *state;
  unsigned wrong = 0;

  for (unsigned i = 0;
       i < MAX_WINDOWS && (state = atomic_load_explicit (&windows[i], memory_order_relaxed)); i++)
    if (__atomic_load_n (&state->posted, __ATOMIC_ACQUIRE))
      {
        wrong += !count (bytes_of (state));
        atomic_fetch_add_explicit (&n_by_agent, 1, memory_order_relaxed);
        __atomic_store_n (&state->committed, 0, __ATOMIC_RELAXED);
        __atomic_store_n (&state->posted, 0, __ATOMIC_RELEASE);
      }
  return wrong;
}

static unsigned
be_agent (void)
{
  TrkPoolHeader *header = trk_pool_get_header ();
  Dice dice = { 99 };
  unsigned wrong = 0;

  while (atomic_load (&n_running))
    {
      __atomic_store_n (&header->agent, dice_roll (&dice, 4) != 0, __ATOMIC_RELAXED);
      /* Slow at times: the windows run out. */
      if (dice_roll (&dice, 3))
        wrong += take_posted ();
      else
        g_usleep (200);
    }
  return wrong + take_posted ();
}

/* --- a thread ------------------------------------------------------------------------------------ */

/* So that the agent knows where to look. */
static void
note_window (const TrkWindow *window)
{
  for (unsigned i = 0; i < MAX_WINDOWS; i++)
    {
      TrkWindowState *known = atomic_load_explicit (&windows[i], memory_order_relaxed);

      if (known == window->state
          || (!known && atomic_compare_exchange_strong (&windows[i], &known, window->state))
          || known == window->state)
        return;
    }
  g_assert_not_reached ();
}

/* As if a signal handler had jumped away from inside trk_window_post(): before the window was let go,
 * or after it. */
static void
post_broken_off (TrkThread *thread, bool is_let_go)
{
  TrkWindow next = thread->next_window, leaving = thread->window;
  uint32_t number = thread->event_block_number;

  if (is_let_go)
    {
      trk_window_post (thread);
      /* The agent may have had it before we are back. */
      if (number % 4 == 0)
        g_usleep (300);
    }
  thread->leaving_window = thread->window = leaving;
  thread->leaving_number = number;
  thread->event_block_number = number + 1;
  thread->next_window = next;
  thread->is_posting = true;
  trk_window_mend (thread);
}

static void
hand_over (TrkThread *thread, Dice *dice)
{
  note_window (&thread->window);
  if (!trk_window_claim_next (thread))
    {
      g_assert (count (thread->window.bytes));
      __atomic_store_n (&thread->window.state->committed, 0, __ATOMIC_RELEASE);
      thread->event_block_number++;
      return;
    }
  switch (dice_roll (dice, 8))
    {
    case 0:
      /* Broken off before: what was claimed is given back. */
      trk_window_mend (thread);
      return;
    case 1:
      post_broken_off (thread, false);
      return;
    case 2:
      post_broken_off (thread, true);
      return;
    default:
      trk_window_post (thread);
    }
}

/* Lanes go from hand to hand faster than threads come and go. */
static unsigned
pass_lanes (Dice *dice)
{
  TrkThread *threads[3];
  unsigned wrong = 0;

  for (unsigned i = 0; i < 20; i++)
    {
      unsigned n = dice_roll (dice, G_N_ELEMENTS (threads) + 1);

      for (unsigned j = 0; j < n; j++)
        {
          threads[j] = trk_pool_acquire ();
          wrong += atomic_exchange_explicit (&in_use[threads[j]->lane_index], true,
                                             memory_order_relaxed);
        }
      for (unsigned j = 0; j < n; j++)
        {
          atomic_store_explicit (&in_use[threads[j]->lane_index], false, memory_order_relaxed);
          trk_pool_release (threads[j]);
        }
    }
  return wrong;
}

static unsigned
live (uint32_t id, Dice *dice)
{
  TrkThread *thread = trk_pool_acquire ();
  unsigned wrong = 0, n = dice_roll (dice, MAX_BLOCKS);

  g_assert (thread && thread->lane_index < MAX_LANES);
  wrong += atomic_exchange_explicit (&in_use[thread->lane_index], true, memory_order_relaxed);
  wrong += __atomic_load_n (&thread->window.state->posted, __ATOMIC_RELAXED) != 0;
  wrong += __atomic_load_n (&thread->window.state->committed, __ATOMIC_RELAXED) != 0;
  __atomic_store_n (&thread->lane->state, 1, __ATOMIC_RELEASE);
  thread->id = id;
  thread->event_block_number = 0;
  while (thread->event_block_number < n)
    {
      fill (thread);
      hand_over (thread, dice);
    }
  n_blocks[id] = n;
  /* What was left in the window by the last mend. */
  __atomic_store_n (&thread->window.state->committed, 0, __ATOMIC_RELEASE);
  atomic_store_explicit (&in_use[thread->lane_index], false, memory_order_relaxed);
  trk_pool_release (thread);
  return wrong;
}

static unsigned
use_windows (unsigned number)
{
  Dice dice = { number };
  unsigned wrong = 0;

  if (number == N_THREADS)
    return be_agent ();
  for (unsigned i = 0; i < N_LIVES; i++)
    wrong += pass_lanes (&dice) + live (number * N_LIVES + i, &dice);
  atomic_fetch_sub (&n_running, 1);
  return wrong;
}

static void
play (void)
{
  unsigned n_all = 0;

  memset (n_seen, 0, sizeof n_seen);
  n_running = N_THREADS;
  n_by_agent = 0;
  trk_pool_get_header ()->agent = 1;
  g_assert_cmpuint (run_at_once (N_THREADS + 1, use_windows), ==, 0);
  for (unsigned i = 0; i < N_THREADS * N_LIVES; i++)
    for (unsigned j = 0; j < MAX_BLOCKS; j++)
      {
        g_assert_cmpuint (n_seen[i][j], ==, j < n_blocks[i] ? 1 : 0);
        n_all += n_seen[i][j];
      }
  g_test_message ("%u blocks, %u of them through the agent", n_all, n_by_agent);
  /* Both ways were gone. */
  g_assert_cmpuint (n_by_agent, >, 100);
  g_assert_cmpuint (n_by_agent, <, n_all);
}

static void
test_windows (void)
{
  for (unsigned i = 0; i < get_table_rounds (); i++)
    play ();
}

/* As many as 200 at a time are with an agent, and all of them are taken again, many times as many as
 * there may ever be. */
static void
test_spares_come_back (void)
{
  TrkThread *thread = trk_pool_acquire ();

  g_assert_nonnull (thread);
  trk_pool_get_header ()->agent = 1;
  thread->id = 0;
  for (unsigned i = 0; i < 20; i++)
    {
      for (unsigned j = 0; j < 200; j++)
        {
          thread->event_block_number = j % MAX_BLOCKS;
          note_window (&thread->window);
          fill (thread);
          g_assert_true (trk_window_claim_next (thread));
          if (j % 3 == 0)
            trk_window_mend (thread);
          else
            trk_window_post (thread);
        }
      g_assert_cmpuint (take_posted (), ==, 0);
    }
  __atomic_store_n (&thread->window.state->committed, 0, __ATOMIC_RELEASE);
  trk_pool_release (thread);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL, *path = NULL;
  int status;

  /* Does the sanitizer start at all? */
  if (argc > 1 && strcmp (argv[1], "--probe") == 0)
    return 0;
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("windows-XXXXXX", NULL);
  path = g_build_filename (folder, "pool", NULL);
  g_assert_cmpint (trk_pool_create (path), ==, 0);
  g_test_add_func ("/windows-threads/windows", test_windows);
  g_test_add_func ("/windows-threads/spares-come-back", test_spares_come_back);
  status = g_test_run ();
  g_unlink (path);
  g_rmdir (folder);
  return status;
}
