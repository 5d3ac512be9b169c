/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whether all of a trace is there.  A file that is gone, or that lost its end, leaves whole blocks
 * behind: no checksum tells.  What tells is what the other files say about it: the totals of the
 * manifest, the stacks that events name, the modules that stacks lie in.
 */
#pragma once

#include "ms-trace-private.h"

G_BEGIN_DECLS

/* After ms_trace_build(): adds a diagnostic for each kind of thing that is missing. */
void ms_completeness_check (MsTrace *trace, const MsAccounting *accounting);

/* No event block was found: the allocations that the manifest says there were, 0 if none. */
guint64 ms_completeness_lost_allocations (const MsManifest *manifest);

G_END_DECLS
