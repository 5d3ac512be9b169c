/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The unwind information that a module carries for one of its addresses.
 *
 *   .eh_frame_hdr   a sorted table: first address of a function → its FDE
 *   .eh_frame       FDE: address range, program ──▶ CIE: factors, augmentation, initial program
 *
 * Both programs together say how to leave a frame (trk-unwind-cfa.h runs them).  Every read is
 * bounded by the module's mapping; what does not parse is "no information".  Called for a return
 * address that the rule table does not know.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes being read. After a read past the end every read gives 0 and bad is set. */
typedef struct {
  const uint8_t *at, *end;
  bool bad;
} TrkBytes;

typedef struct {
  TrkBytes initial_program;
  TrkBytes program;
  uint64_t function; /* first address that the FDE covers */
  uint64_t function_end;
  uint64_t code_factor;
  int64_t data_factor;
  uint64_t return_column;
  uint8_t pointer_encoding;
  bool signal_frame;
} TrkFde;

typedef enum {
  TRK_FDE_FOUND,
  TRK_FDE_ABSENT,    /* a module, but no information for this address */
  TRK_FDE_NO_MODULE, /* JIT code, or no code at all */
} TrkFdeStatus;

TrkFdeStatus trk_unwind_find_fde (uint64_t pc, TrkFde *fde);

/* A module's code around an address, and its sorted table if it has one. */
typedef struct {
  uint64_t start, end;
  uint64_t data_start, data_end; /* reads of unwind information stay inside */
  uint64_t hdr;                  /* .eh_frame_hdr; the table's values count from here */
  uint64_t table;                /* rows of two int32: function, FDE */
  uint64_t n_rows;
} TrkModule;

/* The module that holds @pc. */
TrkFdeStatus trk_unwind_find_module (uint64_t pc, TrkModule *module);

uint64_t trk_bytes_get (TrkBytes *self, unsigned n_bytes); /* 1, 2, 4 or 8, little-endian */
uint64_t trk_bytes_get_uleb (TrkBytes *self);
int64_t trk_bytes_get_sleb (TrkBytes *self);
/* A pointer in one of the DW_EH_PE encodings. */
uint64_t trk_bytes_get_encoded (TrkBytes *self, uint8_t encoding, uint64_t data_base);
/* Splits off the next @n_bytes. */
TrkBytes trk_bytes_take (TrkBytes *self, uint64_t n_bytes);
