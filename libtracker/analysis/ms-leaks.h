/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What was never freed, by the call stack that allocated it.
 *
 *   ├──────────────── range ────────────┬─ tail ─┤
 *     allocated here, never freed: a     here: young, counted apart
 *     leak, unless it is suppressed
 *
 * What a program has at hand as it ends is as young as the work it is doing; a leak is old as a rule.  The tail
 * is leak_tail_percent of the range, at most leak_tail_limit_ns.  Ages need the trace's history (see
 * ms_trace_load_full()); without it nothing is young and tail_ns says why.
 *
 * What the C library keeps for itself (ms-library-blocks.h) nobody can free, and is counted apart.
 *
 *   leaks + suppressed + libraries + young = leaked_allocations and leaked_bytes of the view's totals
 */
#pragma once

#include "ms-analysis-settings.h"
#include "ms-measured.h"
#include "ms-suppressions.h"
#include "ms-view.h"

G_BEGIN_DECLS

/* Blocks and their bytes; of a sampled trace estimates, with their standard errors. */
typedef struct {
  guint64 blocks, bytes;
  double blocks_standard_error, bytes_standard_error; /* 0 unless sampled */
} MsLeakSum;

/* What one call stack allocated and nobody freed; by its number in the trace. */
typedef struct {
  guint stack;
  MsLeakSum sum;
  gint suppression; /* index, or -1 */
} MsLeak;

/* What one suppression took out. */
typedef struct {
  guint n_stacks; /* 0: of no use in this trace */
  MsLeakSum sum;
} MsSuppressionUse;

/* The answer.  Arrays and what is in them belong to it. */
typedef struct {
  gboolean
      still_running; /* at the range's end, or until it was killed: these are blocks in use, not leaks */
  MsMeasured tail_ns;
  MsLeakSum accused;    /* of leaks */
  MsLeakSum suppressed; /* of suppressed */
  MsLeakSum young;
  MsLeakSum libraries;      /* of library_uses */
  MsLeak largest_young;     /* no blocks: nothing is young */
  GArray *leaks;            /* of MsLeak, most bytes first */
  GArray *suppressed_leaks; /* of MsLeak, most bytes first */
  GArray *suppression_uses; /* of MsSuppressionUse, by index of suppression; those of young blocks
                               * are not among them */
  GArray *library_uses;     /* of MsSuppressionUse, by kind of ms-library-blocks.h */
  MsSuppressions *suppressions; /* NULL: none */
} MsLeakReport;

/* @suppressions NULL: none.  @resolver, for these and for what libraries keep, NULL: modules only.  @settings NULL: the defaults.  Blocks
 * while names are looked up and ages are counted.  NULL: cancelled. (transfer full) */
MS_API MsLeakReport *ms_leak_report_new (MsView *view,
                                         MsDomain domain,
                                         MsSuppressions *suppressions,
                                         MsNameResolver *resolver,
                                         const MsAnalysisSettings *settings,
                                         GCancellable *cancellable,
                                         GError **error);
MS_API void ms_leak_report_free (MsLeakReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsLeakReport, ms_leak_report_free)

/* What is live at the end of @trace was in use then, not leaked: the process went on (ms_trace_ends_early()), or was
 * killed. */
MS_API gboolean ms_leaks_are_in_use (MsTrace *trace);

/* How long the tail of a range of @length_ns is. */
MS_API gint64 ms_leak_tail_ns (gint64 length_ns, const MsAnalysisSettings *settings);

G_END_DECLS
