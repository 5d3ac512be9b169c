/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The hot loop of loading.  The decoder's state is kept in locals; every check that fails leaves the
 * loop before the record, and trk-event-decoder.c, which says what is wrong with it, takes it up again.
 */
#include "trk-event-run.h"

#include <string.h>
#include "trk-varint.h"

/* A record may be begun when two words can be read from where it begins: itself, and one behind a LATE. */
#define READABLE_BYTES 16U

typedef struct {
  const uint8_t *payload;
  uint64_t n_bits, end_bits; /* end: behind it no record may begin */
  uint64_t ticks, floor_ticks, sequence;
  uint64_t last_address, last_size;
  TrkAddressRing *ring;
  uint64_t n_known;
} Run;

static inline uint64_t
get_word (const Run *run)
{
  uint64_t word;

  memcpy (&word, run->payload + run->n_bits / 8, sizeof word);
  return word >> run->n_bits % 8;
}

static inline uint64_t
low_bits (uint64_t word, unsigned n_bits)
{
  return word & (((uint64_t) 1 << n_bits) - 1);
}

static inline void
push_address (Run *run, uint64_t address)
{
  run->ring->address[run->n_known++ & (TRK_MAX_DISTANCE - 1)] = address;
  run->sequence++;
}

/* 0: not known. */
static inline uint64_t
get_address (const Run *run, uint64_t distance)
{
  if (distance - 1 >= TRK_MAX_DISTANCE || distance > run->n_known - run->ring->first_known)
    return TRK_ADDRESS_UNKNOWN;
  return run->ring->address[(run->n_known - distance) & (TRK_MAX_DISTANCE - 1)];
}

static inline void
put_event (TrkBriefEvent *event, Run *run, uint64_t elapsed, uint64_t address, unsigned kind)
{
  run->ticks += elapsed; /* modulo 2^64, if a file says so */
  run->floor_ticks = run->ticks < run->floor_ticks ? run->floor_ticks : run->ticks;
  event->ticks = run->floor_ticks;
  event->address = address;
  event->kind = (uint8_t) kind;
}

/* Where an address told as a difference lies.  *@region gets its region. */
static inline uint64_t
get_far_address (const TrkEventDecoder *self, uint64_t field, uint32_t *region)
{
  *region = (uint32_t) field & self->bases.mask;
  return self->bases.previous[*region]
         + ((uint64_t) trk_unzigzag (field >> self->widths.region_bits) << 4);
}

static inline bool
run_alloc (TrkEventDecoder *self,
           Run *run,
           uint64_t word,
           uint64_t late,
           const uint32_t *stacks,
           TrkBriefEvent *event)
{
  const TrkEventWidths *w = &self->widths;
  unsigned kind = (word & 3) == TRK_KIND_LONGER ? word & 15 : word & 3;
  unsigned kind_bits = kind == TRK_KIND_ALLOC_REUSE ? 2 : 4;
  unsigned common = 0U + w->alloc_time + w->alloc_size + w->alloc_stack;
  uint64_t elapsed, size, local, address;
  uint32_t region = 0;

  word >>= kind_bits;
  elapsed = low_bits (word, w->alloc_time) + (late << w->alloc_time);
  size = low_bits (word >> w->alloc_time, w->alloc_size);
  local = low_bits (word >> (w->alloc_time + w->alloc_size), w->alloc_stack);
  word >>= common;
  if (local >= self->n_local_stacks)
    return false;
  if (kind == TRK_KIND_ALLOC_REUSE)
    {
      common += w->alloc_distance;
      address = get_address (run, low_bits (word, w->alloc_distance));
    }
  else if (kind == TRK_KIND_ALLOC_NEXT)
    {
      address = run->last_address ? trk_address_behind (run->last_address, run->last_size) : 0;
    }
  else
    {
      common += w->alloc_delta;
      address = get_far_address (self, low_bits (word, w->alloc_delta), &region);
    }
  if (address == TRK_ADDRESS_UNKNOWN)
    return false;
  if (kind != TRK_KIND_ALLOC_REUSE)
    {
      if (kind == TRK_KIND_ALLOC_DELTA)
        trk_address_bases_set (&self->bases, region, address);
      run->last_address = address;
      run->last_size = size;
    }
  run->n_bits += kind_bits + common;
  put_event (event, run, elapsed, address, TRK_BRIEF_ALLOC);
  event->size = size;
  event->stack = stacks[local];
  push_address (run, address);
  return true;
}

static inline bool
run_free (TrkEventDecoder *self, Run *run, uint64_t word, uint64_t late, TrkBriefEvent *event)
{
  const TrkEventWidths *w = &self->widths;
  uint64_t elapsed, address;
  uint32_t region = self->bases.latest;

  if ((word & 3) == TRK_KIND_FREE)
    {
      elapsed = low_bits (word >> 2, w->free_time) + (late << w->free_time);
      address = get_address (run, low_bits (word >> (2 + w->free_time), w->free_distance));
      if (address == TRK_ADDRESS_UNKNOWN)
        return false;
      run->n_bits += 2U + w->free_time + w->free_distance;
      put_event (event, run, elapsed, address, TRK_BRIEF_FREE);
      return true;
    }
  if ((word & 15) == TRK_KIND_FREE_NEAR)
    {
      word >>= 4;
      address = self->bases.previous[region]
                + ((uint64_t) trk_unzigzag (low_bits (word >> w->free_time, w->free_near)) << 4);
      run->n_bits += 4U + w->free_time + w->free_near;
    }
  else
    {
      word >>= 5;
      address = get_far_address (self, low_bits (word >> w->free_time, w->free_far), &region);
      run->n_bits += 5U + w->free_time + w->free_far;
    }
  if (address == TRK_ADDRESS_UNKNOWN)
    return false;
  elapsed = low_bits (word, w->free_time) + (late << w->free_time);
  trk_address_bases_set (&self->bases, region, address);
  put_event (event, run, elapsed, address, TRK_BRIEF_FREE);
  push_address (run, address);
  return true;
}

/* A record of whole bytes: what is too large for the block's fields. */
static bool
run_long (TrkEventDecoder *self, Run *run, const uint32_t *stacks, TrkBriefEvent *event)
{
  static const uint8_t n_fields[] = { [TRK_OP_ALLOC] = 4,
                                      [TRK_OP_ALLOC_REUSE] = 4,
                                      [TRK_OP_FREE] = 2,
                                      [TRK_OP_FREE_DISTANCE] = 2 };
  const uint8_t *p = run->payload + (run->n_bits + 7) / 8, *end = self->payload + self->n_bytes;
  unsigned opcode = *p >> 2;
  bool is_alloc = opcode == TRK_OP_ALLOC || opcode == TRK_OP_ALLOC_REUSE;
  bool is_told = opcode == TRK_OP_ALLOC || opcode == TRK_OP_FREE;
  uint64_t fields[4], address;

  if ((*p++ & 3) != TRK_KIND_OTHER || opcode < TRK_OP_ALLOC || opcode > TRK_OP_FREE_DISTANCE)
    return false;
  for (unsigned i = 0; i < n_fields[opcode]; i++)
    if ((p = trk_varint_get (p, end, &fields[i])) == NULL)
      return false;
  if (is_alloc && fields[2] >= self->n_local_stacks)
    return false;
  if (is_told)
    address = trk_address_bases_get_latest (&self->bases)
              + (uint64_t) trk_unzigzag (fields[is_alloc ? 3 : 1]);
  else
    address = get_address (run, fields[is_alloc ? 3 : 1]);
  if (address == TRK_ADDRESS_UNKNOWN)
    return false;

  run->n_bits = (uint64_t) (p - run->payload) * 8;
  if (is_told)
    trk_address_bases_set (&self->bases, trk_address_bases_region (&self->bases, address), address);
  put_event (event, run, fields[0], address, is_alloc ? TRK_BRIEF_ALLOC : TRK_BRIEF_FREE);
  if (is_alloc)
    {
      event->size = fields[1];
      event->stack = stacks[fields[2]];
    }
  if (opcode == TRK_OP_ALLOC)
    {
      run->last_address = address;
      run->last_size = event->size;
    }
  if (is_alloc || is_told)
    push_address (run, address);
  return true;
}

/* FALSE: the record is left where it is. */
static inline bool
run_record (TrkEventDecoder *self, Run *run, const uint32_t *stacks, TrkBriefEvent *event)
{
  uint64_t begin = run->n_bits, word = get_word (run), late = 0;
  bool done;

  if (__builtin_expect ((word & 31) == TRK_KIND_LATE, 0))
    {
      late = low_bits (word >> 5, TRK_LATE_BITS);
      run->n_bits += 5 + TRK_LATE_BITS;
      word = get_word (run);
    }
  if ((word & 3) == TRK_KIND_ALLOC_REUSE || (word & 11) == TRK_KIND_ALLOC_DELTA)
    done = run_alloc (self, run, word, late, stacks, event);
  else if ((word & 3) == TRK_KIND_OTHER)
    done = run->n_bits == begin && run_long (self, run, stacks, event);
  else if ((word & 31) == TRK_KIND_LATE)
    done = false;
  else
    done = run_free (self, run, word, late, event);
  if (!done)
    run->n_bits = begin;
  return done;
}

void
trk_event_decoder_run_stacks (TrkEventDecoder *self)
{
  const uint8_t *p = self->payload + trk_event_decoder_get_offset (self);
  const uint8_t *end = self->payload + self->n_bytes;
  uint64_t id;

  /* Between records of whole bytes and others lie bits that are no record. */
  if (self->n_bits_read / 8 >= self->n_bytes
      || (self->payload[self->n_bits_read / 8] >> self->n_bits_read % 8 & 3) != TRK_KIND_OTHER)
    return;
  while (p < end && *p == (TRK_OP_STACK << 2 | TRK_KIND_OTHER)
         && self->n_local_stacks < self->max_local_stacks
         && (p = trk_varint_get (p + 1, end, &id)) != NULL && id <= UINT32_MAX)
    {
      self->local_stacks[self->n_local_stacks++] = (uint32_t) id;
      self->n_bits_read = (uint32_t) (p - self->payload) * 8;
    }
}

size_t
trk_event_decoder_run (TrkEventDecoder *self,
                       const uint32_t *stacks,
                       uint64_t floor_ticks,
                       TrkBriefEvent *events,
                       size_t max)
{
  Run run = { .payload = self->payload,
              .n_bits = self->n_bits_read,
              .end_bits =
                  self->n_bytes > READABLE_BYTES ? (self->n_bytes - READABLE_BYTES) * 8ULL : 0,
              .ticks = self->ticks,
              .floor_ticks = floor_ticks,
              .sequence = self->sequence,
              .last_address = self->last_address,
              .last_size = self->last_size,
              .ring = self->ring,
              .n_known = self->ring->n_known };
  size_t n = 0;

  if (self->call != TRK_CALL_PLAIN || self->free_stack != 0)
    return 0;
  while (n < max && run.n_bits < run.end_bits)
    {
      TrkBriefEvent *event = &events[n];

      event->domain = self->domain;
      event->call = TRK_CALL_PLAIN;
      if (!run_record (self, &run, stacks, event))
        break;
      n++;
    }
  self->n_bits_read = (uint32_t) run.n_bits;
  self->ticks = run.ticks;
  self->sequence = run.sequence;
  self->last_address = run.last_address;
  self->last_size = run.last_size;
  self->ring->n_known = run.n_known;
  return n;
}
