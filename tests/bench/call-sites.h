/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The allocations of churn and of latency: 16 to 1 040 bytes, from one of 8 call sites that lie 10 to 13
 * calls below a thread's start routine.
 */
#pragma once

#include <stdint.h>
#include <stdlib.h>

#define N_SITES 8
#define SIZE_MIN_BYTES 16
#define SIZE_MAX_BYTES 1040

static inline uint64_t
next_random (uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* A chain of functions, none inlined and none a tail call: level_N is N calls above malloc. */
#define LEVEL(n, below) \
  __attribute__ ((noinline)) static void *level_##n (size_t n_bytes) \
  { \
    void *block = below (n_bytes); \
    __asm__ volatile("" : "+r"(block)); \
    return block; \
  }

LEVEL (1, malloc)
LEVEL (2, level_1)
LEVEL (3, level_2)
LEVEL (4, level_3)
LEVEL (5, level_4)
LEVEL (6, level_5)
LEVEL (7, level_6)
LEVEL (8, level_7)
LEVEL (9, level_8)
LEVEL (10, level_9)
LEVEL (11, level_10)

/* A call site: its own return address, and with the start routine 10 to 13 frames. */
LEVEL (site_0, level_8)
LEVEL (site_1, level_9)
LEVEL (site_2, level_10)
LEVEL (site_3, level_11)
LEVEL (site_4, level_8)
LEVEL (site_5, level_9)
LEVEL (site_6, level_10)
LEVEL (site_7, level_11)

static void *(*const sites[N_SITES]) (size_t) = {
  level_site_0, level_site_1, level_site_2, level_site_3,
  level_site_4, level_site_5, level_site_6, level_site_7,
};

static inline void *
allocate (uint64_t random)
{
  size_t n_bytes = SIZE_MIN_BYTES + (random >> 32) % (SIZE_MAX_BYTES - SIZE_MIN_BYTES + 1);
  uint64_t *block = sites[(random >> 24) % N_SITES](n_bytes);

  if (block == NULL)
    abort ();
  *block = random;
  return block;
}
