/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The card of several threads of one name: what they did together.  Counts and rates are sums; what they held is
 * the sum of their curves, and its highest point is what they held at most, as the highest moments of two threads in
 * one stretch of the curve need not be the same one.  The alert is the gravest of theirs; what was not measured of one
 * of them is not known of all.
 */
#pragma once

#include "ms-thread-row.h"

G_BEGIN_DECLS

/* @rows: of MsThreadRow, at least one; the card has the id and the role of the first that was tracked.
 * (transfer full) */
MsCardItem *ms_thread_group_new_card (GPtrArray *rows);

G_END_DECLS
