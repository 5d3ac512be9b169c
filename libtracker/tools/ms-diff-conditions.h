/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the figures come from that conditions of `memscope diff --fail-on` are held against. */
#pragma once

#include "ms-condition.h"
#include "ms-diff.h"

G_BEGIN_DECLS

/* Complains of those that are met; returns the exit status. */
int ms_diff_conditions_check (GPtrArray *conditions, MsDiff *diff);

G_END_DECLS
