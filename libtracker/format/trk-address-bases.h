/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an address is told as a difference from, while a block's records are written, read or counted.
 *
 *   previous[r]   the latest address of region r that a record told as a difference, 0 at first
 *   latest        the region of the latest such record
 *
 * Allocators give each thread an arena far away from the others', so that the difference of two
 * addresses is short only within one.  A region's number is made of the address itself: two arenas
 * seldom share one, and if they do it costs bits and no truth.
 *
 * Shared by trk-event-encoder.h, trk-event-decoder.c and trk-event-widths.c, which must agree.
 */
#pragma once

#include <stdint.h>

#define TRK_MAX_REGION_BITS 4U
#define TRK_MAX_REGIONS (1U << TRK_MAX_REGION_BITS)
#define TRK_ADDRESS_REGION_SHIFT 26 /* 64 MiB, the C library's arenas */

typedef struct {
  uint64_t previous[TRK_MAX_REGIONS];
  uint32_t latest;
  uint32_t mask; /* 2^region_bits − 1 */
} TrkAddressBases;

static inline void
trk_address_bases_init (TrkAddressBases *self, unsigned region_bits)
{
  *self = (TrkAddressBases) { .mask = (1U << region_bits) - 1 };
}

static inline uint32_t
trk_address_bases_region (const TrkAddressBases *self, uint64_t address)
{
  return (uint32_t) (address >> TRK_ADDRESS_REGION_SHIFT
                     ^ address >> (TRK_ADDRESS_REGION_SHIFT + TRK_MAX_REGION_BITS))
         & self->mask;
}

static inline uint64_t
trk_address_bases_get_latest (const TrkAddressBases *self)
{
  return self->previous[self->latest];
}

static inline void
trk_address_bases_set (TrkAddressBases *self, uint32_t region, uint64_t address)
{
  self->previous[region] = address;
  self->latest = region;
}

/* Where the C library's malloc puts the next block if it carves one after the other. */
static inline uint64_t
trk_address_behind (uint64_t address, uint64_t size)
{
  uint64_t chunk_bytes = (size + 23) & ~(uint64_t) 15;

  return address + (chunk_bytes < 32 ? 32 : chunk_bytes);
}
