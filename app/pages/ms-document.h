/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a window shows: a recording, the trace of one of its processes, and everything derived from
 * it for the first paint.  Made by MsLoader's worker, immutable after.
 */
#pragma once

#include "ms-recording.h"
#include "ms-strip-layout.h"
#include "ms-thread-row.h"

G_BEGIN_DECLS

#define MS_TYPE_DOCUMENT (ms_document_get_type ())
G_DECLARE_FINAL_TYPE (MsDocument, ms_document, MS, DOCUMENT, GObject)

/* @settings NULL: the defaults. */
MsDocument *ms_document_new (MsRecording *recording,
                             guint process,
                             MsTrace *trace,
                             const MsAnalysisSettings *settings);

MsRecording *ms_document_get_recording (MsDocument *self);
guint ms_document_get_process (MsDocument *self);
MsTrace *ms_document_get_trace (MsDocument *self);
/* What its rows were made with. (transfer none) */
const MsAnalysisSettings *ms_document_get_settings (MsDocument *self);
gboolean ms_document_has_settings (MsDocument *self, const MsAnalysisSettings *settings);

/* What was sampled, over the whole trace. (transfer none) */
const MsResourceJoin *ms_document_get_resources (MsDocument *self);
/* Of the whole trace, in order of id.  Pages ask MsLens, whose rows are of the focus. (transfer none)
 * (element-type MsThreadRow) */
GPtrArray *ms_document_get_rows (MsDocument *self);
/* Of these, and of threads that ended and of which only sums are left. */
guint64 ms_document_get_n_threads (MsDocument *self);
MsThreadRow *ms_document_find_row (MsDocument *self, guint id);
/* By name, which may be "7", else by tid, else by id. */
MsThreadRow *ms_document_find_row_by_words (MsDocument *self, const char *words);
/* When the thread @row had most at once; NULL: all of them together.  MS_TIME_NONE: never, or it is not known. */
gint64 ms_document_get_peak_time_ns (MsDocument *self, MsThreadRow *row);
guint ms_document_get_n_tracked (MsDocument *self);
const MsStripData *ms_document_get_strip (MsDocument *self);

/* The program's name, fit for display. */
const char *ms_document_get_title (MsDocument *self);
/* "finished, exit 0 · 31 204 118 events · stacks complete" */
char *ms_document_describe (MsDocument *self);
/* Notes of the trace and of the recording. (transfer container) (element-type MsDiagnostic) */
GPtrArray *ms_document_get_diagnostics (MsDocument *self);

/* "finished, exit 0": how a process ended, or that it has not. */
char *ms_describe_process_end (MsState state, gint exit_status);
/* The same, or that only its beginning was recorded, up to @duration_ns. */
char *ms_describe_recording_end (MsState state,
                                 gint exit_status,
                                 gboolean is_cut,
                                 gint64 duration_ns);

G_END_DECLS
