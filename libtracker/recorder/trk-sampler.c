/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-sampler.h"

/* xorshift128+ (Vigna 2017, parameters 23, 18, 5). */
static uint64_t
next_random (TrkSampler *self)
{
  uint64_t a = self->random[0], b = self->random[1];

  self->random[0] = b;
  a ^= a << 23;
  self->random[1] = a ^ b ^ a >> 18 ^ b >> 5;
  return self->random[1] + b;
}

static uint64_t
mix (uint64_t *state)
{
  uint64_t z = *state += 0x9E3779B97F4A7C15ULL;

  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
  return z ^ z >> 31;
}

/* −ln (u) for u uniform in (0, 1], by splitting u = m × 2^e and the series of atanh: libm is not
 * ours to load into other people's processes.  Absolute error below 1e-12. */
static double
negative_log_of_uniform (uint64_t bits)
{
  uint64_t n = (bits >> 11) + 1; /* 1 … 2^53 */
  int exponent = 63 - __builtin_clzll (n);
  double m = (double) n / (double) ((uint64_t) 1 << exponent); /* 1 <= m < 2 */
  double z = (m - 1) / (m + 1), z2 = z * z, term = z, sum = 0;

  for (int k = 1; k < 40; k += 2)
    {
      sum += term / k;
      term *= z2;
    }
  return (53 - exponent) * 0.69314718055994530942 - 2 * sum;
}

static uint64_t
next_interval (TrkSampler *self)
{
  double bytes = negative_log_of_uniform (next_random (self)) * (double) self->interval_bytes;

  return bytes < 1e18 ? (uint64_t) bytes : (uint64_t) 1e18;
}

void
trk_sampler_init (TrkSampler *self, double rate, uint64_t interval_bytes, uint64_t seed)
{
  self->random[0] = mix (&seed);
  self->random[1] = mix (&seed) | 1;
  trk_sampler_change (self, rate, interval_bytes);
}

void
trk_sampler_change (TrkSampler *self, double rate, uint64_t interval_bytes)
{
  self->rate_q32 = rate >= 1 ? (uint64_t) 1 << 32 : (uint64_t) (rate * 4294967296.0 + 0.5);
  self->interval_bytes = interval_bytes;
  self->bytes_until = interval_bytes ? next_interval (self) : 0;
}

bool
trk_sampler_keeps (TrkSampler *self, uint64_t size)
{
  if (self->interval_bytes == 0)
    return (next_random (self) >> 32) < self->rate_q32;

  size += size == 0; /* or it could never be kept */
  if (size <= self->bytes_until)
    {
      self->bytes_until -= size;
      return false;
    }
  /* Memoryless: where the process stood beyond this allocation does not matter. */
  self->bytes_until = next_interval (self);
  return true;
}
