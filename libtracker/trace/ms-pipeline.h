/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading, matching and counting at the same time, on as many processors as there are.
 *
 *   readers  ─batches of MsStreamEvent─▶  matcher  ─batches of MsMatched─▶  accounting
 *   any number at once,                   the caller's thread               one at a time, in order
 *   each on another stream
 *
 * The matcher is the only one that must not wait: it asks for the batch after the next as soon as it
 * begins one, and whatever is not ready when it is needed it does itself.  Every stream is read in its own
 * order and every batch counted in the matcher's, so that the result does not depend on how many
 * workers there are, or on who was faster.
 */
#pragma once

#include "ms-accounting.h"
#include "ms-matcher.h"

G_BEGIN_DECLS

typedef struct _MsPipeline MsPipeline;

/* @n_workers: threads beside the caller's, 0 for none.  @n_threads: of the trace. */
MsPipeline *ms_pipeline_new (MsAccounting *accounting, guint n_threads, guint n_workers);
/* Until the matcher asks again, nobody reads any stream, and all is counted that was matched. */
void ms_pipeline_rest (MsPipeline *self);
/* Ends the workers: from here on nobody reads any stream. */
void ms_pipeline_stop (MsPipeline *self);
void ms_pipeline_free (MsPipeline *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsPipeline, ms_pipeline_free)

/* What a matcher needs; all of it lives as long as @self. */
const MsEventSource *ms_pipeline_get_source (MsPipeline *self);
const MsMatchedSink *ms_pipeline_get_sink (MsPipeline *self);

/* As many workers as are of use here. */
guint ms_pipeline_default_workers (void);

G_END_DECLS
