/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which allocations are kept.
 *
 *   rate p:      each with probability p
 *   interval B:  a Poisson process along the bytes; an allocation of s bytes is kept if at least one
 *                point falls into it, that is with probability 1 − exp (−s/B)
 *
 * Both are memoryless, so a thread may start anywhere.  The reader weighs what is kept by 1/p.
 * One thread's own; no locks, no allocation, signal-safe.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint64_t random[2];      /* xorshift128+ */
  uint64_t rate_q32;       /* probability × 2^32; 2^32: every one */
  uint64_t interval_bytes; /* 0: by rate */
  uint64_t bytes_until;    /* to the next point of the process */
} TrkSampler;

void trk_sampler_init (TrkSampler *self, double rate, uint64_t interval_bytes, uint64_t seed);

/* Another rate or interval; the sequence of numbers goes on. */
void trk_sampler_change (TrkSampler *self, double rate, uint64_t interval_bytes);

/* Draws for one allocation. */
bool trk_sampler_keeps (TrkSampler *self, uint64_t size);
