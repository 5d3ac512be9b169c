/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Random numbers for made-up programs: the same on every machine for one seed, and a few cycles each,
 * as a hundred million events draw several (Wyhash's generator, Wang Yi, public domain).
 */
#pragma once

#include <stdint.h>

typedef struct {
  uint64_t state;
} MadeRandom;

static inline uint64_t
made_random_next (MadeRandom *self)
{
  __uint128_t product;

  self->state += 0xa0761d6478bd642fULL;
  product = (__uint128_t) self->state * (self->state ^ 0xe7037ed1a0b428dbULL);
  return (uint64_t) (product >> 64) ^ (uint64_t) product;
}

/* 0 to @n − 1; @n is at least 1. */
static inline uint32_t
made_random_below (MadeRandom *self, uint32_t n)
{
  return (uint32_t) (((made_random_next (self) & 0xffffffff) * n) >> 32);
}

/* TRUE @n times of @of. */
static inline int
made_random_chance (MadeRandom *self, uint32_t n, uint32_t of)
{
  return made_random_below (self, of) < n;
}
