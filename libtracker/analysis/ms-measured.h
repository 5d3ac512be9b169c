/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A figure that may not have been measured.  What is not known has a reason instead of a value, and
 * nothing computed from it has a value either: a rule never sees a zero that nobody measured.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A figure, or why there is none. */
typedef struct {
  gboolean known;
  double value;       /* finite; 0 unless known */
  const char *reason; /* why it is not known, a clause without full stop; static.  NULL if known */
} MsMeasured;

static inline MsMeasured
ms_measured (double value)
{
  return (MsMeasured) { TRUE, value, NULL };
}

static inline MsMeasured
ms_not_measured (const char *reason)
{
  return (MsMeasured) { FALSE, 0, reason };
}

/* Whether it is known and above @limit. */
static inline gboolean
ms_measured_above (MsMeasured self, double limit)
{
  return self.known && self.value > limit;
}

/* @part / @whole, or the reason for which there is none; @empty is that of a whole of 0. */
static inline MsMeasured
ms_measured_ratio (MsMeasured part, MsMeasured whole, const char *empty)
{
  if (!part.known)
    return part;
  if (!whole.known)
    return whole;
  return whole.value > 0 ? ms_measured (part.value / whole.value) : ms_not_measured (empty);
}

G_END_DECLS
