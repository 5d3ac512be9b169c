/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * LEB128 variable-length integers, 7 bits a byte, least significant first, at most 10 bytes; and
 * the zigzag map of signed to unsigned.  Any thread, signal-safe, no allocation.
 */
#pragma once

#include <stdint.h>
#include <string.h>

#define TRK_VARINT_MAX_BYTES 10

static inline uint8_t *
trk_varint_put (uint8_t *p, uint64_t value)
{
  while (value >= 0x80)
    {
      *p++ = (uint8_t) (value | 0x80);
      value >>= 7;
    }
  *p++ = (uint8_t) value;
  return p;
}

/* Returns the first byte after the number, or NULL if it does not end before @end or in 64 bits. */
static inline const uint8_t *
trk_varint_get (const uint8_t *p, const uint8_t *end, uint64_t *value)
{
  uint64_t result = 0;

  for (unsigned shift = 0; shift < 64 && p < end; shift += 7)
    {
      uint8_t byte = *p++;
      if (shift == 63 && byte > 1)
        return NULL;
      result |= (uint64_t) (byte & 0x7f) << shift;
      if (byte < 0x80)
        {
          *value = result;
          return p;
        }
    }
  return NULL;
}

static inline uint64_t
trk_zigzag (int64_t value)
{
  return ((uint64_t) value << 1) ^ (uint64_t) (value >> 63);
}

static inline int64_t
trk_unzigzag (uint64_t value)
{
  return (int64_t) (value >> 1) ^ -(int64_t) (value & 1);
}
