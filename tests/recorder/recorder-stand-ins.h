/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the recorder's tables need of the rest of the recorder, where they are tested without it, and
 * what threads that use them at once need of a test.
 *
 * Memory comes and goes through libc's mmap, which the thread sanitizer watches, instead of by system
 * calls that it cannot see: else what one thread wrote before it unmapped a page would be in conflict
 * with what another writes after the kernel gave the same place again.
 */
#pragma once

#include <stdint.h>

/* Pseudo-random, a thread's own. */
typedef struct {
  uint64_t state;
} Dice;

static inline uint32_t
dice_roll (Dice *self, uint32_t n)
{
  self->state = self->state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (uint32_t) ((self->state >> 32) * n >> 32);
}

/* How much more than usually is to be done. */
unsigned get_table_rounds (void);

/* Runs @function with 0, 1 … @n_threads − 1 at once; returns the sum of what they return. */
unsigned run_at_once (unsigned n_threads, unsigned (*function) (unsigned number));
