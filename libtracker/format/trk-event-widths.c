/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-event-widths.h"

#include <stdbool.h>
#include <string.h>

#include "trk-event-encoder.h"
#include "trk-varint.h"

#define MAX_WIDTH 32U
#define LONG_RECORD_BITS 32U
#define LATE_RECORD_BITS 20U
#define FAR_BITS 18U /* what a far address takes more than a near one */

typedef struct {
  uint16_t count[MAX_WIDTH + 1]; /* by bit length; the last holds all longer ones */
} Lengths;

/* Differences of addresses, as they would be with one region or with many. */
typedef struct {
  TrkAddressBases bases;
  Lengths alloc_delta;
  Lengths free_same; /* frees in the region of the address before */
  Lengths free_other;
} AddressLengths;

typedef struct {
  Lengths alloc_time, alloc_size, alloc_stack, alloc_distance, free_time, free_distance;
  AddressLengths addresses[2];
} WidthHistogram;

static const unsigned region_bits_of[2] = { 0, TRK_MAX_REGION_BITS };

TrkEventWidths
trk_event_widths_default (void)
{
  return (TrkEventWidths) {
    .alloc_time = 8,
    .alloc_size = 11,
    .alloc_stack = 4,
    .alloc_distance = 12,
    .alloc_delta = 20,
    .free_time = 8,
    .free_distance = 12,
    .free_near = 8,
    .free_far = 20,
    .region_bits = TRK_MAX_REGION_BITS,
  };
}

/* --- counting --------------------------------------------------------------------------------- */

static void
add (Lengths *self, uint64_t value)
{
  unsigned length = value ? 64U - (unsigned) __builtin_clzll (value) : 0;

  self->count[length < MAX_WIDTH ? length : MAX_WIDTH]++;
}

static void
add_address (WidthHistogram *self, uint64_t address, bool is_free)
{
  for (unsigned i = 0; i < 2; i++)
    {
      AddressLengths *lengths = &self->addresses[i];
      TrkAddressBases *bases = &lengths->bases;
      uint32_t region = trk_address_bases_region (bases, address);
      uint64_t delta = address - bases->previous[region];
      uint64_t value = delta & 15 ? UINT64_MAX : trk_zigzag ((int64_t) delta >> 4);

      add (!is_free                  ? &lengths->alloc_delta
           : region == bases->latest ? &lengths->free_same
                                     : &lengths->free_other,
           value);
      trk_address_bases_set (bases, region, address);
    }
}

/* A walk through our own bytes. */
typedef struct {
  TrkEventWidths widths;
  const uint8_t *payload;
  uint32_t n_bytes, n_bits_read;
  uint64_t late;
  TrkAddressBases bases;
} Walk;

static uint64_t
take (Walk *self, unsigned n_bits)
{
  uint64_t word;

  memcpy (&word, self->payload + self->n_bits_read / 8, sizeof word);
  word >>= self->n_bits_read % 8;
  self->n_bits_read += n_bits;
  return word & (((uint64_t) 1 << n_bits) - 1);
}

static uint64_t
take_time (Walk *self, unsigned width)
{
  uint64_t time = take (self, width) + (self->late << width);

  self->late = 0;
  return time;
}

static uint64_t
move_base (Walk *self, uint32_t region, uint64_t zigzag_delta)
{
  uint64_t address = self->bases.previous[region] + ((uint64_t) trk_unzigzag (zigzag_delta) << 4);

  trk_address_bases_set (&self->bases, region, address);
  return address;
}

static uint64_t
take_far (Walk *self, unsigned width)
{
  uint64_t field = take (self, width);

  return move_base (self, (uint32_t) field & self->bases.mask, field >> self->widths.region_bits);
}

static void
walk_compact (Walk *self, WidthHistogram *histogram)
{
  const TrkEventWidths *w = &self->widths;
  unsigned kind = (unsigned) take (self, 2);

  if (kind == TRK_KIND_LONGER)
    kind |= (unsigned) take (self, 2) << 2;
  if (kind == TRK_KIND_FREE_FAR)
    kind |= (unsigned) take (self, 1) << 4;
  switch (kind)
    {
    case TRK_KIND_LATE:
      self->late = take (self, TRK_LATE_BITS);
      break;
    case TRK_KIND_FREE:
      add (&histogram->free_time, take_time (self, w->free_time));
      add (&histogram->free_distance, take (self, w->free_distance));
      break;
    case TRK_KIND_FREE_NEAR:
      add (&histogram->free_time, take_time (self, w->free_time));
      add_address (histogram, move_base (self, self->bases.latest, take (self, w->free_near)),
                   true);
      break;
    case TRK_KIND_FREE_FAR:
      add (&histogram->free_time, take_time (self, w->free_time));
      add_address (histogram, take_far (self, w->free_far), true);
      break;
    default:
      add (&histogram->alloc_time, take_time (self, w->alloc_time));
      add (&histogram->alloc_size, take (self, w->alloc_size));
      add (&histogram->alloc_stack, take (self, w->alloc_stack));
      if (kind == TRK_KIND_ALLOC_REUSE)
        add (&histogram->alloc_distance, take (self, w->alloc_distance));
      else if (kind == TRK_KIND_ALLOC_DELTA)
        add_address (histogram, take_far (self, w->alloc_delta), false);
      break;
    }
}

static uint64_t
move_latest (Walk *self, uint64_t zigzag_delta)
{
  uint64_t address =
      trk_address_bases_get_latest (&self->bases) + (uint64_t) trk_unzigzag (zigzag_delta);

  trk_address_bases_set (&self->bases, trk_address_bases_region (&self->bases, address), address);
  return address;
}

static void
count_long (Walk *self, WidthHistogram *histogram, unsigned opcode, const uint64_t *f)
{
  switch (opcode)
    {
    case TRK_OP_ALLOC:
    case TRK_OP_ALLOC_REUSE:
      add (&histogram->alloc_time, f[0]);
      add (&histogram->alloc_size, f[1]);
      add (&histogram->alloc_stack, f[2]);
      if (opcode == TRK_OP_ALLOC_REUSE)
        add (&histogram->alloc_distance, f[3]);
      else
        add_address (histogram, move_latest (self, f[3]), false);
      break;
    case TRK_OP_FREE:
      add (&histogram->free_time, f[0]);
      add_address (histogram, move_latest (self, f[1]), true);
      break;
    case TRK_OP_FREE_DISTANCE:
      add (&histogram->free_time, f[0]);
      add (&histogram->free_distance, f[1]);
      break;
    case TRK_OP_REALLOC:
      (void) move_latest (self, f[4]);
      (void) move_latest (self, f[5]);
      break;
    case TRK_OP_FOREIGN_FREE:
      (void) move_latest (self, f[1]);
      break;
    default:
      break;
    }
}

/* False at the end, or at anything odd. */
static bool
walk_long (Walk *self, WidthHistogram *histogram)
{
  /* Number of varints after each opcode below TRK_OP_EXTENSIBLE. */
  static const uint8_t n_varints[] = { 0, 1, 1, 1, 4, 4, 2, 2, 6, 1, 2, 3, 2, 2, 2 };
  const uint8_t *p = self->payload + trk_committed_bytes (self->n_bits_read);
  const uint8_t *end = self->payload + self->n_bytes;
  unsigned opcode = *p++ >> 2;
  uint64_t f[6];

  if (opcode >= TRK_OP_EXTENSIBLE)
    {
      if (!(p = trk_varint_get (p, end, &f[0])) || f[0] > (uint64_t) (end - p))
        return false;
      p += f[0];
    }
  else
    {
      if (opcode == TRK_OP_END || opcode >= sizeof n_varints)
        return false;
      for (unsigned i = 0; i < n_varints[opcode]; i++)
        if (!(p = trk_varint_get (p, end, &f[i])))
          return false;
      count_long (self, histogram, opcode, f);
    }
  self->n_bits_read = (uint32_t) (p - self->payload) * 8;
  return true;
}

static void
fill (WidthHistogram *self, TrkEventWidths widths, const uint8_t *payload, uint32_t n_bytes)
{
  /* A record of two words may be read at once. */
  const uint32_t margin = 2 * sizeof (uint64_t);
  Walk walk = { .widths = widths, .payload = payload, .n_bytes = n_bytes };

  trk_address_bases_init (&walk.bases, widths.region_bits);
  for (unsigned i = 0; i < 2; i++)
    trk_address_bases_init (&self->addresses[i].bases, region_bits_of[i]);
  for (unsigned n = 0; n < TRK_WIDTHS_SAMPLE && walk.n_bits_read / 8 + margin <= n_bytes; n++)
    {
      if ((payload[walk.n_bits_read / 8] | payload[walk.n_bits_read / 8 + 1] << 8)
              >> walk.n_bits_read % 8
          & 3)
        walk_compact (&walk, self);
      else if (!walk_long (&walk, self))
        return;
    }
}

/* --- choosing --------------------------------------------------------------------------------- */

/* The best width up to @most, which costs *@cost bits in all; @otherwise where there is nothing to go by. */
static uint8_t
choose (const Lengths *self, unsigned otherwise, unsigned most, unsigned over_bits, uint64_t *cost)
{
  unsigned total = 0, over = 0, best = otherwise;
  uint64_t best_cost = UINT64_MAX;

  for (unsigned w = 0; w <= MAX_WIDTH; w++)
    total += self->count[w];
  if (total == 0)
    return (uint8_t) (otherwise < most ? otherwise : most);
  for (int w = MAX_WIDTH - 1; w >= 0; w--)
    {
      uint64_t w_cost;

      over += self->count[w + 1];
      w_cost = (uint64_t) total * (unsigned) w + (uint64_t) over * over_bits;
      if ((unsigned) w <= most && w_cost < best_cost)
        {
          best_cost = w_cost;
          best = (unsigned) w;
        }
    }
  *cost += best_cost;
  return (uint8_t) best;
}

/* Fills in the widths of addresses.  Returns the bits that all addresses of the sample would take. */
static uint64_t
choose_addresses (const AddressLengths *self,
                  unsigned region_bits,
                  TrkEventWidths old,
                  TrkEventWidths *best)
{
  Lengths far = self->free_other;
  unsigned old_delta = old.alloc_delta - old.region_bits, old_far = old.free_far - old.region_bits;
  uint64_t cost = 0, near_cost = 0;

  best->region_bits = (uint8_t) region_bits;
  best->alloc_delta = (uint8_t) (region_bits
                                 + choose (&self->alloc_delta, old_delta, 26 - region_bits,
                                           LONG_RECORD_BITS, &cost));
  best->free_near = choose (&self->free_same, old.free_near, 16, FAR_BITS, &near_cost);
  for (unsigned w = 0; w <= MAX_WIDTH; w++)
    {
      if (w > best->free_near)
        far.count[w] = (uint16_t) (far.count[w] + self->free_same.count[w]);
      else
        cost += (uint64_t) self->free_same.count[w] * best->free_near;
      cost += (uint64_t) (self->alloc_delta.count[w] + far.count[w]) * region_bits;
    }
  best->free_far =
      (uint8_t) (region_bits + choose (&far, old_far, 32 - region_bits, LONG_RECORD_BITS, &cost));
  return cost;
}

/* Keeps every compact record within its word: a time, size or stack that is wide is rare, or else the
 * sample's are all alike. */
static void
narrow (TrkEventWidths *self)
{
  unsigned address =
      self->alloc_delta > self->alloc_distance ? self->alloc_delta : self->alloc_distance;

  while (4U + self->alloc_time + self->alloc_size + self->alloc_stack + address
         > TRK_COMPACT_MAX_BITS)
    {
      if (self->alloc_time >= self->alloc_size && self->alloc_time >= self->alloc_stack)
        self->alloc_time--;
      else if (self->alloc_size >= self->alloc_stack)
        self->alloc_size--;
      else
        self->alloc_stack--;
    }
}

TrkEventWidths
trk_event_widths_choose (const TrkBlockHeader *header, const uint8_t *payload, uint32_t n_bytes)
{
  TrkEventWidths old = header->widths, best, one_region;
  WidthHistogram h;
  uint64_t unused = 0;

  memset (&h, 0, sizeof h);
  fill (&h, old, payload, n_bytes);

  best = (TrkEventWidths) {
    .alloc_time = choose (&h.alloc_time, old.alloc_time, 16, LATE_RECORD_BITS, &unused),
    .alloc_size = choose (&h.alloc_size, old.alloc_size, 16, LONG_RECORD_BITS, &unused),
    .alloc_stack = choose (&h.alloc_stack, old.alloc_stack, 12, LONG_RECORD_BITS, &unused),
    .alloc_distance = choose (&h.alloc_distance, old.alloc_distance, 17, LONG_RECORD_BITS, &unused),
    .free_time = choose (&h.free_time, old.free_time, 16, LATE_RECORD_BITS, &unused),
    .free_distance = choose (&h.free_distance, old.free_distance, 17, LONG_RECORD_BITS, &unused),
  };
  one_region = best;
  if (choose_addresses (&h.addresses[0], 0, old, &one_region)
      <= choose_addresses (&h.addresses[1], TRK_MAX_REGION_BITS, old, &best))
    best = one_region;
  narrow (&best);
  return best;
}
