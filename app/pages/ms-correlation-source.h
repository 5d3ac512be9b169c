/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Processor time against allocation rate: a point a thread, or a point a sample of the process or of one
 * thread, and what analysis/ms-correlation.h says of them.  For a worker.
 *
 *   thread   means over the part of its life that is looked at
 *   sample   means over one interval of the samples; bytes allocated in the same stretch
 */
#pragma once

#include "ms-correlation.h"
#include "ms-document.h"
#include "ms-filter.h"
#include "ms-scatter-layout.h"

G_BEGIN_DECLS

typedef enum { MS_CORRELATE_THREADS, MS_CORRELATE_SAMPLES } MsCorrelateWhat;

typedef struct {
  MsDocument *document;
  MsFilter
      *filter; /* range and stacks; and the thread, if its samples are asked for.  NULL: none */
  MsCorrelateWhat what;
  gboolean has_thread; /* samples of this one */
  guint thread;
  MsAnalysisSettings settings;
} MsCorrelationQuery;

typedef struct {
  MsDocument *document; /* owns the names */
  GArray *points;       /* of MsScatterPoint */
  gint64 sample_ns;     /* length of a sample */
  MsCorrelation correlation;
  guint patterns[MS_N_PATTERNS];
  MsPattern overall;  /* of the points' means */
  guint n_unknown;    /* threads whose processor time is not known */
  const char *reason; /* why there are no points, or fewer; static */
} MsCorrelationResult;

/* NULL with the errors of ms_view_new(). (transfer full) */
MsCorrelationResult *ms_correlation_source_load (const MsCorrelationQuery *query,
                                                 GCancellable *cancellable,
                                                 GError **error);
void ms_correlation_result_free (MsCorrelationResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsCorrelationResult, ms_correlation_result_free)

/* "Data movement", translated. */
const char *ms_pattern_get_title (MsPattern pattern);

G_END_DECLS
