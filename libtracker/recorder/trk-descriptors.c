/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-descriptors.h"

#include <stdatomic.h>
#include <stdint.h>

#include "trk-system.h"

#define SLOTS 128U
#define LONGEST_WAIT_NS UINT64_C (1000000000)

/* Else fd + 1: open; −(fd + 1): about to be closed, so that the number is known to those who go around. */
enum { SLOT_FREE = 0, SLOT_OPENING = INT32_MIN };

static struct {
  _Atomic int32_t slots[SLOTS];
  _Atomic uint32_t n_used;    /* slots that are not free: mostly 0, and then nobody looks further */
  _Atomic uint32_t n_closing; /* bulk closes under way */
} descriptors;

/* Lets others run.  False once @*since, 0 at first, is too long ago. */
static bool
wait_more (uint64_t *since)
{
  uint64_t now = trk_system_get_monotonic_ns_slowly ();

  if (*since == 0)
    *since = now;
  trk_system_yield ();
  return now - *since < LONGEST_WAIT_NS;
}

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
          && atomic_compare_exchange_strong (&descriptors.slots[i], &unused, SLOT_OPENING))
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
  uint64_t since = 0;

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
      /* Either the closer sees that we open, or we see that it closes. */
      if (atomic_load (&descriptors.n_closing) == 0)
        return slot;
      release (slot);
      if (!wait_more (&since))
        atomic_store (&descriptors.n_closing, 0);
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

      if (atomic_compare_exchange_strong (&descriptors.slots[i], &own, -own))
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

/* The slot's content that has @fd; SLOT_FREE if none has. */
static int32_t
find (int fd)
{
  if (TRK_LIKELY (atomic_load_explicit (&descriptors.n_used, memory_order_acquire) == 0) || fd < 0
      || is_fresh_fork ())
    return SLOT_FREE;
  for (unsigned i = 0; i < SLOTS; i++)
    {
      int32_t own = atomic_load (&descriptors.slots[i]);

      if (own == fd + 1 || own == -(fd + 1))
        return own;
    }
  return SLOT_FREE;
}

bool
trk_hook_may_close_descriptor (int fd)
{
  uint64_t since = 0;
  int32_t own;

  while ((own = find (fd)) < 0 && may_wait () && wait_more (&since))
    ;
  return own <= 0;
}

void
trk_hook_await_descriptor (int fd)
{
  uint64_t since = 0;

  while (find (fd) != SLOT_FREE && may_wait () && wait_more (&since))
    ;
}

static bool
is_one_opening (void)
{
  for (unsigned i = 0; i < SLOTS; i++)
    if (atomic_load (&descriptors.slots[i]) == SLOT_OPENING)
      return true;
  return false;
}

void
trk_hook_bulk_close_begin (void)
{
  uint64_t since = 0;

  if (is_fresh_fork ())
    return;
  atomic_fetch_add (&descriptors.n_closing, 1);
  while (atomic_load (&descriptors.n_used) > 0 && is_one_opening () && may_wait ()
         && wait_more (&since))
    ;
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
      int32_t own = atomic_load (&descriptors.slots[i]);
      int fd = own == SLOT_OPENING ? -1 : (own < 0 ? -own : own) - 1;

      if (fd >= 0 && (unsigned) fd >= first && (lowest < 0 || fd < lowest))
        lowest = fd;
    }
  return lowest;
}
