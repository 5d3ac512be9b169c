/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is known of a thread's counters beside its samples, in the form of samples, so that whoever walks
 * over these needs no rule of its own:
 *
 *   start    all counters were 0 as the thread began
 *   exit     what the thread read of itself as it ended, so that totals of ended threads are exact
 *
 * Fields are those of a thread in trk-resource-fields.h.  This is the one place where the recorder's own
 * readings and the samples meet.
 */
#pragma once

#include "ms-resource-samples.h"
#include "ms-trace.h"

G_BEGIN_DECLS

/* The reading before @first, the first sample of the thread.  FALSE: its counters began before the trace
 * did: the kernel's counters of a main thread go on over an exec, and a recording may begin late.  Then
 * @first has more processor time than has passed, and what came before it is not the trace's. */
gboolean ms_thread_readings_get_start (MsThread *thread,
                                       const MsResourceSample *first,
                                       MsResourceSample *start);

/* FALSE: it did not read anything as it ended, or has not ended. */
gboolean ms_thread_readings_get_exit (MsThread *thread, MsResourceSample *exit);

G_END_DECLS
