/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Chooses the field widths of a thread's next block from the block just finished.
 *
 * A field of w bits costs w bits in every record, and in each record that it does not fit what the other
 * way of telling it costs: 32 bits more for a long record, 20 for the upper part of a time.  The width
 * with the least sum is taken, for each field alone.
 * Looks at the first TRK_WIDTHS_SAMPLE records only.  No allocation, signal-safe, any thread.
 */
#pragma once

#include "trk-format.h"

#define TRK_WIDTHS_SAMPLE 128U

/* For a thread's first block. */
TrkEventWidths trk_event_widths_default (void);

/* @payload is our own, written a moment ago. */
TrkEventWidths trk_event_widths_choose (const TrkBlockHeader *header,
                                        const uint8_t *payload,
                                        uint32_t n_bytes);
