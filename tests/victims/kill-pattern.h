/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What every thread of the kill victim does, and so what must be in its stream, event for event:
 *
 *   event 0      malloc (KILL_MARKER_BYTES + slot)     says which thread this is
 *   event 1      its free
 *   event 2 + i  call i of the pattern, i = 0, 1, 2…
 *
 * Five calls make a round: malloc A, malloc B, realloc A, free B, free A.  A size says which call it
 * belongs to, but for whole turns of KILL_SIZES.  After each call has returned the thread counts it in
 * counts[slot], in a file that outlives it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define KILL_MARKER_BYTES ((size_t) 1 << 20)
#define KILL_SIZES 4096U
#define KILL_MAX_SLOTS 65536U

typedef enum { KILL_MALLOC_A, KILL_MALLOC_B, KILL_REALLOC_A, KILL_FREE_B, KILL_FREE_A } KillCall;

static inline KillCall
kill_call (uint64_t i)
{
  return (KillCall) (i % 5);
}

static inline size_t
kill_size (uint64_t i)
{
  return 16 + i % KILL_SIZES;
}

/* The file that the victim shares with its test. */
typedef struct {
  _Atomic uint32_t n_slots;              /* given out so far */
  _Atomic uint32_t done[KILL_MAX_SLOTS]; /* the thread made all the calls that it wanted to */
  _Atomic uint64_t counts[KILL_MAX_SLOTS];
} KillCounts;
