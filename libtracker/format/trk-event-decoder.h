/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads the event records of one block, and of one thread's blocks in order.
 *
 * The input is hostile: every read is bounded, nothing is asserted, nothing is allocated.  Two
 * pieces of memory are the caller's: the ring of a thread's recent addresses, which lives as long as
 * the thread's blocks are being read, and the table of the block's local stacks.
 */
#pragma once

#include <stdbool.h>
#include "trk-address-bases.h"
#include "trk-address-ring.h"
#include "trk-format.h"

typedef enum {
  TRK_EVENT_ALLOC,
  TRK_EVENT_FREE,
  TRK_EVENT_REALLOC,
  TRK_EVENT_FOREIGN_FREE,
  TRK_EVENT_SKIPPED,
  TRK_EVENT_SAMPLING,
  TRK_EVENT_DROPPED,
  TRK_EVENT_TRACKING,
  TRK_EVENT_THREAD_START,
  TRK_EVENT_THREAD_NAME,
  TRK_EVENT_THREAD_EXIT,
  TRK_EVENT_RULE,
  TRK_EVENT_EARLIER,
  TRK_EVENT_MAP,
  TRK_EVENT_UNMAP,
  TRK_EVENT_REMAP
} TrkEventKind;

typedef struct {
  TrkEventKind kind;
  uint8_t call;         /* TrkSampledCall: ALLOC, FREE of a sampled thread */
  uint8_t domain;       /* TrkDomain: ALLOC, FREE, REALLOC, FOREIGN_FREE, SKIPPED */
  bool address_known;   /* false: the block that holds it was lost */
  bool has_distance;    /* the address was coded as that of number @origin in this thread */
  uint64_t ticks;       /* of the event; REALLOC: before the real call */
  uint64_t end_ticks;   /* REALLOC, MAP, REMAP: after it; else the same as ticks */
  uint64_t address;     /* REALLOC, REMAP: the new one */
  uint64_t old_address; /* REALLOC, REMAP */
  uint64_t size;        /* ALLOC, REALLOC: requested bytes; MAP, UNMAP, REMAP: of the range */
  uint64_t sequence;    /* ALLOC, REALLOC: number of this address in its thread, from 0 */
  uint64_t origin;      /* has_distance: number that this address had before */
  uint32_t stack;       /* stack id, 0: none; for a FREE only where --free-stacks was on */
  union {
    struct {
      uint64_t allocations, bytes, frees;
    } skipped;
    struct {
      uint64_t rate_q32, interval_bytes;
    } sampling;
    struct {
      uint64_t n_events;
      uint32_t reason;
    } dropped;
    struct {
      bool on;
    } tracking;
    struct {
      bool has_parent;
      uint32_t parent_thread_id;
      uint64_t start_routine;
    } start;
    struct {
      const char *bytes;
      uint32_t n_bytes;
    } name; /* into the payload; any bytes */
    struct {
      const char *bytes;
      uint32_t n_bytes;
      bool on;
    } rule; /* likewise; EARLIER, too: see trk_earlier_get() */
    struct {
      uint64_t cpu_ns;
      const char *figures; /* into the payload: see trk_exit_figures_get() */
      uint32_t n_figures;  /* bytes */
    } exit;
    struct {
      uint64_t old_size;    /* REMAP */
      uint32_t kind, flags; /* TrkMappingKind (any number: of a newer writer), TRK_MAPPING_* */
    } mapping;              /* address + size, and old_address + old_size, pass 2^64 in none */
  } u;
} TrkEvent;

typedef enum {
  TRK_DECODE_OK,
  TRK_DECODE_END,     /* no more records */
  TRK_DECODE_DAMAGED, /* what follows cannot be read; everything before it stands */
  TRK_DECODE_UNKNOWN  /* an opcode of a newer writer that cannot be skipped */
} TrkDecodeStatus;

typedef struct {
  const uint8_t *payload;
  uint32_t n_bytes;
  uint32_t n_bits_read;
  uint64_t ticks, sequence;
  uint64_t last_address, last_size; /* of the latest allocation not by distance; 0: none */
  TrkAddressBases bases;
  TrkAddressRing *ring;
  uint32_t *local_stacks;
  uint32_t n_local_stacks, max_local_stacks;
  uint32_t free_stack;
  uint8_t call; /* of the record that follows */
  uint8_t domain;
  TrkEventWidths widths;
} TrkEventDecoder;

/*
 * Begins a block.  @ring holds what the thread's earlier blocks left (reset before the first).
 * @local_stacks has room for @max_local_stacks ids; TRK_LOCAL_STACKS_FOR (n_bytes) is always enough.
 * Returns TRK_DECODE_DAMAGED if the header's widths cannot be.
 */
#define TRK_LOCAL_STACKS_FOR(n_bytes) ((n_bytes) / 2 + 1)
TrkDecodeStatus trk_event_decoder_begin (TrkEventDecoder *self,
                                         const TrkBlockHeader *header,
                                         const uint8_t *payload,
                                         uint32_t n_bytes,
                                         TrkAddressRing *ring,
                                         uint32_t *local_stacks,
                                         uint32_t max_local_stacks);

/* False: no block can have these. */
bool trk_event_widths_are_possible (TrkEventWidths widths);

/* Reads the next event into @event. */
TrkDecodeStatus trk_event_decoder_next (TrkEventDecoder *self, TrkEvent *event);

/* Bytes of the payload read so far, for messages. */
uint32_t trk_event_decoder_get_offset (const TrkEventDecoder *self);
