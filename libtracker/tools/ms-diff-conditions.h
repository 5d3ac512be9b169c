/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the figures come from that conditions of `memscope diff --fail-on` are held against. */
#pragma once

#include "ms-condition.h"
#include "ms-diff.h"

G_BEGIN_DECLS

/* Complains of those that are met; returns the exit status. */
int ms_diff_conditions_check (GPtrArray *conditions, MsDiff *diff);

/* By what the lists are to be ordered for people to see why it failed: the figure of the first condition that is met.
 * FALSE: none is, or rows have no such figure. */
gboolean ms_diff_conditions_find_figure (GPtrArray *conditions, MsDiff *diff, MsFigureKind *kind);

G_END_DECLS
