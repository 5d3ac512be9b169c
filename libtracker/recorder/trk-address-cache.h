/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which of this thread's recent allocations had this address?
 *
 *   1024 sets × 2 entries of 8 bytes
 *   entry = address (47 bits) << 17 | number of the allocation, modulo 2^17
 *
 * A hit lets an event name an address by its distance.  Every 2^16 allocations the entries as old as
 * that are cleared, so that a number of 17 bits is never ambiguous.  Addresses that need more than 47
 * bits never hit.  One thread's own; no locks, no allocation, signal-safe.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "trk-format.h"

#define TRK_ADDRESS_SETS 1024U
#define TRK_ADDRESS_WAYS 2U
#define TRK_ADDRESS_NUMBER_BITS 17
#define TRK_ADDRESS_NUMBER_MASK ((1U << TRK_ADDRESS_NUMBER_BITS) - 1)

typedef struct {
  _Alignas(64) uint64_t sets[TRK_ADDRESS_SETS][TRK_ADDRESS_WAYS];
} TrkAddressCache;

static inline uint64_t *
trk_address_cache_set (TrkAddressCache *self, uint64_t address)
{
  return self->sets[(address >> 4 ^ address >> 13) % TRK_ADDRESS_SETS];
}

static inline bool
trk_address_cache_says (uint64_t entry, uint64_t address)
{
  return entry >> TRK_ADDRESS_NUMBER_BITS == address;
}

/* The distance back to the allocation of @entry; 0: it is about another address, or too long ago. */
static inline uint32_t
trk_address_cache_distance (uint64_t entry, uint64_t address, uint64_t sequence)
{
  uint32_t distance = (uint32_t) (sequence - entry) & TRK_ADDRESS_NUMBER_MASK;

  return trk_address_cache_says (entry, address) && distance <= TRK_MAX_DISTANCE ? distance : 0;
}

/* How many allocations ago, 1 for the latest; 0: not known.  @sequence: number of the next one. */
static inline uint32_t
trk_address_cache_find (TrkAddressCache *self, uint64_t address, uint64_t sequence)
{
  const uint64_t *set = trk_address_cache_set (self, address);

  /* Which of the two is as good as random: this must not become a jump. */
  return trk_address_cache_distance (set[trk_address_cache_says (set[1], address)], address,
                                     sequence);
}

/* To be called before any two numbers are 2^17 apart. */
static inline void
trk_address_cache_sweep (TrkAddressCache *self, uint64_t sequence)
{
  for (unsigned s = 0; s < TRK_ADDRESS_SETS; s++)
    for (unsigned i = 0; i < TRK_ADDRESS_WAYS; i++)
      {
        uint32_t age = (uint32_t) (sequence - self->sets[s][i]) & TRK_ADDRESS_NUMBER_MASK;
        if (age >= TRK_MAX_DISTANCE)
          self->sets[s][i] = 0;
      }
}

/* Allocation number @sequence got @address.  Returns the distance to the allocation that had it
 * before, as trk_address_cache_find(). */
static inline uint32_t
trk_address_cache_put (TrkAddressCache *self, uint64_t address, uint64_t sequence)
{
  uint64_t *set = trk_address_cache_set (self, address);
  unsigned is_first = trk_address_cache_says (set[0], address);
  unsigned is_second = trk_address_cache_says (set[1], address);
  unsigned otherwise = sequence % TRK_ADDRESS_WAYS;
  uint32_t distance = trk_address_cache_distance (set[is_second], address, sequence);

  if (__builtin_expect (sequence % TRK_MAX_DISTANCE == 0, 0))
    trk_address_cache_sweep (self, sequence);
  if (__builtin_expect (address >> (64 - TRK_ADDRESS_NUMBER_BITS) != 0, 0))
    return 0;
  set[is_second | (otherwise & (is_first ^ 1))] =
      address << TRK_ADDRESS_NUMBER_BITS | (sequence & TRK_ADDRESS_NUMBER_MASK);
  return distance;
}
