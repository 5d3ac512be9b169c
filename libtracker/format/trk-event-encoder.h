/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes event records into one open block, for one thread.
 *
 * The common events are *compact records*: fields of fixed width, packed bit to bit, each written with
 * one store of eight bytes that begin with the byte which the record before has left unfinished.
 *
 *   kind   time   size   stack  distance          an allocation at a recently used address
 *   kind   time   size   stack                    one right behind the allocation before it
 *   kind   time   size   stack  address delta/16  an allocation at any other address
 *   kind   time   distance                        a free
 *   kind   time   address delta/16                a free of a block that this thread did not have
 *   kind   time                                   the upper part of the next record's time
 *
 * The widths stand in the block's header and follow the program (trk-event-widths.h); what does not
 * fit goes out as a long record of varints, from the next whole byte on.  Distances count the
 * thread's addresses back, so that an address costs ten bits and not forty-seven.
 *
 * Called from the recorder's hooks: no allocation, no locks, no system calls, one thread a stream.
 * Writes at most TRK_EVENT_MAX_BYTES an event, which the caller has checked against the limit.
 * Cost of a compact record: about 20 instructions, none of which waits for another but the sums.
 */
#pragma once

#include <stdbool.h>
#include "trk-address-bases.h"
#include "trk-exit-figures.h"
#include "trk-format.h"
#include "trk-varint.h"

/* The most that one event needs, with the TIME, STACK and DOMAIN records before it. */
#define TRK_EVENT_MAX_BYTES 192U
#define TRK_THREAD_NAME_MAX_BYTES 64U

typedef struct {
  uint8_t *payload;
  uint32_t n_bits; /* written; what is left of the last byte is zero, and so is an unbegun one */
  uint32_t limit_bits; /* an event may begin while n_bits <= limit_bits */
  uint64_t last_ticks;
  uint64_t sequence;                /* number of the thread's next address */
  uint64_t last_address, last_size; /* of the block's latest allocation that told its address */
  uint32_t n_local_stacks;          /* of this block */
  uint32_t domain;                  /* in force */
  uint32_t n_events; /* of this block; the records that only prepare one do not count */
  uint8_t alloc_reuse_bits, free_bits;
  /* A field's place is a factor, since shifts by a variable are slow; *_over are the bits that do not
   * fit into it. */
  uint64_t alloc_time_over, alloc_size_over, alloc_stack_over, alloc_distance_over;
  uint64_t free_time_over, free_distance_over;
  uint64_t alloc_size_place, alloc_stack_place, alloc_address_place, free_address_place;

  /* Less often. */
  uint64_t alloc_delta_over, free_near_over, free_far_over;
  uint8_t alloc_delta_bits, free_near_bits, free_far_bits;
  TrkEventWidths widths;
  TrkAddressBases bases;
} TrkEventEncoder;

#define TRK_COMPACT_TIME_PLACE 4U

/* Begins a block: @payload has room for @n_bytes, and eight bytes more may be overwritten. */
static inline void
trk_event_encoder_begin (TrkEventEncoder *self,
                         uint8_t *payload,
                         uint32_t n_bytes,
                         uint64_t first_ticks,
                         TrkEventWidths widths)
{
  unsigned common = widths.alloc_time + widths.alloc_size + widths.alloc_stack;

  self->payload = payload;
  self->payload[0] = 0;
  self->n_bits = 0;
  self->limit_bits = (n_bytes - TRK_EVENT_MAX_BYTES) * 8;
  self->last_ticks = first_ticks;
  self->last_address = self->last_size = 0;
  self->n_local_stacks = 0;
  self->domain = TRK_DOMAIN_HEAP;
  self->n_events = 0;
  self->alloc_time_over = UINT64_MAX << widths.alloc_time;
  self->alloc_size_over = UINT64_MAX << widths.alloc_size;
  self->alloc_stack_over = UINT64_MAX << widths.alloc_stack;
  self->alloc_distance_over = UINT64_MAX << widths.alloc_distance;
  self->free_time_over = UINT64_MAX << widths.free_time;
  self->free_distance_over = UINT64_MAX << widths.free_distance;
  self->alloc_size_place = (uint64_t) TRK_COMPACT_TIME_PLACE << widths.alloc_time;
  self->alloc_stack_place = self->alloc_size_place << widths.alloc_size;
  self->alloc_address_place = self->alloc_stack_place << widths.alloc_stack;
  self->free_address_place = (uint64_t) TRK_COMPACT_TIME_PLACE << widths.free_time;
  self->alloc_reuse_bits = (uint8_t) (2 + common + widths.alloc_distance);
  self->free_bits = (uint8_t) (2 + widths.free_time + widths.free_distance);
  self->alloc_delta_over = UINT64_MAX << widths.alloc_delta;
  self->free_near_over = UINT64_MAX << widths.free_near;
  self->free_far_over = UINT64_MAX << widths.free_far;
  self->alloc_delta_bits = (uint8_t) (4 + common + widths.alloc_delta);
  self->free_near_bits = (uint8_t) (4 + widths.free_time + widths.free_near);
  self->free_far_bits = (uint8_t) (5 + widths.free_time + widths.free_far);
  self->widths = widths;
  trk_address_bases_init (&self->bases, widths.region_bits);
}

/* Of the payload so far, the begun one included. */
static inline uint32_t
trk_event_encoder_get_bytes (const TrkEventEncoder *self)
{
  return trk_committed_bytes (self->n_bits);
}

/* Goes back to when the payload had @n_bits. */
static inline void
trk_event_encoder_cut (TrkEventEncoder *self, uint32_t n_bits)
{
  self->n_bits = n_bits;
  self->payload[n_bits / 8] &= (uint8_t) ((1U << n_bits % 8) - 1);
}

static inline uint32_t
trk_event_encoder_get_count (const TrkEventEncoder *self)
{
  return self->n_events;
}

static inline bool
trk_event_encoder_has_room (const TrkEventEncoder *self)
{
  return self->n_bits <= self->limit_bits;
}

/* For an event with @n_bytes more than any other. */
static inline bool
trk_event_encoder_has_room_for (const TrkEventEncoder *self, size_t n_bytes)
{
  return self->n_bits + n_bytes * 8 <= self->limit_bits;
}

static inline void
trk_put_compact (TrkEventEncoder *self, uint64_t word, unsigned n_bits)
{
  uint8_t *p = self->payload + self->n_bits / 8;
  uint64_t bytes = word << self->n_bits % 8 | *p;

  memcpy (p, &bytes, sizeof bytes); /* one store; the bits past n_bits are zero and not committed */
  self->n_bits += n_bits;
}

/* A long record begins at a whole byte; its fields are to be put behind the opcode, and then
 * trk_end_long() to be told where they end. */
static inline uint8_t *
trk_begin_long (TrkEventEncoder *self, unsigned opcode)
{
  uint8_t *p = self->payload + trk_event_encoder_get_bytes (self);

  *p = (uint8_t) (opcode << 2 | TRK_KIND_OTHER);
  return p + 1;
}

static inline void
trk_end_long (TrkEventEncoder *self, uint8_t *end)
{
  *end = 0; /* the next record's first byte has nothing in it yet */
  self->n_bits = (uint32_t) (end - self->payload) * 8;
}

__attribute__ ((noinline, cold, unused)) static void
trk_put_long (TrkEventEncoder *self, unsigned opcode, const uint64_t *fields, unsigned n_fields)
{
  uint8_t *p = trk_begin_long (self, opcode);

  for (unsigned i = 0; i < n_fields; i++)
    p = trk_varint_put (p, fields[i]);
  trk_end_long (self, p);
}

/* Ticks since the last record; time never runs backwards in a stream.  Every record with a time is
 * one event. */
static inline uint64_t
trk_event_elapsed (TrkEventEncoder *self, uint64_t ticks)
{
  uint64_t elapsed = ticks > self->last_ticks ? ticks - self->last_ticks : 0;

  self->last_ticks += elapsed;
  self->n_events++;
  return elapsed;
}

/* Gives stack @id the block's next local number. */
static inline uint32_t
trk_event_put_stack (TrkEventEncoder *self, uint32_t id)
{
  trk_put_long (self, TRK_OP_STACK, (const uint64_t[]) { id }, 1);
  return self->n_local_stacks++;
}

static inline void
trk_event_set_domain (TrkEventEncoder *self, uint32_t domain)
{
  if (domain == self->domain)
    return;
  trk_put_long (self, TRK_OP_DOMAIN, (const uint64_t[]) { domain }, 1);
  self->domain = domain;
}

/* --- allocations and frees --------------------------------------------------------------------- */

/* An event that would fit, were it not so late: a record with the upper bits of its time goes before it.
 * Returns the lower bits.  The two are committed as one. */
static inline uint64_t
trk_put_late (TrkEventEncoder *self, uint64_t time, unsigned width)
{
  trk_put_compact (self, TRK_KIND_LATE | (time >> width) << 5, 5 + TRK_LATE_BITS);
  return time & (((uint64_t) 1 << width) - 1);
}

static inline bool
trk_is_late (uint64_t time, unsigned width)
{
  return time >> width != 0 && time >> width < 1U << TRK_LATE_BITS;
}

/* The fields of an allocation, in their places for the kinds of two bits. */
static inline uint64_t
trk_pack_alloc (const TrkEventEncoder *self,
                uint64_t time,
                uint64_t size,
                uint64_t local_stack,
                uint64_t address_field)
{
  return time * TRK_COMPACT_TIME_PLACE + size * self->alloc_size_place
         + local_stack * self->alloc_stack_place + address_field * self->alloc_address_place;
}

/* The bits that do not fit, but for those of the time. */
static inline uint64_t
trk_alloc_over (const TrkEventEncoder *self, uint64_t size, uint64_t local_stack)
{
  return (size & self->alloc_size_over) | (local_stack & self->alloc_stack_over);
}

/* What does not fit a compact record: rare, and out of the way of what is not. */
__attribute__ ((noinline, cold, unused)) static void
trk_put_rare_alloc_reuse (TrkEventEncoder *self,
                          uint64_t time,
                          uint64_t size,
                          uint32_t local_stack,
                          uint32_t distance)
{
  unsigned width = self->widths.alloc_time;

  if (!trk_alloc_over (self, size, local_stack) && !(distance & self->alloc_distance_over)
      && trk_is_late (time, width))
    {
      time = trk_put_late (self, time, width);
      trk_put_compact (self,
                       TRK_KIND_ALLOC_REUSE
                           + trk_pack_alloc (self, time, size, local_stack, distance),
                       self->alloc_reuse_bits);
      return;
    }
  trk_put_long (self, TRK_OP_ALLOC_REUSE, (const uint64_t[]) { time, size, local_stack, distance },
                4);
}

/* An allocation at the address that stands @distance back in the thread's list of addresses;
 * @local_stack from trk_event_put_stack() in this block. */
static inline void
trk_event_put_alloc_reuse (TrkEventEncoder *self,
                           uint64_t ticks,
                           uint64_t size,
                           uint32_t local_stack,
                           uint32_t distance)
{
  uint64_t time = trk_event_elapsed (self, ticks);

  self->sequence++;
  if (__builtin_expect (((time & self->alloc_time_over) | (distance & self->alloc_distance_over)
                         | trk_alloc_over (self, size, local_stack))
                            == 0,
                        1))
    trk_put_compact (self,
                     TRK_KIND_ALLOC_REUSE
                         + trk_pack_alloc (self, time, size, local_stack, distance),
                     self->alloc_reuse_bits);
  else
    trk_put_rare_alloc_reuse (self, time, size, local_stack, distance);
}

/* The address as a compact record's field: its region, and the difference from that one's last. */
static inline uint64_t
trk_pack_address (const TrkEventEncoder *self, uint32_t region, uint64_t delta)
{
  return trk_zigzag ((int64_t) delta >> 4) << self->widths.region_bits | region;
}

/* Behind the allocation before, too late, or too much for a compact record. */
__attribute__ ((noinline, unused)) static void
trk_put_rare_alloc (TrkEventEncoder *self,
                    uint64_t time,
                    uint64_t address,
                    uint64_t size,
                    uint32_t local_stack)
{
  const TrkEventWidths *w = &self->widths;
  bool is_next =
      self->last_address && address == trk_address_behind (self->last_address, self->last_size);
  uint32_t region = trk_address_bases_region (&self->bases, address);
  uint64_t latest = trk_address_bases_get_latest (&self->bases);
  uint64_t delta = address - self->bases.previous[region];
  uint64_t field = is_next ? 0 : trk_pack_address (self, region, delta);

  if (trk_alloc_over (self, size, local_stack) || (!is_next && delta & 15)
      || (field & self->alloc_delta_over)
      || ((time & self->alloc_time_over) && !trk_is_late (time, w->alloc_time)))
    {
      trk_address_bases_set (&self->bases, region, address);
      trk_put_long (self, TRK_OP_ALLOC,
                    (const uint64_t[]) { time, size, local_stack,
                                         trk_zigzag ((int64_t) (address - latest)) },
                    4);
      return;
    }
  if (time & self->alloc_time_over)
    time = trk_put_late (self, time, w->alloc_time);
  if (is_next)
    {
      trk_put_compact (self,
                       TRK_KIND_ALLOC_NEXT + trk_pack_alloc (self, time, size, local_stack, 0) * 4,
                       self->alloc_delta_bits - w->alloc_delta);
      return;
    }
  trk_address_bases_set (&self->bases, region, address);
  trk_put_compact (self,
                   TRK_KIND_ALLOC_DELTA + trk_pack_alloc (self, time, size, local_stack, field) * 4,
                   self->alloc_delta_bits);
}

/* An allocation at an address that is none of the thread's recent ones. */
__attribute__ ((noinline, unused)) static void
trk_event_put_alloc (TrkEventEncoder *self,
                     uint64_t ticks,
                     uint64_t address,
                     uint64_t size,
                     uint32_t local_stack)
{
  uint64_t time = trk_event_elapsed (self, ticks);
  uint32_t region = trk_address_bases_region (&self->bases, address);
  uint64_t delta = address - self->bases.previous[region];
  uint64_t field = trk_pack_address (self, region, delta);

  self->sequence++;
  if (__builtin_expect (((time & self->alloc_time_over) | trk_alloc_over (self, size, local_stack)
                         | (field & self->alloc_delta_over) | (delta & 15))
                            == 0,
                        1)
      && address != trk_address_behind (self->last_address, self->last_size))
    {
      trk_address_bases_set (&self->bases, region, address);
      trk_put_compact (self,
                       TRK_KIND_ALLOC_DELTA
                           + trk_pack_alloc (self, time, size, local_stack, field) * 4,
                       self->alloc_delta_bits);
    }
  else
    trk_put_rare_alloc (self, time, address, size, local_stack);
  self->last_address = address;
  self->last_size = size;
}

__attribute__ ((noinline, cold, unused)) static void
trk_put_rare_free_distance (TrkEventEncoder *self, uint64_t time, uint32_t distance)
{
  unsigned width = self->widths.free_time;

  if (!(distance & self->free_distance_over) && trk_is_late (time, width))
    {
      time = trk_put_late (self, time, width);
      trk_put_compact (self,
                       TRK_KIND_FREE + time * TRK_COMPACT_TIME_PLACE
                           + distance * self->free_address_place,
                       self->free_bits);
      return;
    }
  trk_put_long (self, TRK_OP_FREE_DISTANCE, (const uint64_t[]) { time, distance }, 2);
}

static inline void
trk_event_put_free_distance (TrkEventEncoder *self, uint64_t ticks, uint32_t distance)
{
  uint64_t time = trk_event_elapsed (self, ticks);

  if (__builtin_expect (((time & self->free_time_over) | (distance & self->free_distance_over))
                            == 0,
                        1))
    trk_put_compact (self,
                     TRK_KIND_FREE + time * TRK_COMPACT_TIME_PLACE
                         + distance * self->free_address_place,
                     self->free_bits);
  else
    trk_put_rare_free_distance (self, time, distance);
}

/* Too late, or too much for a compact record. */
__attribute__ ((noinline, cold, unused)) static bool
trk_put_rare_free (TrkEventEncoder *self, uint64_t *time, uint64_t address, bool fits_but_time)
{
  if (!fits_but_time || !trk_is_late (*time, self->widths.free_time))
    {
      uint64_t delta = address - trk_address_bases_get_latest (&self->bases);

      trk_put_long (self, TRK_OP_FREE, (const uint64_t[]) { *time, trk_zigzag ((int64_t) delta) },
                    2);
      return true;
    }
  *time = trk_put_late (self, *time, self->widths.free_time);
  return false;
}

/* A free of an address that is none of the thread's recent ones. */
static inline void
trk_event_put_free (TrkEventEncoder *self, uint64_t ticks, uint64_t address)
{
  uint64_t time = trk_event_elapsed (self, ticks), word;
  uint32_t region = trk_address_bases_region (&self->bases, address);
  uint64_t delta = address - self->bases.previous[region];
  uint64_t near = trk_zigzag ((int64_t) delta >> 4), far = trk_pack_address (self, region, delta);
  bool is_near = region == self->bases.latest && !(near & self->free_near_over);
  uint64_t over = (delta & 15) | (is_near ? 0 : far & self->free_far_over);

  self->sequence++;
  if (__builtin_expect ((over | (time & self->free_time_over)) == 0, 1)
      || !trk_put_rare_free (self, &time, address, over == 0))
    {
      word = time * TRK_COMPACT_TIME_PLACE + (is_near ? near : far) * self->free_address_place;
      if (is_near)
        trk_put_compact (self, TRK_KIND_FREE_NEAR + word * 4, self->free_near_bits);
      else
        trk_put_compact (self, TRK_KIND_FREE_FAR + word * 8, self->free_far_bits);
    }
  trk_address_bases_set (&self->bases, region, address);
}

/* The difference from the latest address, which @address then is. */
static inline uint64_t
trk_event_delta (TrkEventEncoder *self, uint64_t address)
{
  uint64_t delta = address - trk_address_bases_get_latest (&self->bases);

  trk_address_bases_set (&self->bases, trk_address_bases_region (&self->bases, address), address);
  return trk_zigzag ((int64_t) delta);
}

/* The old block ends at @begin_ticks, before the real call; the new one begins at @end_ticks. */
static inline void
trk_event_put_realloc (TrkEventEncoder *self,
                       uint64_t begin_ticks,
                       uint64_t end_ticks,
                       uint64_t old_address,
                       uint64_t new_address,
                       uint64_t size,
                       uint32_t local_stack)
{
  uint64_t fields[6] = { trk_event_elapsed (self, begin_ticks), trk_event_elapsed (self, end_ticks),
                         size, local_stack };

  self->n_events--; /* two times, one event */
  fields[4] = trk_event_delta (self, old_address);
  fields[5] = trk_event_delta (self, new_address);
  trk_put_long (self, TRK_OP_REALLOC, fields, 6);
  self->last_address = new_address;
  self->last_size = size;
  self->sequence++;
}

/* The free that follows was made with call stack @local_stack. */
static inline void
trk_event_put_free_stack (TrkEventEncoder *self, uint32_t local_stack)
{
  trk_put_long (self, TRK_OP_FREE_STACK, (const uint64_t[]) { local_stack }, 1);
}

static inline void
trk_event_put_foreign_free (TrkEventEncoder *self, uint64_t ticks, uint64_t address)
{
  uint64_t time = trk_event_elapsed (self, ticks);

  trk_put_long (self, TRK_OP_FOREIGN_FREE,
                (const uint64_t[]) { time, trk_event_delta (self, address) }, 2);
}

static inline void
trk_event_put_skipped (TrkEventEncoder *self, uint64_t allocations, uint64_t bytes, uint64_t frees)
{
  trk_put_long (self, TRK_OP_SKIPPED, (const uint64_t[]) { allocations, bytes, frees }, 3);
}

/* @rate_q32 is the probability times 2^32 (2^32 itself: every allocation is kept). */
static inline void
trk_event_put_sampling (TrkEventEncoder *self, uint64_t rate_q32, uint64_t interval_bytes)
{
  trk_put_long (self, TRK_OP_SAMPLING, (const uint64_t[]) { rate_q32, interval_bytes }, 2);
}

static inline void
trk_event_put_dropped (TrkEventEncoder *self, uint64_t n_events, TrkDropReason reason)
{
  trk_put_long (self, TRK_OP_DROPPED, (const uint64_t[]) { n_events, reason }, 2);
}

static inline void
trk_event_put_tracking (TrkEventEncoder *self, uint64_t ticks, bool on)
{
  uint64_t time = trk_event_elapsed (self, ticks);

  trk_put_long (self, TRK_OP_TRACKING, (const uint64_t[]) { time, on }, 2);
}

/* The records that say their own length: opcode, length, fields. */
static inline void
trk_put_extensible (TrkEventEncoder *self, unsigned opcode, const uint8_t *fields, size_t n_bytes)
{
  uint8_t *p = trk_varint_put (trk_begin_long (self, opcode), n_bytes);

  memcpy (p, fields, n_bytes);
  trk_end_long (self, p + n_bytes);
}

static inline void
trk_event_put_thread_start (TrkEventEncoder *self,
                            uint64_t ticks,
                            uint32_t parent_thread_id,
                            bool has_parent,
                            uint64_t start_routine)
{
  uint8_t fields[3 * TRK_VARINT_MAX_BYTES], *p = fields;

  p = trk_varint_put (p, trk_event_elapsed (self, ticks));
  p = trk_varint_put (p, has_parent ? (uint64_t) parent_thread_id + 1 : 0);
  p = trk_varint_put (p, start_routine);
  trk_put_extensible (self, TRK_OP_THREAD_START, fields, (size_t) (p - fields));
}

static inline void
trk_event_put_thread_name (TrkEventEncoder *self, uint64_t ticks, const char *name, size_t n_bytes)
{
  uint8_t fields[TRK_VARINT_MAX_BYTES + TRK_THREAD_NAME_MAX_BYTES], *p = fields;

  if (n_bytes > TRK_THREAD_NAME_MAX_BYTES)
    n_bytes = TRK_THREAD_NAME_MAX_BYTES;
  p = trk_varint_put (p, trk_event_elapsed (self, ticks));
  memcpy (p, name, n_bytes);
  trk_put_extensible (self, TRK_OP_THREAD_NAME, fields, (size_t) (p - fields) + n_bytes);
}

static inline void
trk_event_put_thread_exit (TrkEventEncoder *self,
                           uint64_t ticks,
                           uint64_t cpu_ns,
                           const TrkExitFigures *figures)
{
  uint8_t fields[2 * TRK_VARINT_MAX_BYTES + TRK_EXIT_FIGURES_MAX_BYTES], *p = fields;

  static_assert (sizeof fields + 8 <= TRK_EVENT_MAX_BYTES, "one event");
  p = trk_varint_put (p, trk_event_elapsed (self, ticks));
  p = trk_varint_put (p, cpu_ns);
  p = trk_exit_figures_put (figures, p);
  trk_put_extensible (self, TRK_OP_THREAD_EXIT, fields, (size_t) (p - fields));
}

/* Threads are chosen by the rule @text from here on.  Needs room for its bytes beside an event's. */
static inline void
trk_event_put_rule (TrkEventEncoder *self,
                    uint64_t ticks,
                    bool is_on,
                    const char *text,
                    size_t n_bytes)
{
  uint64_t time = trk_event_elapsed (self, ticks);
  uint8_t *p;

  trk_put_long (self, TRK_OP_TIME, (const uint64_t[]) { time }, 1);
  p = trk_begin_long (self, TRK_OP_RULE);
  p = trk_varint_put (p, 1 + n_bytes);
  p = trk_varint_put (p, is_on);
  memcpy (p, text, n_bytes);
  trk_end_long (self, p + n_bytes);
}

/* Right before the record that it is about. */
static inline void
trk_event_put_sampled_call (TrkEventEncoder *self, TrkSampledCall call)
{
  uint8_t fields[1] = { (uint8_t) call };

  trk_put_extensible (self, TRK_OP_SAMPLED_CALL, fields, sizeof fields);
}
