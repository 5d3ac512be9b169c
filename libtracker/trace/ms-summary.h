/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The summary of a trace folder: everything that a load of its events comes to, so that the next one
 * need not read them.
 *
 *   load ─▶ is there one, of these very inputs? ─▶ yes: figures from it, tables from their files
 *                                                └▶ no: all events, and then it is written
 *
 * It lies in the folder as memscope_summary.bin; where that is another user's or cannot be written, in
 * the user's cache.  It is only ever a copy: any doubt about one and the events are read.  Small folders
 * get none, as their events are read as quickly.
 */
#pragma once

#include "ms-folder-digest.h"
#include "ms-trace-private.h"

G_BEGIN_DECLS

/* Folders with fewer bytes of events have none: they are read in less than 0.1 s.  Tests set it. */
extern guint64 ms_summary_min_event_bytes;

/* What a load found out on its way to the events. */
typedef struct {
  gboolean is_wanted; /* a summary is worth having, and may be had */
  gboolean is_damaged;
  MsFolderDigest digest; /* before the events are read */
} MsSummaryInputs;

/* MEMSCOPE_NO_CACHE. */
gboolean ms_summary_is_switched_off (void);

/* The trace of the folder that @dir_fd is open on, from its summary.  NULL: there is none that fits, @flags
 * ask for more than is in one, or @cancellable. (transfer full) */
MsTrace *ms_summary_load (const char *folder,
                          int dir_fd,
                          MsLoadFlags flags,
                          MsSummaryInputs *inputs,
                          GCancellable *cancellable);

/* After loading all events: keeps a summary of @trace, if @inputs wants one and they are still the same,
 * and says in the trace if one was damaged.  A failure is none of the caller's business. */
void ms_summary_keep (MsTrace *trace, int dir_fd, const MsSummaryInputs *inputs);

G_END_DECLS
