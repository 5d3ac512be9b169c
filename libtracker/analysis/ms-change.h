/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A figure before and after, and whether the difference means anything.
 *
 *   difference        after − before
 *   standard error    √ (e_before² + e_after²): two recordings are independent of each other.  Where a
 *                     sampled side kept nothing, its part is what it would be if nothing had changed:
 *                     a stack of one block is not gone because it was not kept
 *   significant       |difference| > 1.96 standard errors.  Of a hundred stacks that did not change,
 *                     some five will seem to have.  Where both sides are exact, any difference is
 */
#pragma once

#include "ms-rankings.h"

G_BEGIN_DECLS

/* A figure before and after, in its own unit. */
typedef struct {
  guint64 before, after;
  double standard_error; /* of the difference; 0: exact; NAN: estimates whose error is not known */
} MsChange;

/* As far as it fits into 64 bits. */
MS_API gint64 ms_change_get_difference (const MsChange *self);
/* In parts of a hundred of what it was before.  FALSE: it was 0. */
MS_API gboolean ms_change_get_percent (const MsChange *self, double *percent);
MS_API gboolean ms_change_is_significant (const MsChange *self);
/* By the size of the difference, largest first; < 0: @a comes first. */
MS_API gint ms_change_compare (const MsChange *a, const MsChange *b);

/* The standard error of the member of @totals that @kind names. */
MS_API double ms_totals_get_standard_error (const MsTotals *totals, MsFigureKind kind);

G_END_DECLS
