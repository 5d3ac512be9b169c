/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What all exports look at: the trace's main domain, its threads and stacks in order of weight, with
 * roles, alerts and names worked out once.  Weight of a thread is its own peak; of a stack, its
 * largest share of any of the measures of MsStackMetric, so that a stack that only leaks, or only
 * makes temporary blocks, is not lost behind those that fill the peak.
 */
#pragma once

#include "ms-anomalies.h"
#include "ms-bottlenecks.h"
#include "ms-findings.h"
#include "ms-frame-names.h"
#include "ms-headline.h"
#include "ms-leaks.h"
#include "ms-resource-join.h"
#include "ms-roles.h"
#include "ms-scores.h"

G_BEGIN_DECLS

typedef struct {
  MsThread *thread;
  const MsTotals *totals;
  guint id;
  guint index;                  /* as for ms_trace_get_thread() */
  const MsThreadScores *scores; /* the view's */
  MsRole role;
  MsAlert alert;
  gint64 life_ns;                     /* to its end, or to the trace's */
  gint64 cpu_ns;                      /* -1: not measured */
  const MsThreadResources *resources; /* the view's */
  double allocated_bytes_per_second;
} MsExportThread;

typedef enum {
  MS_STACK_PEAK,  /* bytes live at the process's peak */
  MS_STACK_BYTES, /* allocated */
  MS_STACK_CALLS,
  MS_STACK_LEAKED,    /* bytes never freed */
  MS_STACK_TEMPORARY, /* allocations */
  MS_N_STACK_METRICS
} MsStackMetric;

typedef struct {
  guint stack;
  const MsTotals *totals;
  double weight; /* 0 to 1 */
} MsExportStack;

typedef struct {
  MsTrace *trace;
  MsView *view; /* of everything */
  MsDomain domain;
  const MsAnalysisSettings *settings; /* borrowed; NULL: the defaults */
  const MsTotals *totals;
  gint64 duration_ns;
  guint n_tracked;
  GArray *threads; /* MsExportThread, heaviest first */
  GArray *stacks;  /* MsExportStack, heaviest first */
  guint64 stack_sums[MS_N_STACK_METRICS];
  MsFrameNames *names;
  GPtrArray *findings; /* of MsFinding, most telling first */
  MsResourceJoin *resources;
  GArray *scores; /* of MsThreadScores, by index of thread */
  MsBottleneckReport *bottlenecks;
  GPtrArray *anomalies; /* of MsAnomaly */
  MsHeadline *headline; /* NULL: nothing was allocated */
  MsLeakReport *leaks;
} MsExportView;

/* Keeps a reference to @trace.  NULL with G_IO_ERROR_CANCELLED. (transfer full) */
MsExportView *ms_export_view_new (MsTrace *trace,
                                  MsNameResolver *resolver,
                                  const MsAnalysisSettings *settings,
                                  GCancellable *cancellable,
                                  GError **error);
void ms_export_view_free (MsExportView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsExportView, ms_export_view_free)

guint64 ms_stack_metric_get (const MsTotals *totals, MsStackMetric metric);
/* The largest share of @values in @sums, over the metrics. */
double ms_stack_metrics_weight (const guint64 *values, const guint64 *sums);

G_END_DECLS
