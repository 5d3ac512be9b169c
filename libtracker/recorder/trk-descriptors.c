/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-descriptors.h"

#include <stdatomic.h>
#include <stdint.h>

#include "trk-system.h"

#define SLOTS 128U
#define MAX_TURNS 2000U /* of waiting, each a yield */

enum { SLOT_FREE = 0, SLOT_TRANSIT = -1 }; /* else the descriptor + 1 */

static struct {
  _Atomic int32_t slots[SLOTS];
  _Atomic uint32_t n_used;    /* slots that are not free: mostly 0, and then nobody looks further */
  _Atomic uint32_t n_closing; /* bulk closes under way */
} descriptors;

/* A thread that the recorder runs in must not wait for itself: a signal handler interrupted it. */
static bool
may_wait (void)
{
  return trk_thread_gate.place == TRK_HOOK_OUTSIDE;
}

/* --- the recorder ---------------------------------------------------------------------------- */

static int
claim (void)
{
  for (unsigned i = 0; i < SLOTS; i++)
    {
      int32_t unused = SLOT_FREE;

      if (atomic_load (&descriptors.slots[i]) == SLOT_FREE
          && atomic_compare_exchange_strong (&descriptors.slots[i], &unused, SLOT_TRANSIT))
        return (int) i;
    }
  return -1;
}

static void
release (int slot)
{
  /* Free already: of a parent whose hook is finished in the child. */
  if (atomic_exchange (&descriptors.slots[slot], SLOT_FREE) != SLOT_FREE)
    atomic_fetch_sub (&descriptors.n_used, 1);
}

int
trk_descriptors_begin (void)
{
  unsigned n_turns = 0;

  while (true)
    {
      int slot;

      atomic_fetch_add (&descriptors.n_used, 1);
      slot = claim ();
      if (slot < 0)
        {
          atomic_fetch_sub (&descriptors.n_used, 1);
          return -1;
        }
      /* Either the closer sees our transit, or we see that it closes. */
      if (atomic_load (&descriptors.n_closing) == 0)
        return slot;
      if (++n_turns > MAX_TURNS)
        {
          atomic_store (&descriptors.n_closing, 0);
          return slot;
        }
      release (slot);
      trk_system_yield ();
    }
}

void
trk_descriptors_opened (int slot, int fd)
{
  if (slot < 0)
    return;
  if (fd >= 0)
    atomic_store (&descriptors.slots[slot], fd + 1);
  else
    release (slot);
}

int
trk_descriptors_begin_close (int fd)
{
  for (unsigned i = 0; i < SLOTS; i++)
    {
      int32_t own = fd + 1;

      if (atomic_compare_exchange_strong (&descriptors.slots[i], &own, SLOT_TRANSIT))
        return (int) i;
    }
  return -1;
}

void
trk_descriptors_closed (int slot)
{
  if (slot >= 0)
    release (slot);
}

void
trk_descriptors_reset (bool forked_in_hook)
{
  for (unsigned i = 0; i < SLOTS && atomic_load (&descriptors.n_used) > 0; i++)
    {
      int32_t own = atomic_exchange (&descriptors.slots[i], SLOT_FREE);

      if (own > 0 && !forked_in_hook)
        trk_system_close_plainly (own - 1);
    }
  atomic_store (&descriptors.n_used, 0);
  atomic_store (&descriptors.n_closing, 0);
}

/* --- the program ----------------------------------------------------------------------------- */

/* A child between fork and its first event: nobody in it will ever empty the slots. */
static bool
is_fresh_fork (void)
{
  return trk_gate_get () == 0;
}

bool
trk_hook_owns_descriptor (int fd)
{
  if (TRK_LIKELY (atomic_load_explicit (&descriptors.n_used, memory_order_acquire) == 0)
      || is_fresh_fork ())
    return false;
  for (unsigned i = 0; i < SLOTS; i++)
    if (atomic_load (&descriptors.slots[i]) == fd + 1)
      return fd >= 0;
  return false;
}

void
trk_hook_await_descriptor (int fd)
{
  for (unsigned n_turns = 0; n_turns < MAX_TURNS && may_wait () && trk_hook_owns_descriptor (fd);
       n_turns++)
    trk_system_yield ();
}

static bool
is_in_transit (void)
{
  for (unsigned i = 0; i < SLOTS; i++)
    if (atomic_load (&descriptors.slots[i]) == SLOT_TRANSIT)
      return true;
  return false;
}

void
trk_hook_bulk_close_begin (void)
{
  if (is_fresh_fork ())
    return;
  atomic_fetch_add (&descriptors.n_closing, 1);
  for (unsigned n_turns = 0; n_turns < MAX_TURNS && may_wait ()
                             && atomic_load (&descriptors.n_used) > 0 && is_in_transit ();
       n_turns++)
    trk_system_yield ();
}

void
trk_hook_bulk_close_end (void)
{
  uint32_t n = atomic_load (&descriptors.n_closing);

  if (is_fresh_fork ())
    return;
  while (n > 0 && !atomic_compare_exchange_weak (&descriptors.n_closing, &n, n - 1))
    ;
}

int
trk_hook_next_descriptor (unsigned first)
{
  int lowest = -1;

  if (atomic_load (&descriptors.n_used) == 0 || is_fresh_fork ())
    return -1;
  for (unsigned i = 0; i < SLOTS; i++)
    {
      int fd = atomic_load (&descriptors.slots[i]) - 1;

      if (fd >= 0 && (unsigned) fd >= first && (lowest < 0 || fd < lowest))
        lowest = fd;
    }
  return lowest;
}
