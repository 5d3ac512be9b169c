/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The pieces of JSON that several exports share.  The names of members are a contract (data/schema).
 */
#pragma once

#include "ms-export-view.h"
#include "ms-findings.h"
#include "ms-json-writer.h"

G_BEGIN_DECLS

/* The members of @totals, into the object that is open.  What is of allocations is null where none was to be
 * recorded: @is_recorded. */
void ms_json_add_totals (MsJsonWriter *writer,
                         MsTrace *trace,
                         const MsTotals *totals,
                         gboolean is_recorded);
/* The same of a domain in what the view is of. */
void ms_json_add_domain (MsJsonWriter *writer, MsExportView *view, MsDomain domain);
/* A figure; null for MS_EXPORT_UNKNOWN, and of a ring if @key is about what was live. */
void ms_json_add_figure (MsJsonWriter *writer, MsTrace *trace, const char *key, guint64 value);
/* A figure and, of a sampled recording, how far it may be off: KEY_standard_error, in the figure's unit, 0
 * where it is exact all the same. */
void ms_json_add_estimate (MsJsonWriter *writer,
                           MsTrace *trace,
                           const char *key,
                           guint64 value,
                           double standard_error);
/* A member that holds what the trace is: program, command, state, clocks, quality. */
void ms_json_add_trace (MsJsonWriter *writer, const char *key, MsExportView *view);
/* "trimmed": which stretch of a longer recording it is, or null. */
void ms_json_add_trimmed (MsJsonWriter *writer, MsTrace *trace);
/* "ring": how much of each thread was kept, and why live bytes are not known; or null. */
void ms_json_add_ring (MsJsonWriter *writer, MsTrace *trace);
/* "dropped_events" and "dropped_reasons". */
void ms_json_add_losses (MsJsonWriter *writer, MsTrace *trace);
void ms_json_add_diagnostics (MsJsonWriter *writer,
                              const char *key,
                              MsTrace *trace,
                              gboolean redact);
/* "state": "running", "exited", "killed" or "unknown". */
void ms_json_add_state (MsJsonWriter *writer, MsState state);
/* An array; null for NULL. */
void ms_json_add_ids (MsJsonWriter *writer, const char *key, const guint *ids, guint n);
void ms_json_add_names (MsJsonWriter *writer, const char *key, MsThread *thread);
/* An object on one line, the value that is due: function, file, line, module.  For arrays of frames, of
 * which there may be a million. */
void ms_json_add_frame (MsJsonWriter *writer, const MsFrame *frame);
/* Frames of @stack, innermost first: function, file, line, module, address. */
void ms_json_add_frames (MsJsonWriter *writer, const char *key, MsExportView *view, guint stack);
void ms_json_add_findings (MsJsonWriter *writer,
                           const char *key,
                           GPtrArray *findings,
                           const MsLanguage *language);

const char *ms_domain_to_string (MsDomain domain);
/* When the recording ended, in UTC as ISO 8601; NULL if it is not known when it began. (transfer full) */
char *ms_end_time_to_string (MsExportView *view);

/* The member "marks": [{time_ns, kind, name}], those of the view's stretch. */
void ms_json_add_marks (MsJsonWriter *writer, MsView *view);
/* Those before and after a part are not of it. */
gboolean ms_mark_is_in_view (const MsMark *mark, MsView *view);

G_END_DECLS
