/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What one thread knows alone, in blocks of type TRK_BLOCK_FREQUENCY: how much it allocated, of what
 * sizes, at which call stacks.  Written when a folder is closed, so that a reader can show counts
 * before it has matched a single free.  Everything here follows from the thread's event blocks.
 *
 *   payload    v n event blocks   v digest   then records until the end
 *   DOMAIN     v 1   v domain   v allocations   v frees   v bytes   v n   n × v count
 *   STACK      v 2   v stack id   v allocations   v bytes
 *
 * A STACK belongs to the DOMAIN before it; a long list goes on in the thread's next block, behind
 * the same DOMAIN with zeros: records add up.  The n counts are of sizes by power of two: bin 0 is
 * size 0, bin b the sizes of b bits.
 *
 * The digest is the XXH64 of the checksums of the thread's event blocks in order, 8 bytes each.  Where it
 * does not fit the event blocks, the file is stale and is not used.
 */
#pragma once

#include "trk-format.h"
#include "trk-varint.h"

#define TRK_FREQUENCY_SIZE_BINS 65U
#define TRK_FREQUENCY_HEADER_MAX_BYTES (2U * TRK_VARINT_MAX_BYTES)
#define TRK_FREQUENCY_RECORD_MAX_BYTES ((6U + TRK_FREQUENCY_SIZE_BINS) * TRK_VARINT_MAX_BYTES)

typedef enum { TRK_FREQUENCY_DOMAIN = 1, TRK_FREQUENCY_STACK = 2 } TrkFrequencyKind;

typedef struct {
  TrkFrequencyKind kind;
  uint8_t domain; /* also of a STACK */
  uint32_t stack; /* STACK: id in memscope_stacks.bin */
  uint64_t allocations, bytes;
  uint64_t frees;                              /* DOMAIN */
  uint64_t size_bins[TRK_FREQUENCY_SIZE_BINS]; /* DOMAIN */
} TrkFrequencyRecord;

/* Each returns the end of what it wrote; the caller has seen to the room. */
uint8_t *trk_frequency_encode_header (uint8_t *p, uint64_t n_event_blocks, uint64_t digest);
uint8_t *trk_frequency_encode (uint8_t *p, const TrkFrequencyRecord *record);

/* Each returns the end of what it read, or NULL on damage.  trk_frequency_decode() leaves the domain
 * of the record before in @record->domain, which the caller sets to TRK_N_DOMAINS at first. */
const uint8_t *trk_frequency_decode_header (const uint8_t *p,
                                            const uint8_t *end,
                                            uint64_t *n_event_blocks,
                                            uint64_t *digest);
const uint8_t *trk_frequency_decode (const uint8_t *p,
                                     const uint8_t *end,
                                     TrkFrequencyRecord *record);
