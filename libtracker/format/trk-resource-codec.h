/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Samples of resources in blocks of type TRK_BLOCK_RESOURCES: of each *source* (a thread, a disk, a
 * processor) some *fields*, as counters and levels, never as rates.
 *
 *   END       v 0
 *   SOURCE    v 1   v kind   v id   v start   v n, n bytes of name       gets the next local number
 *   ABSENT    v 2   v source   z ns   v fields   v reason
 *   INTERVAL  v 3   v ns                                                  that samples are meant to be apart
 *   4 … 15    v length, bytes                                             to be skipped
 *   SAMPLE    v 16 + source   z ns   v changed·2 + p   [v present]   z difference for each changed field
 *
 * "z ns" is the time since the record before it that had one, in CLOCK_MONOTONIC ns, from the block's
 * first_ticks.  "fields", "present" and "changed" are masks, field 0 being bit 0.  A field is present in a
 * sample if it was measured then; "present" stands only where it differs (p = 1) from the source's sample
 * before.  A present field that did not change is as new as one that did: an idle thread is 5 bytes.
 * Differences are modulo 2^64 from the field's last value in this block, 0 at first.
 *
 * A decoder needs to know no kind: what the fields of each are, trk-resource-fields.h says.  Neither side
 * allocates; both structures are about 1 MiB, touched as far as there are sources.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "trk-format.h"
#include "trk-varint.h"

#define TRK_RESOURCE_MAX_FIELDS 32U
#define TRK_RESOURCE_MAX_SOURCES 4096U /* in one block */
#define TRK_RESOURCE_NAME_MAX_BYTES 4096U

enum {
  TRK_RESOURCE_OP_END = 0,
  TRK_RESOURCE_OP_SOURCE = 1,
  TRK_RESOURCE_OP_ABSENT = 2,
  TRK_RESOURCE_OP_INTERVAL = 3,
  TRK_RESOURCE_OP_SAMPLE = 16
};

/* Which source.  Two with the same key are one, also in different blocks; the name may change. */
typedef struct {
  uint32_t kind;  /* TrkResourceKind */
  uint64_t id;    /* tid, processor, inode… */
  uint64_t start; /* tells a reused id from the one before; 0 where ids are not reused */
  const char *name;
  uint32_t n_name; /* bytes, of any value; a writer cuts what is too long */
} TrkResourceKey;

/* --- writing --------------------------------------------------------------------------------------- */

typedef struct {
  uint64_t key_hash;
  uint32_t present;
  uint8_t reasons[TRK_RESOURCE_MAX_FIELDS]; /* as the block says them so far; 0: nothing said */
  uint64_t values[TRK_RESOURCE_MAX_FIELDS];
} TrkResourceState;

typedef struct {
  uint8_t *payload, *at, *end;
  uint64_t first_ns, last_ns, latest_ns; /* latest: the greatest */
  uint32_t n_records, n_sources;
  uint16_t slots[2 * TRK_RESOURCE_MAX_SOURCES]; /* hash of keys: number + 1 */
  TrkResourceState sources[TRK_RESOURCE_MAX_SOURCES];
} TrkResourceEncoder;

/* A block whose payload goes to @payload, of at most TRK_MAX_BLOCK_BYTES − header, and of 16 KiB at
 * least, so that any one sample fits into an empty block. */
void trk_resource_encoder_begin (TrkResourceEncoder *self,
                                 uint8_t *payload,
                                 size_t n_bytes,
                                 uint64_t first_ns);

/* Each returns false, and writes nothing, if the block has no room: it must be ended, and the call
 * repeated in the next. */
bool trk_resource_encode_interval (TrkResourceEncoder *self, uint64_t interval_ns);

/* One sample of @n_fields.  @reasons[i] 0: @values[i] was measured; else why not.  A reason is written
 * where it changes, @not_due never: such a field is merely not in this sample. */
bool trk_resource_encode_sample (TrkResourceEncoder *self,
                                 const TrkResourceKey *key,
                                 uint64_t time_ns,
                                 const uint64_t *values,
                                 const uint8_t *reasons,
                                 uint32_t n_fields,
                                 uint8_t not_due);

/* Completes @header, of which the caller has set block_number, tid and seal pair and nothing else counts,
 * checksum included, and returns the payload's bytes; 0: there is nothing in it. */
uint32_t trk_resource_encoder_end (TrkResourceEncoder *self, TrkBlockHeader *header);

/* --- reading --------------------------------------------------------------------------------------- */

typedef enum {
  TRK_RESOURCE_SOURCE,
  TRK_RESOURCE_SAMPLE,
  TRK_RESOURCE_ABSENT,
  TRK_RESOURCE_INTERVAL,
  TRK_RESOURCE_END,
  TRK_RESOURCE_DAMAGED
} TrkResourceRecordType;

typedef struct {
  uint32_t source;    /* SOURCE, SAMPLE, ABSENT: local number, below the number of SOURCEs so far */
  TrkResourceKey key; /* SOURCE: its name points into the payload */
  uint64_t time_ns;   /* SAMPLE, ABSENT */
  uint32_t fields;    /* SAMPLE: those that are present; ABSENT: those that are not from here on */
  const uint64_t *values; /* SAMPLE: of all fields; only the present ones mean something */
  uint32_t reason;        /* ABSENT */
  uint64_t interval_ns;   /* INTERVAL */
} TrkResourceRecord;

typedef struct {
  const uint8_t *at, *end;
  uint64_t last_ns;
  uint32_t n_sources;
  uint32_t present[TRK_RESOURCE_MAX_SOURCES];
  uint64_t values[TRK_RESOURCE_MAX_SOURCES][TRK_RESOURCE_MAX_FIELDS];
} TrkResourceDecoder;

void trk_resource_decoder_begin (TrkResourceDecoder *self,
                                 const uint8_t *payload,
                                 size_t n_bytes,
                                 uint64_t first_ns);

/* Any bytes are safe.  After END and DAMAGED there is nothing more; what stood before damage stays. */
TrkResourceRecordType trk_resource_decode (TrkResourceDecoder *self, TrkResourceRecord *record);
