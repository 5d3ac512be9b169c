/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The clock of a trace, from its manifest and the headers of its blocks: for who loads it and for who cuts a part
 * out of it, so that both give an event the same time.
 *
 *   manifest's pair, pairs of all blocks, and where these are too few the present's ─▶ MsClock
 */
#pragma once

#include "ms-block-index.h"
#include "ms-clock.h"
#include "ms-manifest.h"

G_BEGIN_DECLS

gint64 ms_monotonic_now_ns (void);

/* Leaves out blocks of events of another clock than the first, which is said; then makes @clock of what is left.
 * @index has some block of events. */
void ms_block_clock_init (MsClock *clock,
                          MsBlockIndex *index,
                          const MsManifest *manifest,
                          MsState state);

G_END_DECLS
