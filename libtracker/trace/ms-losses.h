/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Events that happened and could not be recorded, by reason.
 *
 * Most are told in the stream (DROPPED records).  The header of the pool counts them all, so that what it
 * has more was lost where no block came after it: for want of a lane, or because the disk stayed full.
 */
#pragma once

#include "ms-trace-private.h"

G_BEGIN_DECLS

/* Sets the trace's dropped_events and losses, and says them in a diagnostic. */
void ms_losses_collect (MsTrace *trace, const MsMatcher *matcher, const MsBlockIndex *index);

G_END_DECLS
