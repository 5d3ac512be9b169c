/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The figures that a condition of --fail-on may name: those of report --json, by the same names.
 */
#pragma once

#include "ms-view.h"

G_BEGIN_DECLS

typedef enum {
  MS_UNIT_BYTES,
  MS_UNIT_COUNT,
  MS_UNIT_TIME, /* nanoseconds */
} MsUnit;

/* Which figures lie in MsTotals and which have a source of their own. */
typedef enum {
  MS_SOURCE_TOTALS,
  MS_SOURCE_LEAKS, /* what of it --leaks accuses: see ms-leaks.h */
  MS_SOURCE_TRACE,
  MS_SOURCE_MAPPINGS,
  MS_SOURCE_THREAD,
} MsFigureSource;

typedef struct {
  const char *name;
  MsFigureSource source;
  gsize offset;       /* MS_SOURCE_TOTALS, _LEAKS, _MAPPINGS: of a guint64 in MsTotals */
  gsize error_offset; /* of its double in MsStandardErrors; G_MAXSIZE: it is never an estimate */
  MsUnit unit;
  gboolean of_process, of_thread;
} MsKnownFigure;

/* NULL: there is none of this name. */
const MsKnownFigure *ms_known_figure_find (const char *name);

/* "peak_bytes, allocations, …", those of a thread or of the process. (transfer full) */
char *ms_known_figure_list (gboolean of_thread);

/* Why it has no value in a stretch of time, or of some threads or stacks; NULL: it has one. */
const char *ms_known_figure_not_of_part (const MsKnownFigure *self);

/* Of those with an offset. @standard_error: (nullable): 0 where the figure is exact */
double ms_known_figure_get (const MsKnownFigure *self,
                            const MsTotals *totals,
                            double *standard_error);

/* Of MS_SOURCE_TRACE. */
double ms_known_figure_get_of_trace (const MsKnownFigure *self, MsTrace *trace, MsView *view);

/* How many places of the trace could not be read; figures are of the rest. */
guint ms_known_figure_count_damage (MsTrace *trace);

/* "2.31 MB", "12 000", "1.20 s". (transfer full) */
char *ms_known_figure_format (const MsKnownFigure *self, double value);

G_END_DECLS
