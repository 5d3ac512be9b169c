/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a person should look at first, found by plain rules over measured figures.  Each finding names
 * the figures it rests on; a rule whose input was not measured does not fire.  Thresholds are settings.
 *
 *   code                     fires when
 *   memory_outside_heap      of at least 10 MB that were resident, or that it mapped itself, less than half can
 *                            have been its heap
 *   thread_dominates_peak    one of several threads holds at least half of the process's peak
 *   stack_dominates_peak     one call stack holds at least a quarter of a peak of 1 MB or more
 *   never_freed              at least 1 MB, and a tenth of the peak, was never freed; names the thread that
 *                            allocated at least half of it, if there are several
 *   temporary_allocations    at least half of 10 000 or more allocations were freed by the next operation
 */
#pragma once

#include "ms-analysis-settings.h"
#include "ms-frame-names.h"
#include "ms-resources.h"
#include "ms-sentence.h"
#include "ms-view.h"

G_BEGIN_DECLS

typedef struct {
  const char *code;
  gint thread_id;        /* -1: the process */
  gint stack;            /* -1: none */
  guint64 part, whole;   /* the two figures compared */
  const char *part_name; /* their names, as in the totals */
  const char *whole_name;
  char *text;                 /* one sentence, in English; holds names from the traced program */
  const char *recommendation; /* its context for translators is "recommendation" */
  MsSentence *sentence;       /* that @text is */
} MsFinding;

/* Whether what a thread, or the process, never freed is worth naming beside the process's peak: by never_freed's
 * rule, and never of a program that went on.  @settings NULL: the defaults. */
MS_API gboolean ms_never_freed_is_telling (MsTrace *trace,
                                           guint64 leaked_bytes,
                                           guint64 peak_bytes,
                                           const MsAnalysisSettings *settings);

/* Most telling first.  @names NULL: without those that name a function.  @process: over the view's range; NULL: not measured.  @settings NULL: the defaults.  May take as long as ms_view_find_peak(); what rests on
 * the peak is left out if that is cancelled. (transfer full) (element-type MsFinding) */
MS_API GPtrArray *ms_findings_new (MsView *view,
                                   MsDomain domain,
                                   MsFrameNames *names,
                                   const MsProcessResources *process,
                                   const MsAnalysisSettings *settings,
                                   GCancellable *cancellable);

G_END_DECLS
