/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What all exports look at: the trace's main domain, its threads and stacks in order of weight, with
 * roles, alerts and names worked out once.  Weight of a thread is its own peak; of a stack, its
 * largest share of any of the measures of MsStackMetric, so that a stack that only leaks, or only
 * makes temporary blocks, is not lost behind those that fill the peak.
 *
 * Of a part, totals have the peak that ms_view_find_peak() found, and each thread's and stack's share of it.  A
 * thread's own peak is the highest point of its curve, without its time; a stack's own peak is not known.
 */
#pragma once

#include "ms-anomalies.h"
#include "ms-bottlenecks.h"
#include "ms-export.h"
#include "ms-findings.h"
#include "ms-frame-names.h"
#include "ms-headline.h"
#include "ms-leaks.h"
#include "ms-resource-join.h"
#include "ms-roles.h"
#include "ms-scores.h"

G_BEGIN_DECLS

/* A figure of a part that would take a replay for each row: null in files. */
#define MS_EXPORT_UNKNOWN G_MAXUINT64

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
  MsView *view;     /* of everything, or of the part that was asked for */
  const char *part; /* borrowed; NULL: it has no name */
  gboolean redact;
  const char *language; /* borrowed; NULL: the environment's */
  char *program;        /* as files may say it, as the next */
  GStrv arguments;
  MsDomain domain;
  const MsAnalysisSettings *settings; /* borrowed; NULL: the defaults */
  const MsTotals *totals;
  gint64 duration_ns;                   /* of the trace */
  gint64 length_ns;                     /* of what the view is of */
  MsTotals own_totals;                  /* of a part, as the next two */
  GArray *thread_totals, *stack_totals; /* of MsTotals, by index; NULL: the trace's own */
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

/* Keeps a reference to @trace.  What @options point to must live as long.  NULL with G_IO_ERROR_CANCELLED, or
 * an error of ms_view_new(). (transfer full) */
MsExportView *ms_export_view_new (MsTrace *trace,
                                  const MsExportOptions *options,
                                  GCancellable *cancellable,
                                  GError **error);
void ms_export_view_free (MsExportView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsExportView, ms_export_view_free)

/* By index of thread, by stack.  (transfer none) */
const MsTotals *ms_export_view_get_thread_totals (MsExportView *self, guint index);
const MsTotals *ms_export_view_get_stack_totals (MsExportView *self, guint stack);
/* What a view's totals lack. */
void ms_export_view_set_peak (MsTotals *totals, const MsPeak *peak);

guint64 ms_stack_metric_get (const MsTotals *totals, MsStackMetric metric);
/* The largest share of @values in @sums, over the metrics. */
double ms_stack_metrics_weight (const guint64 *values, const guint64 *sums);

G_END_DECLS
