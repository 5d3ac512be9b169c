/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is known of counters beside their samples, in the form of samples, so that whoever walks over these
 * needs no rule of its own:
 *
 *   start    the counters of a thread, process or connection were 0 as it began
 *   exit     what a thread read of itself as it ended, so that totals of ended threads are exact
 *
 * Fields are those of the source's kind in trk-resource-fields.h.  This is the one place where the recorder's
 * own readings and the samples meet.
 */
#pragma once

#include "ms-resource-samples.h"
#include "ms-trace.h"

G_BEGIN_DECLS

/* The reading before @first, the first sample of a source of @kind.  @thread: that it is of, or NULL.  FALSE:
 * there is none of that kind, or its counters began before the trace did: the kernel's counters of a process and
 * its main thread go on over an exec, and a recording may begin late.  Then @first has more processor time
 * than the time that has passed has room for, and what came before it is not the trace's. */
gboolean ms_edge_readings_get_start (guint kind,
                                     MsThread *thread,
                                     guint n_processors,
                                     const MsResourceSample *first,
                                     MsResourceSample *start);

/* FALSE: it did not read anything as it ended, or has not ended.  Processor time is the kernel's counter, as in
 * samples; the rest is of the thread's life as the trace has it and without what the recorder did in the thread, which
 * samples include: of a whole life it is the truth, whatever samples say. */
gboolean ms_edge_readings_get_exit (MsThread *thread, MsResourceSample *exit);

/* How many were sampled; 1 at least. */
guint ms_edge_readings_count_processors (MsResources *resources);

/* How often connections are looked at; what a new one has moved, it moved since. */
#define MS_SOCKET_INTERVAL_NS G_GINT64_CONSTANT (1000000000)

G_END_DECLS
