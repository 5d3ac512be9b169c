/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Call stacks in blocks of type TRK_BLOCK_STACKS.  One record:
 *
 *   v id   v generation   v depth*2+truncated   v shared   (depth − shared) × z frame delta
 *
 * The outermost @shared frames are those of the record before it in the same block; the others
 * follow from the outermost to the innermost, each as the difference from the frame outside it (or
 * from 0).  Frames are return addresses, frame 0 innermost.  @generation counts the process's
 * dlclose calls: the same address means another function in another generation.
 */
#pragma once

#include <stdbool.h>
#include "trk-format.h"
#include "trk-varint.h"

/* The most bytes that one record of @depth frames needs. */
#define TRK_STACK_RECORD_MAX_BYTES(depth) ((4 + (depth)) * TRK_VARINT_MAX_BYTES)

typedef struct {
  uint32_t id;
  uint32_t generation;
  uint32_t depth;
  bool truncated; /* there were more frames: depth limit, or code without unwind information */
  uint64_t frames[TRK_MAX_STACK_DEPTH];
} TrkStackRecord;

/* Appends a record at @p, after @previous (NULL: first of its block), and returns its end. */
uint8_t *trk_stack_encode (uint8_t *p,
                           const uint64_t *previous,
                           uint32_t previous_depth,
                           uint32_t id,
                           uint32_t generation,
                           const uint64_t *frames,
                           uint32_t depth,
                           bool truncated);

/* Reads one record at @p into @record, which holds the record before it (depth 0 for the first).
 * Returns its end, or NULL on damage. */
const uint8_t *trk_stack_decode (const uint8_t *p, const uint8_t *end, TrkStackRecord *record);
