/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What every thread of the ring victim does, so that its test knows each event that may be left of it:
 *
 *   call i   free what call i − RING_HELD allocated, if there was one; malloc (ring_size (slot, i))
 *   end      free the rest
 *
 * After each malloc has returned the thread counts it in counts[slot], in a file that outlives it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define RING_HELD 32U
#define RING_SLOTS 4U
#define RING_SLOT_BYTES 4096U /* what nothing else in the program allocates */
#define RING_CALLS 150000U    /* of a thread, in the case "count" */
#define RING_THREADS 3000U    /* one after the other, in the case "churn" */
#define RING_CHURN_CALLS 100U
#define RING_RELAY_CALLS 20000U /* in the case "relay" */
#define RING_PACED_CALLS 1000U  /* in the case "paced" */
#define RING_PAUSE_US 3000U     /* there, between a thread and the next of its slot */

static inline size_t
ring_size (uint32_t slot, uint64_t i)
{
  return (slot + 1) * (size_t) RING_SLOT_BYTES + i % 1000;
}

/* Of all calls before number @n. */
static inline uint64_t
ring_bytes (uint32_t slot, uint64_t n)
{
  return n * (slot + 1) * RING_SLOT_BYTES + n / 1000 * (999 * 1000 / 2)
         + (n % 1000) * (n % 1000 - (n % 1000 > 0)) / 2;
}

typedef struct {
  _Atomic uint64_t counts[RING_SLOTS];
} RingCounts;
