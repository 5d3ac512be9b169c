/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The hot loop of loading.  The decoder's state is kept in locals; every check that fails leaves the
 * loop before the record, and trk-event-decoder.c, which says what is wrong with it, takes it up again.
 *
 *   parse     the bits of some records; an address that is told by a distance is only a place in the ring,
 *             which is fetched
 *   resolve   the same records: from places to addresses, and new addresses into the ring
 *
 * The rings of a program's threads are larger than the caches.  Nothing that is parsed depends on an
 * address that is told by a distance, so that their misses are paid together.
 */
#include "trk-event-run.h"

#include <string.h>
#include "trk-varint.h"

/* A record may be begun when two words can be read from where it begins: itself, and one behind a LATE. */
#define READABLE_BYTES 16U

/* Records that are parsed before they are resolved. */
#define WINDOW 32U

typedef struct {
  const uint8_t *payload;
  uint64_t n_bits, end_bits; /* end: behind it no record may begin */
  uint64_t ticks, floor_ticks;
  uint64_t last_address, last_size;
  uint64_t n_known; /* of the ring, all records parsed */
  TrkAddressBases bases;
} Run;

/* What is left to do for a record. */
typedef struct {
  uint64_t place; /* number in the ring of the address, if it is told by a distance */
  bool is_told, is_pushed;
} Pending;

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

/* FALSE: no such place was ever filled. */
static inline bool
find_place (const Run *run, const TrkAddressRing *ring, uint64_t distance, Pending *pending)
{
  pending->is_told = false;
  pending->place = run->n_known - distance;
  __builtin_prefetch (&ring->address[pending->place & (TRK_MAX_DISTANCE - 1)]);
  return distance - 1 < TRK_MAX_DISTANCE && distance <= run->n_known - ring->first_known;
}

static inline void
put_event (TrkBriefEvent *event, Run *run, uint64_t elapsed, unsigned kind)
{
  run->ticks += elapsed; /* modulo 2^64, if a file says so */
  run->floor_ticks = run->ticks < run->floor_ticks ? run->floor_ticks : run->ticks;
  event->ticks = run->floor_ticks;
  event->kind = (uint8_t) kind;
}

/* The address of a record is told by it, and is a new one in the ring.  FALSE: it is none. */
static inline bool
tell_address (Run *run, TrkBriefEvent *event, Pending *pending, uint64_t address)
{
  event->address = address;
  pending->is_told = pending->is_pushed = true;
  run->n_known++;
  return address != TRK_ADDRESS_UNKNOWN;
}

/* Where an address told as a difference lies. */
static inline uint64_t
take_far_address (Run *run, unsigned region_bits, uint64_t field)
{
  uint32_t region = (uint32_t) field & run->bases.mask;
  uint64_t address =
      run->bases.previous[region] + ((uint64_t) trk_unzigzag (field >> region_bits) << 4);

  trk_address_bases_set (&run->bases, region, address);
  return address;
}

/* These return false, and leave @run in no state to go on from, if something is wrong with the record. */
static inline bool
parse_alloc (const TrkEventDecoder *self,
             Run *run,
             uint64_t word,
             uint64_t late,
             const uint32_t *stacks,
             TrkBriefEvent *event,
             Pending *pending)
{
  const TrkEventWidths *w = &self->widths;
  unsigned kind = (word & 3) == TRK_KIND_LONGER ? word & 15 : word & 3;
  unsigned kind_bits = kind == TRK_KIND_ALLOC_REUSE ? 2 : 4;
  unsigned common = 0U + w->alloc_time + w->alloc_size + w->alloc_stack;
  uint64_t local, distance, address;

  word >>= kind_bits;
  run->n_bits += kind_bits + common;
  put_event (event, run, low_bits (word, w->alloc_time) + (late << w->alloc_time), TRK_BRIEF_ALLOC);
  event->size = low_bits (word >> w->alloc_time, w->alloc_size);
  local = low_bits (word >> (w->alloc_time + w->alloc_size), w->alloc_stack);
  word >>= common;
  if (local >= self->n_local_stacks)
    return false;
  event->stack = stacks[local];
  if (kind == TRK_KIND_ALLOC_REUSE)
    {
      bool found;

      run->n_bits += w->alloc_distance;
      distance = low_bits (word, w->alloc_distance);
      found = find_place (run, self->ring, distance, pending);
      pending->is_pushed = true;
      run->n_known++;
      return found;
    }
  if (kind == TRK_KIND_ALLOC_NEXT)
    {
      if (run->last_address == TRK_ADDRESS_UNKNOWN)
        return false;
      address = trk_address_behind (run->last_address, run->last_size);
    }
  else
    {
      run->n_bits += w->alloc_delta;
      address = take_far_address (run, w->region_bits, low_bits (word, w->alloc_delta));
    }
  run->last_address = address;
  run->last_size = event->size;
  return tell_address (run, event, pending, address);
}

static inline bool
parse_free (const TrkEventDecoder *self,
            Run *run,
            uint64_t word,
            uint64_t late,
            TrkBriefEvent *event,
            Pending *pending)
{
  const TrkEventWidths *w = &self->widths;
  bool is_by_distance = (word & 3) == TRK_KIND_FREE;
  bool is_near = !is_by_distance && (word & 15) == TRK_KIND_FREE_NEAR;
  unsigned kind_bits = is_by_distance ? 2 : is_near ? 4 : 5;

  word >>= kind_bits;
  put_event (event, run, low_bits (word, w->free_time) + (late << w->free_time), TRK_BRIEF_FREE);
  word >>= w->free_time;
  run->n_bits += kind_bits + w->free_time;
  if (is_by_distance)
    {
      run->n_bits += w->free_distance;
      pending->is_pushed = false;
      return find_place (run, self->ring, low_bits (word, w->free_distance), pending);
    }
  if (is_near)
    {
      run->n_bits += w->free_near;
      word = low_bits (word, w->free_near);
      trk_address_bases_set (&run->bases, run->bases.latest,
                             trk_address_bases_get_latest (&run->bases)
                                 + ((uint64_t) trk_unzigzag (word) << 4));
      return tell_address (run, event, pending, trk_address_bases_get_latest (&run->bases));
    }
  run->n_bits += w->free_far;
  return tell_address (run, event, pending,
                       take_far_address (run, w->region_bits, low_bits (word, w->free_far)));
}

/* A record of whole bytes: what is too large for the block's fields. */
static bool
parse_long (const TrkEventDecoder *self,
            Run *run,
            const uint32_t *stacks,
            TrkBriefEvent *event,
            Pending *pending)
{
  static const uint8_t n_fields[] = { [TRK_OP_ALLOC] = 4,
                                      [TRK_OP_ALLOC_REUSE] = 4,
                                      [TRK_OP_FREE] = 2,
                                      [TRK_OP_FREE_DISTANCE] = 2 };
  const uint8_t *p = run->payload + (run->n_bits + 7) / 8, *end = self->payload + self->n_bytes;
  unsigned opcode = *p >> 2;
  bool is_alloc = opcode == TRK_OP_ALLOC || opcode == TRK_OP_ALLOC_REUSE;
  uint64_t fields[4], address;
  bool found;

  p++;
  for (unsigned i = 0; i < n_fields[opcode]; i++)
    if ((p = trk_varint_get (p, end, &fields[i])) == NULL)
      return false;
  run->n_bits = (uint64_t) (p - run->payload) * 8;
  put_event (event, run, fields[0], is_alloc ? TRK_BRIEF_ALLOC : TRK_BRIEF_FREE);
  if (is_alloc)
    {
      if (fields[2] >= self->n_local_stacks)
        return false;
      event->size = fields[1];
      event->stack = stacks[fields[2]];
    }
  if (opcode == TRK_OP_ALLOC_REUSE || opcode == TRK_OP_FREE_DISTANCE)
    {
      found = find_place (run, self->ring, fields[is_alloc ? 3 : 1], pending);
      pending->is_pushed = is_alloc;
      run->n_known += is_alloc;
      return found;
    }
  address = trk_address_bases_get_latest (&run->bases)
            + (uint64_t) trk_unzigzag (fields[is_alloc ? 3 : 1]);
  trk_address_bases_set (&run->bases, trk_address_bases_region (&run->bases, address), address);
  if (is_alloc)
    {
      run->last_address = address;
      run->last_size = event->size;
    }
  return tell_address (run, event, pending, address);
}

/* Whether one of the three above is for the record; the last word is theirs. */
static inline bool
is_common (const Run *run)
{
  uint64_t word = get_word (run);
  unsigned first;

  if ((word & 3) != TRK_KIND_OTHER)
    return true;
  first = run->payload[(run->n_bits + 7) / 8];
  return (first & 3) == TRK_KIND_OTHER && first >> 2 >= TRK_OP_ALLOC
         && first >> 2 <= TRK_OP_FREE_DISTANCE;
}

static inline bool
parse_record (const TrkEventDecoder *self,
              Run *run,
              const uint32_t *stacks,
              TrkBriefEvent *event,
              Pending *pending)
{
  uint64_t word = get_word (run), late = 0;

  if ((word & 3) == TRK_KIND_OTHER)
    return parse_long (self, run, stacks, event, pending);
  if (__builtin_expect ((word & 31) == TRK_KIND_LATE, 0))
    {
      late = low_bits (word >> 5, TRK_LATE_BITS);
      run->n_bits += 5 + TRK_LATE_BITS;
      word = get_word (run);
      if ((word & 3) == TRK_KIND_OTHER || (word & 31) == TRK_KIND_LATE)
        return false;
    }
  if ((word & 3) == TRK_KIND_ALLOC_REUSE || (word & 11) == TRK_KIND_ALLOC_DELTA)
    return parse_alloc (self, run, word, late, stacks, event, pending);
  return parse_free (self, run, word, late, event, pending);
}

/* Returns how many were, up to the first whose address was lost with a block. */
static size_t
resolve (TrkAddressRing *ring, uint64_t n_known, TrkBriefEvent *events, const Pending *p, size_t n)
{
  for (size_t i = 0; i < n; i++)
    {
      if (!p[i].is_told)
        events[i].address = ring->address[p[i].place & (TRK_MAX_DISTANCE - 1)];
      if (events[i].address == TRK_ADDRESS_UNKNOWN)
        return i;
      if (p[i].is_pushed)
        ring->address[n_known++ & (TRK_MAX_DISTANCE - 1)] = events[i].address;
    }
  return n;
}

/* Up to @max records.  @whole is false if that was not for the reason that they are common no more. */
static size_t
parse_window (const TrkEventDecoder *self,
              Run *run,
              const uint32_t *stacks,
              TrkBriefEvent *events,
              Pending *pending,
              size_t max,
              bool *whole)
{
  size_t n = 0;

  *whole = true;
  while (n < max && run->n_bits < run->end_bits && is_common (run))
    {
      events[n].domain = self->domain;
      events[n].call = TRK_CALL_PLAIN;
      *whole = parse_record (self, run, stacks, &events[n], &pending[n]);
      if (!*whole)
        break;
      n++;
    }
  return n;
}

/* Records before one that something is wrong with are parsed once more: it is rare.  They are not resolved
 * once more, as the ring has their addresses by now, in the place of those that they had been told by. */
static size_t
run_window (TrkEventDecoder *self,
            Run *run,
            const uint32_t *stacks,
            TrkBriefEvent *events,
            size_t max,
            bool *whole)
{
  Pending pending[WINDOW];
  Run begin = *run;
  size_t n = parse_window (self, run, stacks, events, pending, max, whole);
  size_t n_resolved = resolve (self->ring, begin.n_known, events, pending, n);
  bool again;

  if (*whole && n_resolved == n)
    return n;
  *whole = false;
  *run = begin;
  return parse_window (self, run, stacks, events, pending, n_resolved, &again);
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
              .last_address = self->last_address,
              .last_size = self->last_size,
              .n_known = self->ring->n_known,
              .bases = self->bases };
  bool whole = true;
  size_t n = 0;

  if (self->call != TRK_CALL_PLAIN || self->free_stack != 0)
    return 0;
  while (whole && n < max)
    {
      size_t wanted = max - n < WINDOW ? max - n : WINDOW;
      size_t n_more = run_window (self, &run, stacks, events + n, wanted, &whole);

      n += n_more;
      if (n_more < wanted)
        break;
    }
  self->n_bits_read = (uint32_t) run.n_bits;
  self->ticks = run.ticks;
  self->sequence += run.n_known - self->ring->n_known;
  self->last_address = run.last_address;
  self->last_size = run.last_size;
  self->bases = run.bases;
  self->ring->n_known = run.n_known;
  return n;
}
