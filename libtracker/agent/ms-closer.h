/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Closes the trace folder of a process that has ended:
 *
 *   1. what is left in the windows of the pool goes into the files      (ms-pool-drain)
 *   2. the manifest gets state, exit status and end; "closed": true
 *   3. the pool is removed: the folder is whole without it
 *   4. the trace is loaded; its totals go into the manifest, its frequency files are written
 *   5. its summary is, which has a digest of all of these
 *
 * A program that is not followed and could not say so itself (docs/FORMAT.md, "unnoted_pid") gets its
 * note here, between 2 and 3.
 *
 * In this order a closer that is killed leaves a folder that reads the same, and that the next
 * closer finishes.  Two closers at once take turns (flock on the folder).  Steps 1 to 3 cost what the
 * folder's size is; step 4 loads the trace, so it is the one for a worker thread.
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "ms-trace.h"

G_BEGIN_DECLS

/* How the process ended, as far as its watcher knows. */
typedef struct {
  gboolean has_wait_status;
  int wait_status; /* as waitpid (2) has it */
  gint64 end_ns;   /* CLOCK_MONOTONIC when the end was noticed; 0: not seen */
  gboolean
      is_certain; /* the process is known to be gone, even if its pid is of another namespace */
} MsProcessEnd;

/* What is said about a process once its trace was read. */
typedef struct _MsTraceSummary MsTraceSummary;
struct _MsTraceSummary {
  char *folder; /* base name */
  gint pid, parent_pid;
  char *program; /* valid UTF-8 */
  MsState state;
  gint exit_status; /* −1: unknown; 128 + signal */
  gint64 duration_ns;
  char *not_followed; /* why there is no trace in it, or NULL */
  gboolean has_totals;
  char *load_error; /* why there are none although events may be there, or NULL */
  char *thread_rule;
  MsDomain domain;
  MsTotals totals;
  gboolean has_mappings;
  guint64 mapped_bytes, mapped_peak_bytes; /* address space: at the end, and at most */
  guint n_threads, n_tracked_threads;
  guint n_threads_with_events; /* in the files of the folder: what a reader may miss */
  guint64 n_events, dropped_events;
  gboolean is_sampled;
  gboolean was_replaced; /* by exec: another program took its place */
  gboolean ends_early;   /* it went on after what is recorded, see ms_trace_ends_early() */
  gboolean is_ring;      /* the last events only: no live, leaked and peak bytes */
  /* The thread with the highest peak; −1: none allocated. */
  gint top_thread_id;
  char *top_thread_name;
  guint64 top_thread_peak_bytes;
  double top_thread_peak_standard_error; /* 0 unless sampled */
  /* A program that it became or started, is not followed and could not say so itself; or NULL. */
  MsTraceSummary *unnoted;
};

/* Closes @folder, or finishes closing it, and returns what is in it.  NULL: the process still runs
 * (G_IO_ERROR_BUSY), or the folder could not be written or read; then nothing was lost.
 * (transfer full) */
MsTraceSummary *ms_closer_close (const char *folder, const MsProcessEnd *end, GError **error);

/* Steps 1 to 3 alone, for who has no memory for a trace: its first reader counts the totals. */
gboolean ms_closer_close_files (const char *folder, const MsProcessEnd *end, GError **error);

/* What can be said now about the folder of a process that may still run. (transfer full) */
MsTraceSummary *ms_closer_peek (const char *folder, GError **error);

/* The "totals" of a manifest and of a recording's list; @self must have some. (transfer full) */
JsonObject *ms_trace_summary_build_totals (const MsTraceSummary *self);

void ms_trace_summary_free (MsTraceSummary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsTraceSummary, ms_trace_summary_free)

G_END_DECLS
