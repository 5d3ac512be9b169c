/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A trace of which each thread's last events are there (record --ring): what has to be done otherwise, once one is
 * gone.
 *
 *   thread 0   counts │ events ──────────────────▶
 *   thread 1   counts ············· │ events ────▶        │ where what was kept begins
 *   ended      counts of all         └ from here on all is there: ms_trace_get_kept_from_ns()
 *
 * Allocations, their bytes and deallocations are exact: each block tells what its thread had done before it, and the
 * manifest, or the lanes of the pool, what threads that are wholly gone had.  Whether a block that was not freed
 * in sight is live nobody knows: see ms_trace_why_no_live().
 */
#pragma once

#include "ms-trace-private.h"

G_BEGIN_DECLS

/* Whether nothing was written over yet: it is then read like any other trace, and knows what any other knows.
 * @trace: with its manifest; the sums of ended threads in it are those of the moment of @index. */
gboolean ms_ring_is_whole (const MsTrace *trace, MsBlockIndex *index);

/* What a ring does not say. */
void ms_ring_hide_live (MsTotals *totals);

/* The counts of what is gone, into the totals. */
void ms_ring_fill (MsTrace *trace, const MsMatcher *matcher, const MsAccounting *accounting);

/* Says how much is there. */
void ms_ring_report (MsTrace *trace);

G_END_DECLS
