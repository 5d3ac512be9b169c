/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The trace for timeline viewers: the "Trace Event Format" (JSON), which https://ui.perfetto.dev and
 * chrome://tracing open.
 *
 *   a slice a thread        its life, with its totals as arguments
 *   counter tracks          live bytes of the process and of each of the heaviest threads, and the rate at
 *                           which they allocated, in equal stretches of the trace
 *
 * Times are µs since the start of the trace.  Kernel thread ids that were used twice are replaced for the
 * later threads by numbers above 10 000 000, as a viewer takes one id for one thread.
 */
#pragma once

#include "ms-export-view.h"

G_BEGIN_DECLS

#define MS_TRACE_EVENTS_BINS 500
/* So many threads have counters. */
#define MS_TRACE_EVENTS_THREADS 64

gboolean ms_trace_events_write (GOutputStream *stream,
                                MsExportView *view,
                                GCancellable *cancellable,
                                GError **error);

G_END_DECLS
