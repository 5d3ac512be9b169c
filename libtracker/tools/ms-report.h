/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What every section of a report is given: the view of one process that it is about, and how it is to be
 * told.  Figures come from the view, so that a section is the same for a whole recording and for a part
 * of one; only peaks differ, see ms_report_stack_figure().
 */
#pragma once

#include "ms-frame-names.h"
#include "ms-leak-options.h"
#include "ms-rankings.h"
#include "ms-resource-join.h"
#include "ms-roles.h"
#include "ms-scores.h"
#include "ms-symbolizer.h"
#include "ms-terminal.h"
#include "ms-view.h"

G_BEGIN_DECLS

typedef struct {
  MsView *view;
  MsTrace *trace;  /* the view's */
  MsDomain domain; /* the trace's main one */
  MsNameResolver *resolver;
  MsResourceJoin *resources;  /* NULL until ms_report_get_resources() */
  MsResourceJoin *of_life;    /* the same of the whole recording; NULL until ms_report_get_life() */
  GArray *scores;             /* of MsThreadScores; NULL until ms_report_get_scores() */
  MsFrameNames *names;        /* NULL until ms_report_get_names() */
  MsSymbolizer *symbolizer;   /* the same object */
  const MsTerminal *terminal; /* NULL: the report is JSON */
  gboolean top_is_set;
  guint top;        /* stacks shown, and threads if it is_full; G_MAXUINT: all */
  gboolean is_full; /* sections were asked for by name: each says all it knows */
  char *part;       /* "thread ingest-1, 1.20 s to 3.40 s"; NULL: the whole recording */
  const MsLeakOptions *leak_options; /* NULL: the defaults */
  MsLeakReport *leaks;               /* NULL until ms_report_get_leaks() */
  MsLeakReport *all_leaks;           /* NULL until ms_report_get_all_leaks() */
  GArray *callers, *callees;         /* of guint: functions of names; NULL: none were asked for */
  GCancellable *cancellable;
} MsReport;

/* With every figure of the whole recording in it, all members but the first few being unset.  Keeps
 * both. (transfer full) */
MsReport *ms_report_new (MsView *view, MsSymbolizer *symbolizer);
void ms_report_free (MsReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsReport, ms_report_free)

/* Whether any thread was recorded: else all figures but those of mappings are 0 and mean nothing. */
gboolean ms_report_has_threads (MsReport *self);

/* Names of all stacks, which may take a while.  NULL: it was cancelled. (transfer none) (nullable) */
MsFrameNames *ms_report_get_names (MsReport *self);

/* NULL: it was cancelled. (transfer none) (nullable) */
const MsLeakReport *ms_report_get_leaks (MsReport *self);

/* The same without a tail and the user's suppressions: of all that was never freed, what libraries keep is apart.
 * Needs no history. */
const MsLeakReport *ms_report_get_all_leaks (MsReport *self);

/* What was sampled beside the heap, in the view's range. (transfer none) */
const MsResourceJoin *ms_report_get_resources (MsReport *self);
/* The same of the whole recording, as far as threads' whole lives are asked for. (transfer none) */
const MsResourceJoin *ms_report_get_life (MsReport *self);
/* Of the thread at @index, over its whole life also where the view is of a part. */
MsRole ms_report_get_role (MsReport *self, guint index);
MsAlert ms_report_get_alert (MsReport *self, guint index);

/* Of all threads, by index. (transfer none) (element-type MsThreadScores) */
const GArray *ms_report_get_all_scores (MsReport *self);
/* Of each thread, by index. (transfer none) */
const MsThreadScores *ms_report_get_scores (MsReport *self, guint index);

/* NULL: it was cancelled. (transfer none) (nullable) */
const MsPeak *ms_report_get_peak (MsReport *self, MsDomain domain);

/* The figures of a stack, or of a thread by index.  In a view of a part of the recording nobody knows the
 * peaks of single stacks and threads: there MS_FIGURE_PEAK_BYTES is what was live at the view's own
 * peak, as MS_FIGURE_BYTES_AT_PROCESS_PEAK is everywhere. */
guint64 ms_report_stack_figure (MsReport *self, guint stack, MsDomain domain, MsFigureKind kind);
guint64 ms_report_thread_figure (MsReport *self, guint index, MsDomain domain, MsFigureKind kind);

/* Stacks whose figure is not 0, or with @all those that have anything to do with the view, highest
 * first, at most @most.  Equal figures go by allocated bytes and then by number, so that a report is the
 * same every time. (transfer full) (element-type guint) */
GArray *ms_report_order_stacks (MsReport *self,
                                MsDomain domain,
                                MsFigureKind kind,
                                gboolean all,
                                guint most);
/* Threads by index, likewise; with @all every one that the view is about. */
GArray *ms_report_order_threads (MsReport *self, MsDomain domain, MsFigureKind kind, gboolean all);

/* How long the thread at @index lived within the view. */
gint64 ms_report_thread_life_ns (MsReport *self, guint index);

G_END_DECLS
