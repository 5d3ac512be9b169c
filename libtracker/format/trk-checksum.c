/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * XXH64, from its specification.  Four independent lanes of eight bytes: about 0.1 ns a byte, which
 * for four-byte events is less than half a nanosecond an event (tests/bench/checksum).
 */
#include "trk-checksum.h"

#include <string.h>

#define PRIME_1 0x9E3779B185EBCA87ULL
#define PRIME_2 0xC2B2AE3D27D4EB4FULL
#define PRIME_3 0x165667B19E3779F9ULL
#define PRIME_4 0x85EBCA77C2B2AE63ULL
#define PRIME_5 0x27D4EB2F165667C5ULL

static inline uint64_t
rotate_left (uint64_t value, unsigned bits)
{
  return value << bits | value >> (64 - bits);
}

static inline uint64_t
load_64 (const uint8_t *p)
{
  uint64_t value;
  memcpy (&value, p, sizeof value);
  return value;
}

static inline uint64_t
round_64 (uint64_t lane, uint64_t input)
{
  return rotate_left (lane + input * PRIME_2, 31) * PRIME_1;
}

static inline uint64_t
merge_lane (uint64_t hash, uint64_t lane)
{
  return (hash ^ round_64 (0, lane)) * PRIME_1 + PRIME_4;
}

static uint64_t
hash_seeded (const uint8_t *p, size_t n_bytes, uint64_t seed)
{
  const uint8_t *end = p + n_bytes;
  uint64_t hash;

  if (n_bytes >= 32)
    {
      uint64_t a = seed + PRIME_1 + PRIME_2, b = seed + PRIME_2, c = seed, d = seed - PRIME_1;

      for (; end - p >= 32; p += 32)
        {
          a = round_64 (a, load_64 (p));
          b = round_64 (b, load_64 (p + 8));
          c = round_64 (c, load_64 (p + 16));
          d = round_64 (d, load_64 (p + 24));
        }
      hash = rotate_left (a, 1) + rotate_left (b, 7) + rotate_left (c, 12) + rotate_left (d, 18);
      hash = merge_lane (merge_lane (merge_lane (merge_lane (hash, a), b), c), d);
    }
  else
    {
      hash = seed + PRIME_5;
    }

  hash += n_bytes;
  for (; end - p >= 8; p += 8)
    hash = rotate_left (hash ^ round_64 (0, load_64 (p)), 27) * PRIME_1 + PRIME_4;
  if (end - p >= 4)
    {
      uint32_t word;
      memcpy (&word, p, sizeof word);
      hash = rotate_left (hash ^ word * PRIME_1, 23) * PRIME_2 + PRIME_3;
      p += 4;
    }
  for (; p < end; p++)
    hash = rotate_left (hash ^ *p * PRIME_5, 11) * PRIME_1;

  hash = (hash ^ hash >> 33) * PRIME_2;
  hash = (hash ^ hash >> 29) * PRIME_3;
  return hash ^ hash >> 32;
}

uint64_t
trk_checksum (const void *data, size_t n_bytes)
{
  return hash_seeded (data, n_bytes, 0);
}

uint64_t
trk_block_checksum (const TrkBlockHeader *header, const void *payload, size_t n_bytes)
{
  TrkBlockHeader copy = *header;

  copy.checksum = 0;
  /* The header's hash seeds the payload's: one pass, no copy of the payload. */
  return hash_seeded (payload, n_bytes, trk_checksum (&copy, sizeof copy));
}
