/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What holds the program up?  Each kind has figures with thresholds (settings; docs/DASHBOARD.md,
 * "Bottlenecks"); it is a bottleneck if one that was measured reaches its threshold.  A kind of which
 * nothing was measured is not judged, and the report says why.  "Balanced" needs CPU, memory, I/O and
 * contention to have been judged.
 */
#pragma once

#include "ms-analysis-settings.h"
#include "ms-evidence.h"
#include "ms-resources.h"
#include "ms-sentence.h"
#include "ms-view.h"

G_BEGIN_DECLS

/* What there is too little of.  Balanced: none passes its threshold. */
typedef enum {
  MS_BOTTLENECK_CPU,
  MS_BOTTLENECK_MEMORY,
  MS_BOTTLENECK_IO,
  MS_BOTTLENECK_GPU,
  MS_BOTTLENECK_CONTENTION,
  MS_BOTTLENECK_BALANCED,
  MS_N_BOTTLENECKS
} MsBottleneck;

/* "cpu", "memory", "io", "gpu", "contention", "balanced" */
MS_API const char *ms_bottleneck_to_string (MsBottleneck kind);

/* What holds a thread or the process up, and the figures that say so. */
typedef struct {
  MsBottleneck kind;
  gint thread_id;   /* -1: the process */
  GArray *evidence; /* of MsEvidence, how far they pass their thresholds first; none if balanced */
  double severity;  /* of the first, value / threshold; 0 if balanced */
  char *text;       /* one sentence, in English */
  const char *recommendation; /* its context for translators is "recommendation" */
  MsSentence *sentence;       /* that @text is */
} MsVerdict;

typedef struct {
  GPtrArray *verdicts;                      /* of MsVerdict, severest first; none: see not_judged */
  const char *not_judged[MS_N_BOTTLENECKS]; /* by kind: why, or NULL; balanced: why not */
} MsBottleneckReport;

/* Of the process over @view's range.  Each resource may be NULL: not measured.  @threads: by index of thread;
 * NULL: what the trace itself knows.  @settings NULL: the defaults. (transfer full) */
MS_API MsBottleneckReport *ms_bottlenecks_of_process (MsView *view,
                                                      const MsProcessResources *process,
                                                      const MsSystemResources *system,
                                                      const MsThreadResources *threads,
                                                      const MsAnalysisSettings *settings);
/* Of one thread.  @resources NULL: what the trace itself knows. (transfer full) */
MS_API MsBottleneckReport *ms_bottlenecks_of_thread (MsView *view,
                                                     guint index,
                                                     const MsThreadResources *resources,
                                                     const MsAnalysisSettings *settings);
MS_API void ms_bottleneck_report_free (MsBottleneckReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsBottleneckReport, ms_bottleneck_report_free)

G_END_DECLS
