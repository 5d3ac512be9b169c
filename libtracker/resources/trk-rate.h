/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A rate is the difference of two readings of a counter by the difference of their true times.  There is
 * none, and the next reading begins anew, where a reading is missing, a counter became smaller or time
 * did not advance: the gap is shown, the last rate is never shown again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "trk-reason.h"

typedef struct {
  uint64_t value;
  int64_t time_ns;
  bool has_value; /* all zeros: no reading yet */
} TrkRate;

/* Returns TRK_REASON_NONE with *@per_second, or why there is no rate (then it is left alone).  @reason is
 * that of the reading itself. */
static inline TrkReason
trk_rate_advance (TrkRate *rate,
                  int64_t time_ns,
                  TrkReason reason,
                  uint64_t value,
                  double *per_second)
{
  TrkRate before = *rate;

  if (reason == TRK_REASON_NONE && value == TRK_UNKNOWN)
    reason = TRK_REASON_NOT_HERE;
  *rate = (TrkRate) { value, time_ns, reason == TRK_REASON_NONE };
  if (reason != TRK_REASON_NONE)
    return reason;
  if (!before.has_value || time_ns <= before.time_ns)
    return TRK_REASON_NOT_YET;
  if (value < before.value)
    return TRK_REASON_BACKWARDS;
  *per_second = (double) (value - before.value) * 1e9 / (double) (time_ns - before.time_ns);
  return TRK_REASON_NONE;
}
