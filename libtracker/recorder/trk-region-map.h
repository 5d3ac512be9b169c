/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * "Did this 64 KiB region ever hold a tracked block?": one sticky bit each, for the frees that
 * untracked threads make while others are tracked.
 *
 * 2^31 bits cover the 47-bit address space: 256 MiB of reserved addresses, of which only the pages in
 * use exist.  Bits are set once and never cleared, so that the lines stay shared between the cores.
 * Where the reservation fails, or an address is higher, the answer is "perhaps".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "unwind/trk-hidden.h"

extern TRK_HIDDEN uint8_t *trk_region_bits; /* NULL: no map */

void trk_region_map_init (void);

#define TRK_REGION_SHIFT 16
#define TRK_REGION_ADDRESS_BITS 47

static inline void
trk_region_map_set (uint64_t address)
{
  uint64_t region = address >> TRK_REGION_SHIFT;
  uint8_t bit = (uint8_t) (1U << (region & 7));

  if (!trk_region_bits || address >> TRK_REGION_ADDRESS_BITS)
    return;
  /* Read first: a store would take the line away from the other cores. */
  if (!(__atomic_load_n (&trk_region_bits[region >> 3], __ATOMIC_RELAXED) & bit))
    __atomic_fetch_or (&trk_region_bits[region >> 3], bit, __ATOMIC_RELAXED);
}

static inline bool
trk_region_map_may_hold (uint64_t address)
{
  uint64_t region = address >> TRK_REGION_SHIFT;

  if (!trk_region_bits || address >> TRK_REGION_ADDRESS_BITS)
    return true;
  return __atomic_load_n (&trk_region_bits[region >> 3], __ATOMIC_RELAXED) >> (region & 7) & 1;
}
