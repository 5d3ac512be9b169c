/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The allocations of churn and of others: 16 to 1 040 bytes, from one of 8 call sites that lie DEPTH to
 * DEPTH + 3 calls below a thread's start routine; DEPTH is 5, 10 or 30.
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
LEVEL (12, level_11)
LEVEL (13, level_12)
LEVEL (14, level_13)
LEVEL (15, level_14)
LEVEL (16, level_15)
LEVEL (17, level_16)
LEVEL (18, level_17)
LEVEL (19, level_18)
LEVEL (20, level_19)
LEVEL (21, level_20)
LEVEL (22, level_21)
LEVEL (23, level_22)
LEVEL (24, level_23)
LEVEL (25, level_24)
LEVEL (26, level_25)
LEVEL (27, level_26)
LEVEL (28, level_27)
LEVEL (29, level_28)
LEVEL (30, level_29)
LEVEL (31, level_30)

/* The call sites of one depth.  One over level_N: its own return address, and with the start routine
 * N + 2 frames. */
#define SITES(depth, a, b, c, d) \
  LEVEL (site_##depth##_0, a) \
  LEVEL (site_##depth##_1, b) \
  LEVEL (site_##depth##_2, c) \
  LEVEL (site_##depth##_3, d) \
  LEVEL (site_##depth##_4, a) \
  LEVEL (site_##depth##_5, b) \
  LEVEL (site_##depth##_6, c) \
  LEVEL (site_##depth##_7, d)

SITES (5, level_3, level_4, level_5, level_6)
SITES (10, level_8, level_9, level_10, level_11)
SITES (30, level_28, level_29, level_30, level_31)

#define ADDRESSES(depth) \
  { \
    level_site_##depth##_0, level_site_##depth##_1, level_site_##depth##_2, \
        level_site_##depth##_3, level_site_##depth##_4, level_site_##depth##_5, \
        level_site_##depth##_6, level_site_##depth##_7 \
  }

typedef struct {
  int depth;
  void *(*allocate[N_SITES]) (size_t);
} CallSites;

static const CallSites call_sites_5 = { 5, ADDRESSES (5) };
static const CallSites call_sites_10 = { 10, ADDRESSES (10) };
static const CallSites call_sites_30 = { 30, ADDRESSES (30) };

/* NULL for a depth that there is not. */
static inline const CallSites *
find_call_sites (int depth)
{
  return depth == 5    ? &call_sites_5
         : depth == 10 ? &call_sites_10
         : depth == 30 ? &call_sites_30
                       : NULL;
}

static inline void *
allocate (const CallSites *sites, uint64_t random)
{
  size_t n_bytes = SIZE_MIN_BYTES + (random >> 32) % (SIZE_MAX_BYTES - SIZE_MIN_BYTES + 1);
  uint64_t *block = sites->allocate[(random >> 24) % N_SITES](n_bytes);

  if (block == NULL)
    abort ();
  *block = random;
  return block;
}
