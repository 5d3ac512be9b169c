/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From what a sampled recording kept to what happened.
 *
 * An allocation of Z bytes is kept with probability p, independently of all others; one that was kept
 * stands for 1/p allocations and Z/p bytes.  Sums of these are unbiased (Horvitz and Thompson, 1952), and
 *
 *   variance of the number   Σ (1 − p) / p²
 *   variance of the bytes    Σ Z² (1 − p) / p²
 *
 * over those kept is an unbiased estimate of the sum's own variance.  Its square root is the standard
 * error that is shown behind "±"; the truth lies within 1.96 of them in 95 of 100 recordings, if enough
 * blocks were kept for the sum to be normal (some thirty).
 */
#pragma once

#include <glib.h>
#include <math.h>

G_BEGIN_DECLS

typedef struct {
  double blocks, bytes; /* squared */
} MsVariance;

/* With which an allocation of @size is kept: at @rate, or by a Poisson process along the bytes with one
 * point in @interval_bytes (0: none). */
static inline double
ms_keep_probability (double rate, guint64 interval_bytes, guint64 size)
{
  double p = rate;

  if (interval_bytes > 0)
    p = -expm1 (-(double) MAX (size, 1) / (double) interval_bytes);
  return p > 1e-10 && p <= 1 ? p : 1;
}

/* A weighted number of blocks, as it is shown. */
static inline guint64
ms_estimate_round (double blocks)
{
  return blocks > 0 ? (guint64) llround (blocks) : 0;
}

/* What a kept block that stands for @weight blocks and @bytes adds. */
static inline MsVariance
ms_variance_of (double weight, double bytes)
{
  double missing = 1 - 1 / weight; /* 1 − p */

  return (MsVariance) { weight * weight * missing, bytes * bytes * missing };
}

static inline void
ms_variance_add (MsVariance *self, MsVariance more)
{
  self->blocks += more.blocks;
  self->bytes += more.bytes;
}

/* Takes away what was added before, up to rounding. */
static inline void
ms_variance_subtract (MsVariance *self, MsVariance less)
{
  self->blocks = MAX (0, self->blocks - less.blocks);
  self->bytes = MAX (0, self->bytes - less.bytes);
}

G_END_DECLS
