/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes event records into one open block, for one thread.
 *
 * The common events are *compact records*: fixed-width fields packed into at most eight bytes and
 * stored with one store.
 *
 *   bits  2     time   size   stack  distance          an allocation at a recently used address
 *   bits  2     time   size   stack  address delta/16  an allocation at a new one
 *   bits  2     time   distance                        a free
 *
 * The widths stand in the block's header and follow the program (trk-event-widths.h); what does not
 * fit goes out as a long record of varints.  Distances count the thread's allocations back, so that
 * an address costs ten bits and not forty-seven.
 *
 * Called from the recorder's hooks: no allocation, no locks, no system calls, one thread a stream.
 * Writes at most TRK_EVENT_MAX_BYTES an event, which the caller has checked against limit.
 * Cost of a compact record: about 15 instructions, none of which waits for another but the sums.
 */
#pragma once

#include <stdbool.h>
#include "trk-format.h"
#include "trk-varint.h"

/* The most that one event needs, with the TIME, STACK and DOMAIN records before it. */
#define TRK_EVENT_MAX_BYTES 192U
#define TRK_THREAD_NAME_MAX_BYTES 64U

typedef struct {
  uint8_t *cursor; /* where the next record goes */
  uint8_t *limit;  /* an event may begin while cursor <= limit */
  uint64_t last_ticks;
  uint64_t previous_address; /* of the latest record of this block that was coded as a delta */
  uint64_t sequence;         /* number of the thread's next allocation */
  uint32_t n_local_stacks;   /* of this block */
  uint32_t domain;           /* in force */
  uint32_t n_events;         /* of this block; the records that only prepare one do not count */
  uint8_t alloc_reuse_bytes, alloc_delta_bytes, free_bytes;
  /* A field's place is a factor, since shifts by a variable are slow; *_over are the bits that do not
   * fit into it. */
  uint64_t alloc_time_over, alloc_size_over, alloc_stack_over, alloc_distance_over,
      alloc_delta_over;
  uint64_t free_time_over, free_distance_over;
  uint64_t alloc_size_place, alloc_stack_place, alloc_address_place, free_distance_place;
} TrkEventEncoder;

#define TRK_COMPACT_TIME_PLACE 4U

static inline uint8_t
trk_compact_bytes (unsigned bits)
{
  return (uint8_t) ((bits + 2 + 7) / 8);
}

/* Begins a block: @payload has room for @n_bytes, and eight bytes more may be overwritten. */
static inline void
trk_event_encoder_begin (TrkEventEncoder *self,
                         uint8_t *payload,
                         uint32_t n_bytes,
                         uint64_t first_ticks,
                         TrkEventWidths widths)
{
  unsigned common = widths.alloc_time + widths.alloc_size + widths.alloc_stack;

  self->cursor = payload;
  self->limit = payload + n_bytes - TRK_EVENT_MAX_BYTES;
  self->last_ticks = first_ticks;
  self->previous_address = 0;
  self->n_local_stacks = 0;
  self->domain = TRK_DOMAIN_HEAP;
  self->n_events = 0;
  self->alloc_time_over = UINT64_MAX << widths.alloc_time;
  self->alloc_size_over = UINT64_MAX << widths.alloc_size;
  self->alloc_stack_over = UINT64_MAX << widths.alloc_stack;
  self->alloc_distance_over = UINT64_MAX << widths.alloc_distance;
  self->alloc_delta_over = UINT64_MAX << widths.alloc_delta;
  self->free_time_over = UINT64_MAX << widths.free_time;
  self->free_distance_over = UINT64_MAX << widths.free_distance;
  self->alloc_size_place = (uint64_t) TRK_COMPACT_TIME_PLACE << widths.alloc_time;
  self->alloc_stack_place = self->alloc_size_place << widths.alloc_size;
  self->alloc_address_place = self->alloc_stack_place << widths.alloc_stack;
  self->free_distance_place = (uint64_t) TRK_COMPACT_TIME_PLACE << widths.free_time;
  self->alloc_reuse_bytes = trk_compact_bytes (common + widths.alloc_distance);
  self->alloc_delta_bytes = trk_compact_bytes (common + widths.alloc_delta);
  self->free_bytes = trk_compact_bytes (widths.free_time + widths.free_distance);
}

static inline uint32_t
trk_event_encoder_get_count (const TrkEventEncoder *self)
{
  return self->n_events;
}

static inline bool
trk_event_encoder_has_room (const TrkEventEncoder *self)
{
  return self->cursor <= self->limit;
}

static inline void
trk_put_compact (TrkEventEncoder *self, uint64_t word, unsigned n_bytes)
{
  memcpy (self->cursor, &word,
          sizeof word); /* one store; the bytes past n_bytes are not committed */
  self->cursor += n_bytes;
}

static inline void
trk_put_opcode (TrkEventEncoder *self, unsigned opcode)
{
  *self->cursor++ = (uint8_t) (opcode << 2 | TRK_KIND_OTHER);
}

static inline void
trk_put_varint (TrkEventEncoder *self, uint64_t value)
{
  self->cursor = trk_varint_put (self->cursor, value);
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
  trk_put_opcode (self, TRK_OP_STACK);
  trk_put_varint (self, id);
  return self->n_local_stacks++;
}

static inline void
trk_event_set_domain (TrkEventEncoder *self, uint32_t domain)
{
  if (domain == self->domain)
    return;
  trk_put_opcode (self, TRK_OP_DOMAIN);
  trk_put_varint (self, domain);
  self->domain = domain;
}

/* What does not fit a compact record: rare, and out of the way of what is not. */
__attribute__ ((noinline, cold, unused)) static void
trk_put_long (TrkEventEncoder *self, unsigned opcode, const uint64_t *fields, unsigned n_fields)
{
  trk_put_opcode (self, opcode);
  for (unsigned i = 0; i < n_fields; i++)
    trk_put_varint (self, fields[i]);
}

/* An allocation at an address that the thread's @distance-th last allocation had; @local_stack from
 * trk_event_put_stack() in this block. */
static inline void
trk_event_put_alloc_reuse (TrkEventEncoder *self,
                           uint64_t ticks,
                           uint64_t size,
                           uint32_t local_stack,
                           uint32_t distance)
{
  uint64_t time = trk_event_elapsed (self, ticks);

  self->sequence++;
  if (__builtin_expect (((time & self->alloc_time_over) | (size & self->alloc_size_over)
                         | (local_stack & self->alloc_stack_over)
                         | (distance & self->alloc_distance_over))
                            == 0,
                        1))
    {
      trk_put_compact (self,
                       TRK_KIND_ALLOC_REUSE + time * TRK_COMPACT_TIME_PLACE
                           + size * self->alloc_size_place + local_stack * self->alloc_stack_place
                           + distance * self->alloc_address_place,
                       self->alloc_reuse_bytes);
      return;
    }
  trk_put_long (self, TRK_OP_ALLOC_REUSE, (const uint64_t[]) { time, size, local_stack, distance },
                4);
}

static inline void
trk_event_put_alloc (TrkEventEncoder *self,
                     uint64_t ticks,
                     uint64_t address,
                     uint64_t size,
                     uint32_t local_stack)
{
  uint64_t time = trk_event_elapsed (self, ticks);
  int64_t delta = (int64_t) (address - self->previous_address);
  uint64_t packed_delta = trk_zigzag (delta >> 4);

  self->sequence++;
  self->previous_address = address;
  if (__builtin_expect (((uint64_t) (delta & 15) | (time & self->alloc_time_over)
                         | (size & self->alloc_size_over) | (local_stack & self->alloc_stack_over)
                         | (packed_delta & self->alloc_delta_over))
                            == 0,
                        1))
    {
      trk_put_compact (self,
                       TRK_KIND_ALLOC_DELTA + time * TRK_COMPACT_TIME_PLACE
                           + size * self->alloc_size_place + local_stack * self->alloc_stack_place
                           + packed_delta * self->alloc_address_place,
                       self->alloc_delta_bytes);
      return;
    }
  trk_put_long (self, TRK_OP_ALLOC,
                (const uint64_t[]) { time, size, local_stack, trk_zigzag (delta) }, 4);
}

static inline void
trk_event_put_free_distance (TrkEventEncoder *self, uint64_t ticks, uint32_t distance)
{
  uint64_t time = trk_event_elapsed (self, ticks);

  if (__builtin_expect (((time & self->free_time_over) | (distance & self->free_distance_over))
                            == 0,
                        1))
    {
      trk_put_compact (self,
                       TRK_KIND_FREE + time * TRK_COMPACT_TIME_PLACE
                           + distance * self->free_distance_place,
                       self->free_bytes);
      return;
    }
  trk_put_long (self, TRK_OP_FREE_DISTANCE, (const uint64_t[]) { time, distance }, 2);
}

static inline void
trk_event_put_free (TrkEventEncoder *self, uint64_t ticks, uint64_t address)
{
  trk_put_opcode (self, TRK_OP_FREE);
  trk_put_varint (self, trk_event_elapsed (self, ticks));
  trk_put_varint (self, trk_zigzag ((int64_t) (address - self->previous_address)));
  self->previous_address = address;
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
  trk_put_opcode (self, TRK_OP_REALLOC);
  trk_put_varint (self, trk_event_elapsed (self, begin_ticks));
  trk_put_varint (self, trk_event_elapsed (self, end_ticks));
  self->n_events--; /* two times, one event */
  trk_put_varint (self, size);
  trk_put_varint (self, local_stack);
  trk_put_varint (self, trk_zigzag ((int64_t) (old_address - self->previous_address)));
  trk_put_varint (self, trk_zigzag ((int64_t) (new_address - old_address)));
  self->previous_address = new_address;
  self->sequence++;
}

/* The free that follows was made with call stack @local_stack. */
static inline void
trk_event_put_free_stack (TrkEventEncoder *self, uint32_t local_stack)
{
  trk_put_opcode (self, TRK_OP_FREE_STACK);
  trk_put_varint (self, local_stack);
}

static inline void
trk_event_put_foreign_free (TrkEventEncoder *self, uint64_t ticks, uint64_t address)
{
  trk_put_opcode (self, TRK_OP_FOREIGN_FREE);
  trk_put_varint (self, trk_event_elapsed (self, ticks));
  trk_put_varint (self, trk_zigzag ((int64_t) (address - self->previous_address)));
  self->previous_address = address;
}

static inline void
trk_event_put_skipped (TrkEventEncoder *self, uint64_t allocations, uint64_t bytes, uint64_t frees)
{
  trk_put_opcode (self, TRK_OP_SKIPPED);
  trk_put_varint (self, allocations);
  trk_put_varint (self, bytes);
  trk_put_varint (self, frees);
}

/* @rate_q32 is the probability times 2^32 (2^32 itself: every allocation is kept). */
static inline void
trk_event_put_sampling (TrkEventEncoder *self, uint64_t rate_q32, uint64_t interval_bytes)
{
  trk_put_opcode (self, TRK_OP_SAMPLING);
  trk_put_varint (self, rate_q32);
  trk_put_varint (self, interval_bytes);
}

static inline void
trk_event_put_dropped (TrkEventEncoder *self, uint64_t n_events, TrkDropReason reason)
{
  trk_put_opcode (self, TRK_OP_DROPPED);
  trk_put_varint (self, n_events);
  trk_put_varint (self, reason);
}

static inline void
trk_event_put_tracking (TrkEventEncoder *self, uint64_t ticks, bool on)
{
  trk_put_opcode (self, TRK_OP_TRACKING);
  trk_put_varint (self, trk_event_elapsed (self, ticks));
  trk_put_varint (self, on);
}

/* The records that say their own length: opcode, length, fields. */
static inline void
trk_put_extensible (TrkEventEncoder *self, unsigned opcode, const uint8_t *fields, size_t n_bytes)
{
  trk_put_opcode (self, opcode);
  trk_put_varint (self, n_bytes);
  memcpy (self->cursor, fields, n_bytes);
  self->cursor += n_bytes;
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
trk_event_put_thread_exit (TrkEventEncoder *self, uint64_t ticks, uint64_t cpu_ns)
{
  uint8_t fields[2 * TRK_VARINT_MAX_BYTES], *p = fields;

  p = trk_varint_put (p, trk_event_elapsed (self, ticks));
  p = trk_varint_put (p, cpu_ns);
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
  trk_put_opcode (self, TRK_OP_TIME);
  trk_put_varint (self, trk_event_elapsed (self, ticks));
  trk_put_opcode (self, TRK_OP_RULE);
  trk_put_varint (self, 1 + n_bytes);
  trk_put_varint (self, is_on);
  memcpy (self->cursor, text, n_bytes);
  self->cursor += n_bytes;
}

/* Right before the record that it is about. */
static inline void
trk_event_put_sampled_call (TrkEventEncoder *self, TrkSampledCall call)
{
  uint8_t fields[1] = { (uint8_t) call };

  trk_put_extensible (self, TRK_OP_SAMPLED_CALL, fields, sizeof fields);
}
