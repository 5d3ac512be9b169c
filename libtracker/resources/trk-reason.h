/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Why a figure is not there.  Every group of figures that comes from one file has a TrkReason beside
 * it; a single figure that the file lacks is TRK_UNKNOWN.  Never 0: nothing measured is not nothing.
 *
 *   reason = TRK_REASON_NONE   the figures were read, at the time that stands beside them
 *   any other                  they were not; whoever draws them leaves a gap and may say why
 *
 * The kernel prints 2^64 − 1 for "no limit" only, so that a counter of that value is unknown too.
 */
#pragma once

#include <stdint.h>

#define TRK_UNKNOWN UINT64_MAX

/* The numbers also stand in files (docs/FORMAT.md, "Resources"): never change one. */
typedef enum {
  TRK_REASON_NONE = 0,
  TRK_REASON_NOT_YET = 1,         /* not read so far; a rate needs two readings */
  TRK_REASON_NOT_HERE = 2,        /* this machine or kernel does not have it */
  TRK_REASON_NOT_PERMITTED = 3,   /* it belongs to somebody else */
  TRK_REASON_ENDED = 4,           /* the process or thread is gone */
  TRK_REASON_MALFORMED = 5,       /* it was read and makes no sense */
  TRK_REASON_NO_DESCRIPTOR = 6,   /* too many open files */
  TRK_REASON_OTHER_NAMESPACE = 7, /* only to be seen from inside the process's namespace */
  TRK_REASON_BACKWARDS = 8,       /* a counter became smaller: this difference is none */
  TRK_REASON_FAILED = 9,          /* another error */
  TRK_REASON_NOT_DUE = 10         /* read more seldom than the rest of the sample, for its cost */
} TrkReason;

TrkReason trk_reason_from_errno (int error);

/* "not permitted": continues "not available: ". */
const char *trk_reason_explain (TrkReason reason);
