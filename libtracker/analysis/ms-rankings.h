/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which threads, and which call stacks, lead by a chosen figure.  Order is total: equal figures
 * fall back to the next weightier ones and then to the number, so that two runs agree.
 */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

/* A figure of MsTotals, of the same name. */
typedef enum {
  MS_FIGURE_PEAK_BYTES,
  MS_FIGURE_BYTES_AT_PROCESS_PEAK,
  MS_FIGURE_LIVE_BYTES,
  MS_FIGURE_LEAKED_BYTES,
  MS_FIGURE_LEAKED_ALLOCATIONS,
  MS_FIGURE_ALLOCATED_BYTES,
  MS_FIGURE_ALLOCATIONS,
  MS_FIGURE_DEALLOCATIONS,
  MS_FIGURE_TEMPORARY_ALLOCATIONS,
  MS_N_FIGURES
} MsFigureKind;

/* The member of @totals that @kind names. */
MS_API guint64 ms_totals_get (const MsTotals *totals, MsFigureKind kind);
/* "peak_bytes", …: the member's name. */
MS_API const char *ms_figure_kind_to_string (MsFigureKind kind);

/* Indices for ms_trace_get_thread(), highest first.  @tracked_only: without threads that were not
 * recorded. (transfer full) (array length=n_threads) */
MS_API guint *ms_rank_threads (MsTrace *trace,
                               MsDomain domain,
                               MsFigureKind kind,
                               gboolean tracked_only,
                               guint *n_threads);

/* Stacks whose figure is not 0, highest first, at most @most (0: all).
 * (transfer full) (array length=n_stacks) */
MS_API guint *ms_rank_stacks (MsTrace *trace,
                              MsDomain domain,
                              MsFigureKind kind,
                              guint most,
                              guint *n_stacks);

G_END_DECLS
