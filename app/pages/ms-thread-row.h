/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A thread as pages show it: its figures in a view, what the analysis says of them, and what its card
 * is painted from.  Made on a worker, immutable after.
 */
#pragma once

#include "ms-card-item.h"
#include "ms-resource-join.h"
#include "ms-roles.h"
#include "ms-scores.h"

G_BEGIN_DECLS

/* Stretches of time on a card's curve. */
#define MS_THREAD_ROW_N_BINS 128

#define MS_TYPE_THREAD_ROW (ms_thread_row_get_type ())
G_DECLARE_FINAL_TYPE (MsThreadRow, ms_thread_row, MS, THREAD_ROW, GObject)

/* Of each thread of @view's trace, by index.  @resources: of the view; @whole: of the
 * trace, as a thread is of one role whatever part of its life is looked at.  @settings NULL: the defaults.  Scans what the view has not
 * scanned: for a worker.  NULL if it was cancelled. (transfer full) (element-type MsThreadRow) */
GPtrArray *ms_thread_rows_new (MsView *view,
                               const MsResourceJoin *resources,
                               const MsResourceJoin *whole,
                               const MsAnalysisSettings *settings,
                               GCancellable *cancellable);
/* The one of the thread @id, or NULL. (transfer none) */
MsThreadRow *ms_thread_rows_find (GPtrArray *rows, guint id);

/* (transfer none) */
MsThread *ms_thread_row_get_thread (MsThreadRow *self);
guint ms_thread_row_get_id (MsThreadRow *self);
gint ms_thread_row_get_tid (MsThreadRow *self);
/* Fit for display. */
const char *ms_thread_row_get_name (MsThreadRow *self);
gboolean ms_thread_row_is_tracked (MsThreadRow *self);
/* What it has live, had at its peak and never freed is known: not in a ring. */
gboolean ms_thread_row_has_live (MsThreadRow *self);
MsRole ms_thread_row_get_role (MsThreadRow *self);
MsAlert ms_thread_row_get_alert (MsThreadRow *self);
double ms_thread_row_get_rate (MsThreadRow *self);
gint64 ms_thread_row_get_duration_ns (MsThreadRow *self);
/* Of the trace's main domain, with its peak. */
const MsTotals *ms_thread_row_get_totals (MsThreadRow *self);
const MsThreadScores *ms_thread_row_get_scores (MsThreadRow *self);
MsCardItem *ms_thread_row_get_card (MsThreadRow *self);

/* Whether @needle (casefolded) is part of the name or the tid; an empty one matches all. */
gboolean ms_thread_row_matches (MsThreadRow *self, const char *needle);

G_END_DECLS
