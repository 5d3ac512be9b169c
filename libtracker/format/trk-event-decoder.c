/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Called by the loader on bytes that nobody vouches for: bounded reads, no allocation, no asserts. */
#include "trk-event-decoder.h"

#include "trk-event-encoder.h"
#include "trk-varint.h"

#define RING_MASK (TRK_MAX_DISTANCE - 1)
#define ADDRESS_UNKNOWN 0 /* nothing is allocated there */

void
trk_address_ring_reset (TrkAddressRing *ring)
{
  ring->n_known = 0;
  ring->first_known = 0;
}

static void
ring_push (TrkAddressRing *ring, uint64_t address)
{
  ring->address[ring->n_known++ & RING_MASK] = address;
}

/* Blocks between were lost: what they allocated is unknown, what was allocated before is not. */
static void
ring_skip_to (TrkAddressRing *ring, uint64_t sequence)
{
  if (sequence < ring->n_known || sequence - ring->n_known >= TRK_MAX_DISTANCE)
    ring->first_known = ring->n_known = sequence;
  while (ring->n_known != sequence)
    ring_push (ring, ADDRESS_UNKNOWN);
}

static bool
ring_get (const TrkAddressRing *ring, uint64_t distance, uint64_t *address)
{
  if (distance == 0 || distance > TRK_MAX_DISTANCE || distance > ring->n_known - ring->first_known)
    return false;
  *address = ring->address[(ring->n_known - distance) & RING_MASK];
  return *address != ADDRESS_UNKNOWN;
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
  TrkEventWidths w = header->widths;
  unsigned common = w.alloc_time + w.alloc_size + w.alloc_stack;

  memset (self, 0, sizeof *self);
  self->payload = self->cursor = self->end = payload;
  if (common + w.alloc_distance > 62 || common + w.alloc_delta > 62
      || w.free_time + w.free_distance > 62)
    return TRK_DECODE_DAMAGED;

  self->end = payload + n_bytes;
  self->ticks = header->first_ticks;
  self->sequence = header->first_sequence;
  self->ring = ring;
  self->local_stacks = local_stacks;
  self->max_local_stacks = max_local_stacks;
  self->widths = w;
  self->alloc_reuse_bytes = trk_compact_bytes (common + w.alloc_distance);
  self->alloc_delta_bytes = trk_compact_bytes (common + w.alloc_delta);
  self->free_bytes = trk_compact_bytes (w.free_time + w.free_distance);
  ring_skip_to (ring, header->first_sequence);
  return TRK_DECODE_OK;
}

uint32_t
trk_event_decoder_get_offset (const TrkEventDecoder *self)
{
  return (uint32_t) (self->cursor - self->payload);
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

static void
finish_alloc (TrkEventDecoder *self, TrkEvent *event, uint64_t elapsed)
{
  self->ticks += elapsed;
  event->kind = TRK_EVENT_ALLOC;
  event->domain = self->domain;
  event->ticks = event->end_ticks = self->ticks;
  event->sequence = self->sequence++;
  ring_push (self->ring, event->address);
}

/* An address that was lost stays lost: the new entry of the ring is unknown too. */
static void
finish_alloc_reuse (TrkEventDecoder *self, TrkEvent *event, uint64_t elapsed, uint64_t distance)
{
  event->has_distance = true;
  event->origin = self->sequence - distance;
  event->address_known = ring_get (self->ring, distance, &event->address);
  if (!event->address_known)
    event->address = ADDRESS_UNKNOWN;
  finish_alloc (self, event, elapsed);
}

static void
finish_free (TrkEventDecoder *self, TrkEvent *event, uint64_t elapsed)
{
  self->ticks += elapsed;
  event->kind = TRK_EVENT_FREE;
  event->domain = self->domain;
  event->ticks = event->end_ticks = self->ticks;
  event->stack = self->free_stack;
  self->free_stack = 0;
}

static void
finish_free_distance (TrkEventDecoder *self, TrkEvent *event, uint64_t elapsed, uint64_t distance)
{
  event->has_distance = true;
  event->origin = self->sequence - distance;
  event->address_known = ring_get (self->ring, distance, &event->address);
  if (!event->address_known)
    event->address = ADDRESS_UNKNOWN;
  finish_free (self, event, elapsed);
}

static TrkDecodeStatus
decode_compact (TrkEventDecoder *self, TrkEvent *event, unsigned kind)
{
  const TrkEventWidths *w = &self->widths;
  unsigned n_bytes = kind == TRK_KIND_FREE          ? self->free_bytes
                     : kind == TRK_KIND_ALLOC_REUSE ? self->alloc_reuse_bytes
                                                    : self->alloc_delta_bytes;
  uint64_t word = 0, elapsed;

  if ((size_t) (self->end - self->cursor) < n_bytes)
    return TRK_DECODE_DAMAGED;
  if (self->end - self->cursor >= 8)
    memcpy (&word, self->cursor, 8);
  else
    memcpy (&word, self->cursor, n_bytes);
  self->cursor += n_bytes;
  word >>= 2;

  if (kind == TRK_KIND_FREE)
    {
      elapsed = take_bits (&word, w->free_time);
      finish_free_distance (self, event, elapsed, take_bits (&word, w->free_distance));
      return TRK_DECODE_OK;
    }

  elapsed = take_bits (&word, w->alloc_time);
  event->size = take_bits (&word, w->alloc_size);
  if (!get_local_stack (self, take_bits (&word, w->alloc_stack), &event->stack))
    return TRK_DECODE_DAMAGED;
  if (kind == TRK_KIND_ALLOC_REUSE)
    {
      finish_alloc_reuse (self, event, elapsed, take_bits (&word, w->alloc_distance));
    }
  else
    {
      int64_t delta = trk_unzigzag (take_bits (&word, w->alloc_delta));
      event->address = self->previous_address + ((uint64_t) delta << 4);
      event->address_known = true;
      self->previous_address = event->address;
      finish_alloc (self, event, elapsed);
    }
  return TRK_DECODE_OK;
}

static bool
get_fields (TrkEventDecoder *self, const uint8_t *end, uint64_t *fields, unsigned n_fields)
{
  const uint8_t *p = self->cursor;

  for (unsigned i = 0; i < n_fields; i++)
    if (!(p = trk_varint_get (p, end, &fields[i])))
      return false;
  self->cursor = p;
  return true;
}

static uint64_t
next_address (TrkEventDecoder *self, uint64_t zigzag_delta)
{
  self->previous_address += (uint64_t) trk_unzigzag (zigzag_delta);
  return self->previous_address;
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

  if (!get_fields (self, self->end, &n_bytes, 1) || n_bytes > (uint64_t) (self->end - self->cursor))
    return TRK_DECODE_DAMAGED;
  end = self->cursor + n_bytes;

  *produced = true;
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
      event->u.name.bytes = (const char *) self->cursor;
      event->u.name.n_bytes = (uint32_t) (end - self->cursor);
      break;
    case TRK_OP_THREAD_EXIT:
      if (!get_fields (self, end, f, 2))
        return TRK_DECODE_DAMAGED;
      event->kind = TRK_EVENT_THREAD_EXIT;
      event->u.exit.cpu_ns = f[1];
      break;
    case TRK_OP_MAP:
    case TRK_OP_UNMAP:
    case TRK_OP_REMAP:
      event->ticks = event->end_ticks = self->ticks;
      status = decode_mapping (self, opcode, end, event);
      self->cursor = end;
      return status;
    case TRK_OP_RULE:
      if (!get_fields (self, end, f, 1))
        return TRK_DECODE_DAMAGED;
      event->kind = TRK_EVENT_RULE;
      event->ticks = event->end_ticks = self->ticks;
      event->u.rule.on = f[0] != 0;
      event->u.rule.bytes = (const char *) self->cursor;
      event->u.rule.n_bytes = (uint32_t) (end - self->cursor);
      self->cursor = end;
      return TRK_DECODE_OK;
    case TRK_OP_SAMPLED_CALL:
      if (!get_fields (self, end, f, 1))
        return TRK_DECODE_DAMAGED;
      self->call = f[0] > UINT8_MAX ? 0 : (uint8_t) f[0];
      *produced = false;
      self->cursor = end;
      return TRK_DECODE_OK;
    default:
      *produced = false;
      self->cursor = end;
      return TRK_DECODE_OK;
    }
  self->cursor = end;
  self->ticks += f[0];
  event->ticks = event->end_ticks = self->ticks;
  return TRK_DECODE_OK;
}

/* Sets *@produced when @event was filled; else the record only changed the decoder's state. */
static TrkDecodeStatus
decode_other (TrkEventDecoder *self, TrkEvent *event, bool *produced)
{
  unsigned opcode = *self->cursor >> 2;
  uint64_t f[6];

  if (opcode == TRK_OP_END)
    return TRK_DECODE_END;
  self->cursor++;
  if (opcode >= TRK_OP_EXTENSIBLE)
    return decode_extensible (self, opcode, event, produced);

  *produced = true;
  event->ticks = event->end_ticks = self->ticks;
  switch (opcode)
    {
    case TRK_OP_TIME:
      if (!get_fields (self, self->end, f, 1))
        return TRK_DECODE_DAMAGED;
      self->ticks += f[0];
      *produced = false;
      return TRK_DECODE_OK;

    case TRK_OP_STACK:
      if (!get_fields (self, self->end, f, 1) || f[0] > UINT32_MAX
          || self->n_local_stacks >= self->max_local_stacks)
        return TRK_DECODE_DAMAGED;
      self->local_stacks[self->n_local_stacks++] = (uint32_t) f[0];
      *produced = false;
      return TRK_DECODE_OK;

    case TRK_OP_DOMAIN:
      if (!get_fields (self, self->end, f, 1) || f[0] >= TRK_N_DOMAINS)
        return TRK_DECODE_DAMAGED;
      self->domain = (uint8_t) f[0];
      *produced = false;
      return TRK_DECODE_OK;

    case TRK_OP_ALLOC:
      if (!get_fields (self, self->end, f, 4) || !get_local_stack (self, f[2], &event->stack))
        return TRK_DECODE_DAMAGED;
      event->size = f[1];
      event->address = next_address (self, f[3]);
      event->address_known = true;
      finish_alloc (self, event, f[0]);
      return TRK_DECODE_OK;

    case TRK_OP_ALLOC_REUSE:
      if (!get_fields (self, self->end, f, 4) || !get_local_stack (self, f[2], &event->stack))
        return TRK_DECODE_DAMAGED;
      event->size = f[1];
      finish_alloc_reuse (self, event, f[0], f[3]);
      return TRK_DECODE_OK;

    case TRK_OP_FREE:
      if (!get_fields (self, self->end, f, 2))
        return TRK_DECODE_DAMAGED;
      event->address = next_address (self, f[1]);
      event->address_known = true;
      finish_free (self, event, f[0]);
      return TRK_DECODE_OK;

    case TRK_OP_FREE_DISTANCE:
      if (!get_fields (self, self->end, f, 2))
        return TRK_DECODE_DAMAGED;
      finish_free_distance (self, event, f[0], f[1]);
      return TRK_DECODE_OK;

    case TRK_OP_REALLOC:
      if (!get_fields (self, self->end, f, 6) || !get_local_stack (self, f[3], &event->stack))
        return TRK_DECODE_DAMAGED;
      event->size = f[2];
      event->old_address = next_address (self, f[4]);
      event->address = next_address (self, f[5]);
      event->address_known = true;
      finish_alloc (self, event, f[0]);
      event->kind = TRK_EVENT_REALLOC;
      self->ticks += f[1];
      event->end_ticks = self->ticks;
      return TRK_DECODE_OK;

    case TRK_OP_FREE_STACK:
      if (!get_fields (self, self->end, f, 1) || !get_local_stack (self, f[0], &self->free_stack))
        return TRK_DECODE_DAMAGED;
      *produced = false;
      return TRK_DECODE_OK;

    case TRK_OP_FOREIGN_FREE:
      if (!get_fields (self, self->end, f, 2))
        return TRK_DECODE_DAMAGED;
      event->address = next_address (self, f[1]);
      event->address_known = true;
      finish_free (self, event, f[0]);
      event->kind = TRK_EVENT_FOREIGN_FREE;
      return TRK_DECODE_OK;

    case TRK_OP_SKIPPED:
      if (!get_fields (self, self->end, f, 3))
        return TRK_DECODE_DAMAGED;
      event->kind = TRK_EVENT_SKIPPED;
      event->domain = self->domain;
      event->u.skipped.allocations = f[0];
      event->u.skipped.bytes = f[1];
      event->u.skipped.frees = f[2];
      return TRK_DECODE_OK;

    case TRK_OP_SAMPLING:
      if (!get_fields (self, self->end, f, 2))
        return TRK_DECODE_DAMAGED;
      event->kind = TRK_EVENT_SAMPLING;
      event->u.sampling.rate_q32 = f[0];
      event->u.sampling.interval_bytes = f[1];
      return TRK_DECODE_OK;

    case TRK_OP_DROPPED:
      if (!get_fields (self, self->end, f, 2))
        return TRK_DECODE_DAMAGED;
      event->kind = TRK_EVENT_DROPPED;
      event->u.dropped.n_events = f[0];
      event->u.dropped.reason = f[1] > UINT32_MAX ? UINT32_MAX : (uint32_t) f[1];
      return TRK_DECODE_OK;

    case TRK_OP_TRACKING:
      if (!get_fields (self, self->end, f, 2))
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
  while (self->cursor < self->end)
    {
      unsigned kind = *self->cursor & 3;
      bool produced = true;
      TrkDecodeStatus status = kind == TRK_KIND_OTHER ? decode_other (self, event, &produced)
                                                      : decode_compact (self, event, kind);

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
