/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Called by the loader on bytes that nobody vouches for: bounded reads, no allocation, no asserts. */
#include "trk-event-decoder.h"

#include "trk-varint.h"

bool
trk_event_widths_are_possible (TrkEventWidths w)
{
  unsigned common = 0U + w.alloc_time + w.alloc_size + w.alloc_stack;

  return 2U + common + w.alloc_distance <= TRK_COMPACT_MAX_BITS
         && 4U + common + w.alloc_delta <= TRK_COMPACT_MAX_BITS
         && 2U + w.free_time + w.free_distance <= TRK_COMPACT_MAX_BITS
         && 4U + w.free_time + w.free_near <= TRK_COMPACT_MAX_BITS
         && 5U + w.free_time + w.free_far <= TRK_COMPACT_MAX_BITS
         && w.region_bits <= TRK_MAX_REGION_BITS;
}

TrkDecodeStatus
trk_event_decoder_begin (TrkEventDecoder *self,
                         const TrkBlockHeader *header,
                         const uint8_t *payload,
                         uint32_t n_bytes,
                         TrkAddressRing *ring,
                         uint32_t *local_stacks,
                         uint32_t max_local_stacks)
{
  memset (self, 0, sizeof *self);
  self->payload = payload;
  if (!trk_event_widths_are_possible (header->widths) || n_bytes > TRK_MAX_BLOCK_BYTES)
    return TRK_DECODE_DAMAGED;

  self->n_bytes = n_bytes;
  self->ticks = header->first_ticks;
  self->sequence = header->first_sequence;
  self->ring = ring;
  self->local_stacks = local_stacks;
  self->max_local_stacks = max_local_stacks;
  self->widths = header->widths;
  trk_address_bases_init (&self->bases, self->widths.region_bits);
  trk_address_ring_skip_to (ring, header->first_sequence);
  return TRK_DECODE_OK;
}

uint32_t
trk_event_decoder_get_offset (const TrkEventDecoder *self)
{
  return trk_committed_bytes (self->n_bits_read);
}

/* At least TRK_COMPACT_MAX_BITS; zeros behind the payload's end. */
static inline uint64_t
peek_bits (const TrkEventDecoder *self)
{
  uint32_t at = self->n_bits_read / 8, left = self->n_bytes - at;
  uint64_t word = 0;

  if (__builtin_expect (left >= sizeof word, 1))
    memcpy (&word, self->payload + at, sizeof word);
  else
    memcpy (&word, self->payload + at, left);
  return word >> self->n_bits_read % 8;
}

static inline uint64_t
take_bits (uint64_t *word, unsigned n_bits)
{
  uint64_t value = *word & (((uint64_t) 1 << n_bits) - 1);

  *word >>= n_bits;
  return value;
}

static bool
get_local_stack (const TrkEventDecoder *self, uint64_t local, uint32_t *stack)
{
  if (local >= self->n_local_stacks)
    return false;
  *stack = self->local_stacks[local];
  return true;
}

static inline void
finish_alloc (TrkEventDecoder *self, TrkEvent *event, uint64_t elapsed)
{
  self->ticks += elapsed;
  event->kind = TRK_EVENT_ALLOC;
  event->domain = self->domain;
  event->ticks = event->end_ticks = self->ticks;
  event->sequence = self->sequence++;
  trk_address_ring_push (self->ring, event->address);
}

/* An allocation that does not go by distance: the next one may be right behind it. */
static inline void
finish_alloc_at_address (TrkEventDecoder *self, TrkEvent *event, uint64_t elapsed)
{
  self->last_address = event->address;
  self->last_size = event->size;
  finish_alloc (self, event, elapsed);
}

/* An address that was lost stays lost: the new entry of the ring is unknown too. */
static inline void
set_address_by_distance (TrkEventDecoder *self, TrkEvent *event, uint64_t distance)
{
  event->has_distance = true;
  event->origin = self->sequence - distance;
  event->address_known = trk_address_ring_get (self->ring, distance, &event->address);
}

static inline void
set_address (TrkEvent *event, uint64_t address)
{
  event->address = address;
  event->address_known = true;
}

static inline void
finish_free (TrkEventDecoder *self, TrkEvent *event, uint64_t elapsed)
{
  self->ticks += elapsed;
  event->kind = TRK_EVENT_FREE;
  event->domain = self->domain;
  event->ticks = event->end_ticks = self->ticks;
  event->stack = self->free_stack;
  self->free_stack = 0;
}

/* A free that told its address gives it the next number, as an allocation does. */
static inline void
finish_free_of_address (TrkEventDecoder *self, TrkEvent *event, uint64_t elapsed)
{
  finish_free (self, event, elapsed);
  self->sequence++;
  trk_address_ring_push (self->ring, event->address);
}

static uint64_t
unpack_address (TrkEventDecoder *self, uint32_t region, uint64_t zigzag_delta)
{
  uint64_t address = self->bases.previous[region] + ((uint64_t) trk_unzigzag (zigzag_delta) << 4);

  trk_address_bases_set (&self->bases, region, address);
  return address;
}

static uint64_t
take_far_address (TrkEventDecoder *self, uint64_t *word, unsigned width)
{
  uint64_t field = take_bits (word, width);

  return unpack_address (self, (uint32_t) field & self->bases.mask,
                         field >> self->widths.region_bits);
}

/* Right behind the last; nowhere, if there was none in this block. */
static void
set_next_address (TrkEventDecoder *self, TrkEvent *event)
{
  event->address_known = self->last_address != TRK_ADDRESS_UNKNOWN;
  if (event->address_known)
    event->address = trk_address_behind (self->last_address, self->last_size);
}

static TrkDecodeStatus
decode_compact_alloc (TrkEventDecoder *self, TrkEvent *event, uint64_t word, uint64_t late)
{
  const TrkEventWidths *w = &self->widths;
  unsigned n_bits = w->alloc_time + w->alloc_size + w->alloc_stack;
  unsigned kind = (word & 3) == TRK_KIND_LONGER ? word & 15 : word & 3;
  uint64_t elapsed;

  word >>= kind == TRK_KIND_ALLOC_REUSE ? 2 : 4;
  elapsed = take_bits (&word, w->alloc_time) + (late << w->alloc_time);
  event->size = take_bits (&word, w->alloc_size);
  if (!get_local_stack (self, take_bits (&word, w->alloc_stack), &event->stack))
    return TRK_DECODE_DAMAGED;
  if (kind == TRK_KIND_ALLOC_REUSE)
    {
      set_address_by_distance (self, event, take_bits (&word, w->alloc_distance));
      self->n_bits_read += n_bits + 2U + w->alloc_distance;
      finish_alloc (self, event, elapsed);
      return TRK_DECODE_OK;
    }
  if (kind == TRK_KIND_ALLOC_NEXT)
    {
      set_next_address (self, event);
      n_bits += 4;
    }
  else
    {
      set_address (event, take_far_address (self, &word, w->alloc_delta));
      n_bits += 4U + w->alloc_delta;
    }
  self->n_bits_read += n_bits;
  finish_alloc_at_address (self, event, elapsed);
  return TRK_DECODE_OK;
}

static TrkDecodeStatus
decode_compact_free (TrkEventDecoder *self, TrkEvent *event, uint64_t word, uint64_t late)
{
  const TrkEventWidths *w = &self->widths;
  bool is_by_distance = (word & 3) == TRK_KIND_FREE;
  bool is_near = !is_by_distance && (word & 15) == TRK_KIND_FREE_NEAR;
  unsigned kind_bits = is_by_distance ? 2 : is_near ? 4 : 5;
  uint64_t elapsed;

  word >>= kind_bits;
  elapsed = take_bits (&word, w->free_time) + (late << w->free_time);
  self->n_bits_read += kind_bits + w->free_time;
  if (is_by_distance)
    {
      set_address_by_distance (self, event, take_bits (&word, w->free_distance));
      self->n_bits_read += w->free_distance;
      finish_free (self, event, elapsed);
      return TRK_DECODE_OK;
    }
  if (is_near)
    {
      set_address (event,
                   unpack_address (self, self->bases.latest, take_bits (&word, w->free_near)));
      self->n_bits_read += w->free_near;
    }
  else
    {
      set_address (event, take_far_address (self, &word, w->free_far));
      self->n_bits_read += w->free_far;
    }
  finish_free_of_address (self, event, elapsed);
  return TRK_DECODE_OK;
}

/* @word: from the record's first bit on.  Records that pass the payload's end are damage. */
static inline TrkDecodeStatus
decode_compact (TrkEventDecoder *self, TrkEvent *event, uint64_t word)
{
  TrkDecodeStatus status;
  uint64_t late = 0;

  if ((word & 31) == TRK_KIND_LATE)
    {
      late = word >> 5 & ((1U << TRK_LATE_BITS) - 1);
      self->n_bits_read += 5 + TRK_LATE_BITS;
      if (self->n_bits_read > self->n_bytes * 8)
        return TRK_DECODE_DAMAGED;
      word = peek_bits (self);
      if ((word & 3) == TRK_KIND_OTHER || (word & 31) == TRK_KIND_LATE)
        return TRK_DECODE_DAMAGED;
    }
  if ((word & 3) == TRK_KIND_ALLOC_REUSE || (word & 11) == TRK_KIND_ALLOC_DELTA)
    status = decode_compact_alloc (self, event, word, late);
  else
    status = decode_compact_free (self, event, word, late);
  return self->n_bits_read <= self->n_bytes * 8 ? status : TRK_DECODE_DAMAGED;
}

/* Of a long record, which lies in whole bytes. */
static inline const uint8_t *
get_cursor (const TrkEventDecoder *self)
{
  return self->payload + trk_event_decoder_get_offset (self);
}

static inline void
set_cursor (TrkEventDecoder *self, const uint8_t *cursor)
{
  self->n_bits_read = (uint32_t) (cursor - self->payload) * 8;
}

static inline const uint8_t *
get_end (const TrkEventDecoder *self)
{
  return self->payload + self->n_bytes;
}

static bool
get_fields (TrkEventDecoder *self, const uint8_t *end, uint64_t *fields, unsigned n_fields)
{
  const uint8_t *p = get_cursor (self);

  for (unsigned i = 0; i < n_fields; i++)
    if (!(p = trk_varint_get (p, end, &fields[i])))
      return false;
  set_cursor (self, p);
  return true;
}

static uint64_t
next_address (TrkEventDecoder *self, uint64_t zigzag_delta)
{
  uint64_t address =
      trk_address_bases_get_latest (&self->bases) + (uint64_t) trk_unzigzag (zigzag_delta);

  trk_address_bases_set (&self->bases, trk_address_bases_region (&self->bases, address), address);
  return address;
}

static uint32_t
clamp_to_u32 (uint64_t value)
{
  return value > UINT32_MAX ? UINT32_MAX : (uint32_t) value;
}

/* A range that passes the end of the address space is nobody's. */
static bool
is_range (uint64_t address, uint64_t n_bytes)
{
  return n_bytes <= UINT64_MAX - address;
}

/* Address space: fields up to @end. */
static TrkDecodeStatus
decode_mapping (TrkEventDecoder *self, unsigned opcode, const uint8_t *end, TrkEvent *event)
{
  static const unsigned n_fields[] = { 6, 2, 7 };
  uint64_t f[7], duration = 0;

  if (!get_fields (self, end, f, n_fields[opcode - TRK_OP_MAP]))
    return TRK_DECODE_DAMAGED;
  event->domain = TRK_DOMAIN_MAPPING;
  event->address_known = true;
  if (opcode == TRK_OP_UNMAP)
    {
      event->kind = TRK_EVENT_UNMAP;
      event->address = f[0];
      event->size = f[1];
    }
  else if (opcode == TRK_OP_MAP)
    {
      event->kind = TRK_EVENT_MAP;
      duration = f[0];
      event->u.mapping.kind = clamp_to_u32 (f[1]);
      event->u.mapping.flags = (uint32_t) f[2];
      event->address = f[4];
      event->size = f[5];
    }
  else
    {
      event->kind = TRK_EVENT_REMAP;
      duration = f[0];
      event->u.mapping.flags = (uint32_t) f[1];
      event->old_address = f[3];
      event->u.mapping.old_size = f[4];
      event->address = f[5];
      event->size = f[6];
    }
  if (opcode != TRK_OP_UNMAP
      && !get_local_stack (self, f[opcode == TRK_OP_MAP ? 3 : 2], &event->stack))
    return TRK_DECODE_DAMAGED;
  event->end_ticks = self->ticks + duration;
  return is_range (event->address, event->size)
                 && is_range (event->old_address, event->u.mapping.old_size)
             ? TRK_DECODE_OK
             : TRK_DECODE_DAMAGED;
}

/* A record that says its length; unknown ones are stepped over. */
static TrkDecodeStatus
decode_extensible (TrkEventDecoder *self, unsigned opcode, TrkEvent *event, bool *produced)
{
  uint64_t n_bytes, f[3];
  const uint8_t *end;
  TrkDecodeStatus status;

  if (!get_fields (self, get_end (self), &n_bytes, 1)
      || n_bytes > (uint64_t) (get_end (self) - get_cursor (self)))
    return TRK_DECODE_DAMAGED;
  end = get_cursor (self) + n_bytes;
  *produced = true;
  event->ticks = event->end_ticks = self->ticks;
  switch (opcode)
    {
    case TRK_OP_THREAD_START:
      if (!get_fields (self, end, f, 3))
        return TRK_DECODE_DAMAGED;
      event->kind = TRK_EVENT_THREAD_START;
      event->u.start.has_parent = f[1] != 0;
      event->u.start.parent_thread_id = f[1] ? (uint32_t) (f[1] - 1) : 0;
      event->u.start.start_routine = f[2];
      break;
    case TRK_OP_THREAD_NAME:
      if (!get_fields (self, end, f, 1))
        return TRK_DECODE_DAMAGED;
      event->kind = TRK_EVENT_THREAD_NAME;
      event->u.name.bytes = (const char *) get_cursor (self);
      event->u.name.n_bytes = (uint32_t) (end - get_cursor (self));
      break;
    case TRK_OP_THREAD_EXIT:
      if (!get_fields (self, end, f, 2))
        return TRK_DECODE_DAMAGED;
      event->kind = TRK_EVENT_THREAD_EXIT;
      event->u.exit.cpu_ns = f[1];
      event->u.exit.figures = (const char *) get_cursor (self);
      event->u.exit.n_figures = (uint32_t) (end - get_cursor (self));
      break;
    case TRK_OP_MAP:
    case TRK_OP_UNMAP:
    case TRK_OP_REMAP:
      status = decode_mapping (self, opcode, end, event);
      set_cursor (self, end);
      return status;
    case TRK_OP_RULE:
      if (!get_fields (self, end, f, 1))
        return TRK_DECODE_DAMAGED;
      event->u.rule.on = f[0] != 0;
      __attribute__ ((fallthrough));
    case TRK_OP_EARLIER:
      event->kind = opcode == TRK_OP_RULE ? TRK_EVENT_RULE : TRK_EVENT_EARLIER;
      event->u.rule.bytes = (const char *) get_cursor (self);
      event->u.rule.n_bytes = (uint32_t) (end - get_cursor (self));
      set_cursor (self, end);
      return TRK_DECODE_OK;
    case TRK_OP_SAMPLED_CALL:
      if (!get_fields (self, end, f, 1))
        return TRK_DECODE_DAMAGED;
      self->call = f[0] > UINT8_MAX ? 0 : (uint8_t) f[0];
      __attribute__ ((fallthrough));
    default:
      *produced = false;
      set_cursor (self, end);
      return TRK_DECODE_OK;
    }
  set_cursor (self, end);
  self->ticks += f[0];
  event->ticks = event->end_ticks = self->ticks;
  return TRK_DECODE_OK;
}

/* Sets *@produced when @event was filled; else the record only changed the decoder's state. */
static TrkDecodeStatus
decode_other (TrkEventDecoder *self, TrkEvent *event, bool *produced)
{
  const uint8_t *first = get_cursor (self);
  unsigned opcode;
  uint64_t f[6];

  if (first == get_end (self) || *first == 0)
    {
      set_cursor (self, first);
      return TRK_DECODE_END;
    }
  if ((*first & 3) != TRK_KIND_OTHER)
    return TRK_DECODE_DAMAGED;
  opcode = *first >> 2;
  set_cursor (self, first + 1);
  if (opcode >= TRK_OP_EXTENSIBLE)
    return decode_extensible (self, opcode, event, produced);

  *produced = true;
  event->ticks = event->end_ticks = self->ticks;
  switch (opcode)
    {
    case TRK_OP_TIME:
      if (!get_fields (self, get_end (self), f, 1))
        return TRK_DECODE_DAMAGED;
      self->ticks += f[0];
      *produced = false;
      return TRK_DECODE_OK;

    case TRK_OP_STACK:
      if (!get_fields (self, get_end (self), f, 1) || f[0] > UINT32_MAX
          || self->n_local_stacks >= self->max_local_stacks)
        return TRK_DECODE_DAMAGED;
      self->local_stacks[self->n_local_stacks++] = (uint32_t) f[0];
      *produced = false;
      return TRK_DECODE_OK;

    case TRK_OP_DOMAIN:
      if (!get_fields (self, get_end (self), f, 1) || f[0] >= TRK_N_DOMAINS)
        return TRK_DECODE_DAMAGED;
      self->domain = (uint8_t) f[0];
      *produced = false;
      return TRK_DECODE_OK;

    case TRK_OP_ALLOC:
      if (!get_fields (self, get_end (self), f, 4) || !get_local_stack (self, f[2], &event->stack))
        return TRK_DECODE_DAMAGED;
      event->size = f[1];
      event->address = next_address (self, f[3]);
      event->address_known = true;
      finish_alloc_at_address (self, event, f[0]);
      return TRK_DECODE_OK;

    case TRK_OP_ALLOC_REUSE:
      if (!get_fields (self, get_end (self), f, 4) || !get_local_stack (self, f[2], &event->stack))
        return TRK_DECODE_DAMAGED;
      event->size = f[1];
      set_address_by_distance (self, event, f[3]);
      finish_alloc (self, event, f[0]);
      return TRK_DECODE_OK;

    case TRK_OP_FREE:
      if (!get_fields (self, get_end (self), f, 2))
        return TRK_DECODE_DAMAGED;
      set_address (event, next_address (self, f[1]));
      finish_free_of_address (self, event, f[0]);
      return TRK_DECODE_OK;

    case TRK_OP_FREE_DISTANCE:
      if (!get_fields (self, get_end (self), f, 2))
        return TRK_DECODE_DAMAGED;
      set_address_by_distance (self, event, f[1]);
      finish_free (self, event, f[0]);
      return TRK_DECODE_OK;

    case TRK_OP_REALLOC:
      if (!get_fields (self, get_end (self), f, 6) || !get_local_stack (self, f[3], &event->stack))
        return TRK_DECODE_DAMAGED;
      event->size = f[2];
      event->old_address = next_address (self, f[4]);
      event->address = next_address (self, f[5]);
      event->address_known = true;
      finish_alloc_at_address (self, event, f[0]);
      event->kind = TRK_EVENT_REALLOC;
      self->ticks += f[1];
      event->end_ticks = self->ticks;
      return TRK_DECODE_OK;

    case TRK_OP_FREE_STACK:
      if (!get_fields (self, get_end (self), f, 1)
          || !get_local_stack (self, f[0], &self->free_stack))
        return TRK_DECODE_DAMAGED;
      *produced = false;
      return TRK_DECODE_OK;

    case TRK_OP_FOREIGN_FREE:
      if (!get_fields (self, get_end (self), f, 2))
        return TRK_DECODE_DAMAGED;
      event->address = next_address (self, f[1]);
      event->address_known = true;
      finish_free (self, event, f[0]);
      event->kind = TRK_EVENT_FOREIGN_FREE;
      return TRK_DECODE_OK;

    case TRK_OP_SKIPPED:
      if (!get_fields (self, get_end (self), f, 3))
        return TRK_DECODE_DAMAGED;
      event->kind = TRK_EVENT_SKIPPED;
      event->domain = self->domain;
      event->u.skipped.allocations = f[0];
      event->u.skipped.bytes = f[1];
      event->u.skipped.frees = f[2];
      return TRK_DECODE_OK;

    case TRK_OP_SAMPLING:
      if (!get_fields (self, get_end (self), f, 2))
        return TRK_DECODE_DAMAGED;
      event->kind = TRK_EVENT_SAMPLING;
      event->u.sampling.rate_q32 = f[0];
      event->u.sampling.interval_bytes = f[1];
      return TRK_DECODE_OK;

    case TRK_OP_DROPPED:
      if (!get_fields (self, get_end (self), f, 2))
        return TRK_DECODE_DAMAGED;
      event->kind = TRK_EVENT_DROPPED;
      event->u.dropped.n_events = f[0];
      event->u.dropped.reason = f[1] > UINT32_MAX ? UINT32_MAX : (uint32_t) f[1];
      return TRK_DECODE_OK;

    case TRK_OP_TRACKING:
      if (!get_fields (self, get_end (self), f, 2))
        return TRK_DECODE_DAMAGED;
      self->ticks += f[0];
      event->ticks = event->end_ticks = self->ticks;
      event->kind = TRK_EVENT_TRACKING;
      event->u.tracking.on = f[1] != 0;
      return TRK_DECODE_OK;

    default:
      return TRK_DECODE_UNKNOWN;
    }
}

TrkDecodeStatus
trk_event_decoder_next (TrkEventDecoder *self, TrkEvent *event)
{
  memset (event, 0, sizeof *event);
  while (self->n_bits_read < self->n_bytes * 8)
    {
      uint64_t word = peek_bits (self);
      bool produced = true;
      TrkDecodeStatus status = (word & 3) == TRK_KIND_OTHER ? decode_other (self, event, &produced)
                                                            : decode_compact (self, event, word);

      if (status != TRK_DECODE_OK || produced)
        {
          if (__builtin_expect (self->call, 0))
            {
              event->call = self->call;
              self->call = TRK_CALL_PLAIN;
            }
          return status;
        }
    }
  return TRK_DECODE_END;
}
