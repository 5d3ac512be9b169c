/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The records of address space: what mmap and its family do, the break and threads' stacks.
 *
 *   TIME ticks   MAP    duration kind flags stack address bytes
 *   TIME ticks   UNMAP  address bytes
 *   TIME ticks   REMAP  duration flags stack, old address bytes, new address bytes
 *
 * They are rare, a system call each, so they are wide: whole addresses, and lengths that let a reader
 * who does not know them step over.  That reader must keep its clock, its previous address and its
 * allocation numbers, so these records leave all three alone and the time stands in a TIME before.
 *
 * Called from the recorder's hooks, as trk-event-encoder.h; at most TRK_EVENT_MAX_BYTES an event.
 */
#pragma once

#include "trk-event-encoder.h"

/* The record's own time, for readers of any age. */
static inline void
trk_mapping_put_time (TrkEventEncoder *self, uint64_t ticks)
{
  uint64_t time = trk_event_elapsed (self, ticks);

  trk_put_long (self, TRK_OP_TIME, (const uint64_t[]) { time }, 1);
}

/* What was made, by one call that ran from @begin_ticks to @end_ticks. */
typedef struct {
  uint64_t begin_ticks, end_ticks;
  uint32_t kind;  /* TrkMappingKind; not used by a remap, which keeps the old one */
  uint32_t flags; /* TRK_MAPPING_* */
  uint64_t address, n_bytes;
} TrkMappingMade;

static inline void
trk_event_put_map (TrkEventEncoder *self, const TrkMappingMade *made, uint32_t local_stack)
{
  uint8_t fields[6 * TRK_VARINT_MAX_BYTES], *p = fields;

  trk_mapping_put_time (self, made->begin_ticks);
  p = trk_varint_put (p, made->end_ticks - made->begin_ticks);
  p = trk_varint_put (p, made->kind);
  p = trk_varint_put (p, made->flags);
  p = trk_varint_put (p, local_stack);
  p = trk_varint_put (p, made->address);
  p = trk_varint_put (p, made->n_bytes);
  trk_put_extensible (self, TRK_OP_MAP, fields, (size_t) (p - fields));
}

static inline void
trk_event_put_unmap (TrkEventEncoder *self, uint64_t ticks, uint64_t address, uint64_t n_bytes)
{
  uint8_t fields[2 * TRK_VARINT_MAX_BYTES], *p = fields;

  trk_mapping_put_time (self, ticks);
  p = trk_varint_put (p, address);
  p = trk_varint_put (p, n_bytes);
  trk_put_extensible (self, TRK_OP_UNMAP, fields, (size_t) (p - fields));
}

static inline void
trk_event_put_remap (TrkEventEncoder *self,
                     const TrkMappingMade *made,
                     uint64_t old_address,
                     uint64_t old_n_bytes,
                     uint32_t local_stack)
{
  uint8_t fields[7 * TRK_VARINT_MAX_BYTES], *p = fields;

  trk_mapping_put_time (self, made->begin_ticks);
  p = trk_varint_put (p, made->end_ticks - made->begin_ticks);
  p = trk_varint_put (p, made->flags);
  p = trk_varint_put (p, local_stack);
  p = trk_varint_put (p, old_address);
  p = trk_varint_put (p, old_n_bytes);
  p = trk_varint_put (p, made->address);
  p = trk_varint_put (p, made->n_bytes);
  trk_put_extensible (self, TRK_OP_REMAP, fields, (size_t) (p - fields));
}
