/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Chooses the field widths of a thread's next block from the block just finished.
 *
 * A field of w bits costs w bits in every record, and about 40 bits in each record that it does not
 * fit (which then becomes a long one); the width with the least sum is taken, for each field alone.
 * Looks at the first TRK_WIDTHS_SAMPLE records only.  No allocation, signal-safe, any thread.
 */
#pragma once

#include "trk-format.h"

#define TRK_WIDTHS_SAMPLE 192U

/* For a thread's first block. */
TrkEventWidths trk_event_widths_default (void);

TrkEventWidths trk_event_widths_choose (const TrkBlockHeader *header,
                                        const uint8_t *payload,
                                        uint32_t n_bytes);
