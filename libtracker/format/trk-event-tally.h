/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Counts the allocations, bytes and frees of a block without decoding it: for a writer whose blocks will be
 * overwritten, and that has to say what went.  Its own bytes, so that anything odd just ends the count.
 *
 * Threads: any; no locks; allocates nothing.  Cost: 1 to 6 ns an event, once a block (docs/PERFORMANCE.md,
 * "A flight recorder").
 */
#pragma once

#include "trk-format.h"

/* Adds to @counts, one of each counted domain.  Eight bytes behind the payload may be read. */
void trk_event_tally_add (TrkCounts counts[TRK_N_COUNTED_DOMAINS],
                          TrkEventWidths widths,
                          const uint8_t *payload,
                          uint32_t n_bytes);
