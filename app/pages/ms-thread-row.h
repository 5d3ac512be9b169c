/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A thread as pages show it: the model's figures, what the analysis says of them, and what its card
 * is painted from.  Made by the loader's worker, immutable after.
 */
#pragma once

#include "ms-card-item.h"
#include "ms-roles.h"

G_BEGIN_DECLS

/* Stretches of time on a card's curve. */
#define MS_THREAD_ROW_N_BINS 160

#define MS_TYPE_THREAD_ROW (ms_thread_row_get_type ())
G_DECLARE_FINAL_TYPE (MsThreadRow, ms_thread_row, MS, THREAD_ROW, GObject)

MsThreadRow *ms_thread_row_new (MsTrace *trace, MsThread *thread);

/* (transfer none) */
MsThread *ms_thread_row_get_thread (MsThreadRow *self);
guint ms_thread_row_get_id (MsThreadRow *self);
gint ms_thread_row_get_tid (MsThreadRow *self);
/* Fit for display. */
const char *ms_thread_row_get_name (MsThreadRow *self);
gboolean ms_thread_row_is_tracked (MsThreadRow *self);
MsRole ms_thread_row_get_role (MsThreadRow *self);
MsAlert ms_thread_row_get_alert (MsThreadRow *self);
double ms_thread_row_get_rate (MsThreadRow *self);
gint64 ms_thread_row_get_duration_ns (MsThreadRow *self);
/* Of the trace's main domain. */
const MsTotals *ms_thread_row_get_totals (MsThreadRow *self);
MsCardItem *ms_thread_row_get_card (MsThreadRow *self);

/* Whether @needle (casefolded) is part of the name or the tid; an empty one matches all. */
gboolean ms_thread_row_matches (MsThreadRow *self, const char *needle);

G_END_DECLS
