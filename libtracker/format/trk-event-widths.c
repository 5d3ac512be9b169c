/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-event-widths.h"

#include <string.h>

#include "trk-event-encoder.h"
#include "trk-varint.h"

enum {
  ALLOC_TIME,
  ALLOC_SIZE,
  ALLOC_STACK,
  ALLOC_DISTANCE,
  ALLOC_DELTA,
  FREE_TIME,
  FREE_DISTANCE,
  N_FIELDS
};

#define MAX_WIDTH 32U
#define OVERFLOW_BITS 40U

typedef struct {
  uint16_t count[N_FIELDS][MAX_WIDTH + 1]; /* by bit length; the last holds all longer ones */
} WidthHistogram;

TrkEventWidths
trk_event_widths_default (void)
{
  return (TrkEventWidths) {
    .alloc_time = 7,
    .alloc_size = 11,
    .alloc_stack = 6,
    .alloc_distance = 12,
    .alloc_delta = 12,
    .free_time = 7,
    .free_distance = 13,
  };
}

static void
histogram_add (WidthHistogram *self, unsigned field, uint64_t value)
{
  unsigned length = value ? 64U - (unsigned) __builtin_clzll (value) : 0;

  self->count[field][length < MAX_WIDTH ? length : MAX_WIDTH]++;
}

static void
histogram_add_alloc (WidthHistogram *self, uint64_t time, uint64_t size, uint64_t stack)
{
  histogram_add (self, ALLOC_TIME, time);
  histogram_add (self, ALLOC_SIZE, size);
  histogram_add (self, ALLOC_STACK, stack);
}

static uint8_t
histogram_best_width (const WidthHistogram *self, unsigned field, uint8_t fallback, unsigned most)
{
  unsigned total = 0, overflow = 0, best = fallback;
  uint64_t best_cost = UINT64_MAX;

  for (unsigned w = 0; w <= MAX_WIDTH; w++)
    total += self->count[field][w];
  if (total == 0)
    return fallback;
  for (int w = MAX_WIDTH - 1; w >= 0; w--)
    {
      uint64_t cost;

      overflow += self->count[field][w + 1];
      cost = (uint64_t) total * (unsigned) w + (uint64_t) overflow * OVERFLOW_BITS;
      if ((unsigned) w <= most && cost < best_cost)
        {
          best_cost = cost;
          best = (unsigned) w;
        }
    }
  return (uint8_t) best;
}

static uint64_t
take (uint64_t *word, unsigned n_bits)
{
  uint64_t value = *word & (((uint64_t) 1 << n_bits) - 1);

  *word >>= n_bits;
  return value;
}

/* Walks our own bytes, written a moment ago; stops at anything odd. */
static void
histogram_fill (WidthHistogram *self, TrkEventWidths w, const uint8_t *p, const uint8_t *end)
{
  unsigned common = w.alloc_time + w.alloc_size + w.alloc_stack;
  unsigned bytes[4] = { 0, trk_compact_bytes (common + w.alloc_distance),
                        trk_compact_bytes (w.free_time + w.free_distance),
                        trk_compact_bytes (common + w.alloc_delta) };
  /* Number of varints after each opcode below TRK_OP_EXTENSIBLE. */
  static const uint8_t n_varints[] = { 0, 1, 1, 1, 4, 4, 2, 2, 6, 1, 2, 3, 2, 2, 2 };

  for (unsigned n = 0; n < TRK_WIDTHS_SAMPLE && end - p >= 8; n++)
    {
      unsigned kind = *p & 3, opcode = *p >> 2;
      uint64_t f[6], word, time, size, stack;

      if (kind != TRK_KIND_OTHER)
        {
          memcpy (&word, p, sizeof word);
          p += bytes[kind];
          word >>= 2;
          if (kind == TRK_KIND_FREE)
            {
              histogram_add (self, FREE_TIME, take (&word, w.free_time));
              histogram_add (self, FREE_DISTANCE, take (&word, w.free_distance));
              continue;
            }
          time = take (&word, w.alloc_time);
          size = take (&word, w.alloc_size);
          stack = take (&word, w.alloc_stack);
          histogram_add_alloc (self, time, size, stack);
          if (kind == TRK_KIND_ALLOC_REUSE)
            histogram_add (self, ALLOC_DISTANCE, take (&word, w.alloc_distance));
          else
            histogram_add (self, ALLOC_DELTA, take (&word, w.alloc_delta));
          continue;
        }

      p++;
      if (opcode >= TRK_OP_EXTENSIBLE)
        {
          if (!(p = trk_varint_get (p, end, &f[0])) || f[0] > (uint64_t) (end - p))
            return;
          p += f[0];
          continue;
        }
      if (opcode == TRK_OP_END || opcode >= sizeof n_varints)
        return;
      for (unsigned i = 0; i < n_varints[opcode]; i++)
        if (!(p = trk_varint_get (p, end, &f[i])))
          return;
      if (opcode == TRK_OP_ALLOC || opcode == TRK_OP_ALLOC_REUSE)
        {
          histogram_add_alloc (self, f[0], f[1], f[2]);
          if (opcode == TRK_OP_ALLOC_REUSE)
            histogram_add (self, ALLOC_DISTANCE, f[3]);
          else if ((trk_unzigzag (f[3]) & 15) == 0)
            histogram_add (self, ALLOC_DELTA, trk_zigzag (trk_unzigzag (f[3]) >> 4));
        }
      else if (opcode == TRK_OP_FREE_DISTANCE)
        {
          histogram_add (self, FREE_TIME, f[0]);
          histogram_add (self, FREE_DISTANCE, f[1]);
        }
    }
}

TrkEventWidths
trk_event_widths_choose (const TrkBlockHeader *header, const uint8_t *payload, uint32_t n_bytes)
{
  TrkEventWidths old = header->widths, best = { 0 };
  WidthHistogram histogram;
  unsigned common;

  memset (&histogram, 0, sizeof histogram);
  histogram_fill (&histogram, old, payload, payload + n_bytes);

  /* The caps keep every compact record within 62 bits. */
  best.alloc_time = histogram_best_width (&histogram, ALLOC_TIME, old.alloc_time, 16);
  best.alloc_size = histogram_best_width (&histogram, ALLOC_SIZE, old.alloc_size, 16);
  best.alloc_stack = histogram_best_width (&histogram, ALLOC_STACK, old.alloc_stack, 12);
  best.alloc_distance = histogram_best_width (&histogram, ALLOC_DISTANCE, old.alloc_distance, 17);
  best.alloc_delta = histogram_best_width (&histogram, ALLOC_DELTA, old.alloc_delta, 18);
  best.free_time = histogram_best_width (&histogram, FREE_TIME, old.free_time, 24);
  best.free_distance = histogram_best_width (&histogram, FREE_DISTANCE, old.free_distance, 17);

  /* Whole bytes are stored in any case: give the spare bits to the time, whose tail is longest. */
  common = best.alloc_time + best.alloc_size + best.alloc_stack
           + (best.alloc_distance > best.alloc_delta ? best.alloc_distance : best.alloc_delta);
  while ((common + 2) % 8 != 0 && common < 62)
    {
      best.alloc_time++;
      common++;
    }
  while ((best.free_time + best.free_distance + 2) % 8 != 0)
    best.free_time++;
  return best;
}
