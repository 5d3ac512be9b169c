/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A thread's latest addresses, by number, as its blocks are read in order.
 *
 *   … known known 0 0 0 known known │ next number
 *                 └ a block was lost
 *
 * Events that refer to an entry of 0, or beyond what was ever read, come out with no known address.
 * The numbers come from files: any are coped with, nothing is allocated.
 */
#pragma once

#include <stdbool.h>

#include "trk-format.h"

#define TRK_ADDRESS_UNKNOWN 0 /* nothing is allocated there */

typedef struct {
  uint64_t address[TRK_MAX_DISTANCE];
  uint64_t n_known; /* numbers [first_known, n_known) are in the ring or were overwritten */
  uint64_t first_known;
} TrkAddressRing;

static inline void
trk_address_ring_reset (TrkAddressRing *ring)
{
  ring->n_known = 0;
  ring->first_known = 0;
}

static inline void
trk_address_ring_push (TrkAddressRing *ring, uint64_t address)
{
  ring->address[ring->n_known++ & (TRK_MAX_DISTANCE - 1)] = address;
}

/* Blocks between were lost: what they allocated is unknown, what was allocated before is not. */
static inline void
trk_address_ring_skip_to (TrkAddressRing *ring, uint64_t sequence)
{
  if (sequence < ring->n_known || sequence - ring->n_known >= TRK_MAX_DISTANCE)
    ring->first_known = ring->n_known = sequence;
  while (ring->n_known != sequence)
    trk_address_ring_push (ring, TRK_ADDRESS_UNKNOWN);
}

static inline bool
trk_address_ring_get (const TrkAddressRing *ring, uint64_t distance, uint64_t *address)
{
  if (distance == 0 || distance > TRK_MAX_DISTANCE || distance > ring->n_known - ring->first_known)
    return false;
  *address = ring->address[(ring->n_known - distance) & (TRK_MAX_DISTANCE - 1)];
  return *address != TRK_ADDRESS_UNKNOWN;
}
