/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Mapped objects in blocks of type TRK_BLOCK_MODULES, written when a call stack first touches them.
 * One record:
 *
 *   v generation  v start  v end−start  z bias  v n build-id bytes  v n path bytes  path bytes
 *
 * A frame of a stack of generation g belongs to the module with start <= address < end and the
 * greatest generation <= g.  address − bias is the address in the object file.
 */
#pragma once

#include "trk-format.h"
#include "trk-varint.h"

#define TRK_BUILD_ID_MAX_BYTES 32U
#define TRK_MODULE_PATH_MAX_BYTES 4096U
#define TRK_MODULE_RECORD_MAX_BYTES \
  (6 * TRK_VARINT_MAX_BYTES + TRK_BUILD_ID_MAX_BYTES + TRK_MODULE_PATH_MAX_BYTES)

typedef struct {
  uint32_t generation;
  uint64_t start, end; /* first and one past the last mapped byte */
  uint64_t bias;       /* what the loader added to the object's own addresses */
  const uint8_t *build_id;
  uint32_t n_build_id;
  const char *path; /* not terminated */
  uint32_t n_path;
} TrkModuleRecord;

uint8_t *trk_module_encode (uint8_t *p, const TrkModuleRecord *record);

/* The record's build_id and path point into the input.  Returns its end, or NULL on damage. */
const uint8_t *trk_module_decode (const uint8_t *p, const uint8_t *end, TrkModuleRecord *record);
