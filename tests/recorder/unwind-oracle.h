/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Compares one walk of trk_unwind with unw_backtrace of stock libunwind, taken in the same frame.
 *
 *   ours     frame 0 = the checked function's caller …
 *   oracle   itself's frames first: cut to where it has our frame 0
 *
 * Used by test-unwind-*.c and by the preloaded module that checks real programs.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "trk-unwind.h"

#define ORACLE_MAX_FRAMES 256

typedef enum {
  ORACLE_EQUAL,
  ORACLE_WE_STOP_EARLY,  /* truncated, and right as far as it goes */
  ORACLE_IT_STOPS_EARLY, /* the same, the other way round */
  ORACLE_MISMATCH,       /* a different frame */
  ORACLE_UNMARKED,       /* the right frames, the wrong truncation mark */
} OracleVerdict;

typedef struct {
  uint64_t ours[ORACLE_MAX_FRAMES];
  void *oracle[ORACLE_MAX_FRAMES + 8];
  unsigned n_ours, n_oracle, skip;
  bool truncated;
} OracleStacks;

typedef int (*OracleBacktrace) (void **frames, int max);

/* Fills and compares; @max limits our walk. */
static inline __attribute__ ((always_inline)) OracleVerdict
oracle_compare (OracleStacks *stacks,
                const TrkUnwindStart *start,
                unsigned max,
                OracleBacktrace backtrace)
{
  unsigned n_common;

  stacks->n_ours = trk_unwind (start, stacks->ours, max, &stacks->truncated);
  stacks->n_oracle = (unsigned) backtrace (stacks->oracle, ORACLE_MAX_FRAMES + 8);
  while (stacks->n_oracle && !stacks->oracle[stacks->n_oracle - 1])
    stacks->n_oracle--;
  stacks->skip = 0;
  while (stacks->skip < stacks->n_oracle
         && (uint64_t) (uintptr_t) stacks->oracle[stacks->skip] != start->pc)
    stacks->skip++;
  stacks->n_oracle -= stacks->skip;

  n_common = stacks->n_ours < stacks->n_oracle ? stacks->n_ours : stacks->n_oracle;
  for (unsigned i = 0; i < n_common; i++)
    if (stacks->ours[i] != (uint64_t) (uintptr_t) stacks->oracle[stacks->skip + i])
      return ORACLE_MISMATCH;
  if (stacks->n_ours > stacks->n_oracle)
    return ORACLE_IT_STOPS_EARLY;
  if (stacks->n_ours < stacks->n_oracle)
    return stacks->n_ours == max && stacks->truncated ? ORACLE_EQUAL
           : stacks->truncated                        ? ORACLE_WE_STOP_EARLY
                                                      : ORACLE_UNMARKED;
  return stacks->truncated ? ORACLE_WE_STOP_EARLY : ORACLE_EQUAL;
}
