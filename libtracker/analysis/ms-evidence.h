/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A figure that a verdict rests on, and the limit that it passed. */
#pragma once

#include "ms-types.h"

G_BEGIN_DECLS

/* A figure that passes its threshold, in the unit that it names. */
typedef struct {
  const char *name;  /* "run_queue_percent"; static */
  const char *label; /* for people: "waited for a processor"; static */
  const char *unit;  /* "percent", "bytes", "1/s", …; static */
  double value;
  double threshold;
} MsEvidence;

/* "97.3 %", "20.0 MB", "120 /s": decimal, 1 MB is 10⁶ bytes, without the locale. (transfer full) */
MS_API char *ms_evidence_format_value (double value, const char *unit);
/* What somebody chose and nobody measured, as a threshold: "10 %", and "2.5 %" where there is something to say
 * behind the point. (transfer full) */
MS_API char *ms_evidence_format_limit (double value, const char *unit);

G_END_DECLS
