/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What can be said of a trace folder before any event is read: for the second or the minute that
 * ms_trace_load() takes where the folder has no summary.
 *
 *   headers of blocks ─▶ threads, how many events each
 *   .freq files       ─▶ what each thread allocated and freed, where one fits the thread's blocks
 *   manifest          ─▶ program, state; of a folder that was closed, allocations and peak of the process
 *
 * 0.1 s at 100 million events in the page cache.  Not an MsTrace, whose figures are all there and all checked: live bytes,
 * and peaks of a folder that was not closed, need every event.  Headers and counts are believed as
 * they stand; ms_trace_load() finds damage.
 */
#pragma once

#include <gio/gio.h>
#include "ms-types.h"

G_BEGIN_DECLS

/* What is known of a thread at once. */
typedef struct {
  guint id;
  gint tid;
  guint64 n_events; /* records in whole blocks: not what a killed process had in its windows */
  /* From its .freq file; in MsFirstSummary's domain.  FALSE: not known yet. */
  gboolean has_counts;
  guint64 allocations, allocated_bytes, frees;
} MsFirstThread;

/* What is known of a process at once.  All of it belongs to it. */
typedef struct {
  char *folder;
  char *program; /* valid UTF-8 */
  MsState state;
  gint64 duration_ns; /* up to the last whole block, or the end if it is known; -1: not known yet */
  guint64 n_events;
  guint n_threads;
  MsFirstThread *threads; /* by id; those with a whole block */
  MsDomain domain;        /* heap, or declared where that is the only one counted */
  /* Of the process.  FALSE: not known yet. */
  gboolean has_allocations, has_bytes, has_peak;
  guint64 allocations;            /* has_allocations */
  guint64 allocated_bytes, frees; /* has_bytes */
  guint64 peak_bytes;             /* has_peak */
} MsFirstSummary;

/* Of the trace folder @path; of a recording, its process with the most bytes of events.  NULL with MS_ERROR or G_IO_ERROR_CANCELLED. (transfer full) */
MS_API MsFirstSummary *ms_first_summary_load (const char *path,
                                              GCancellable *cancellable,
                                              GError **error);
MS_API void ms_first_summary_free (MsFirstSummary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsFirstSummary, ms_first_summary_free)

G_END_DECLS
