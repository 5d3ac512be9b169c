/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the page Memory shows of one view by one measure, computed on a worker:
 *
 *   lens ─▶ view, names ─▶ a figure a call stack ─┬▶ stacks, heaviest first     the four lists
 *           measure                               ├▶ functions, heaviest first
 *                                                 └▶ trees, top-down and bottom-up
 *
 * The trees for pictures leave the stack filter out: a picture fades what the filter leaves out, so that
 * nothing moves under the pointer that chose it.
 */
#pragma once

#include "ms-call-tree.h"
#include "ms-function-totals.h"
#include "ms-leaks.h"
#include "ms-lens.h"

G_BEGIN_DECLS

typedef enum {
  MS_MEASURE_PEAK,      /* bytes live at the peak of what is looked at */
  MS_MEASURE_ALLOCATED, /* bytes */
  MS_MEASURE_COUNT,     /* allocations */
  MS_MEASURE_LEAKED,    /* bytes never freed, without the youngest */
  MS_MEASURE_TEMPORARY, /* allocations that the same thread freed next */
  MS_N_MEASURES
} MsMemoryMeasure;

/* "peak", "allocated", …; the first that is not known is MS_MEASURE_PEAK. */
const char *ms_memory_measure_to_string (MsMemoryMeasure measure);
MsMemoryMeasure ms_memory_measure_from_string (const char *text);
/* Whether values are bytes; else they are allocations. */
gboolean ms_memory_measure_is_bytes (MsMemoryMeasure measure);

/* Immutable; any thread may read it. */
typedef struct {
  gatomicrefcount n_refs;
  MsMemoryMeasure measure;
  MsView *view;
  MsDomain domain;
  MsFrameNames *names;
  guint64 *values, *calls;            /* by stack: by the measure, and allocations */
  double *value_errors, *call_errors; /* their standard errors; NULL: they are exact */
  guint64 whole, whole_calls;
  guint *stacks; /* with a value, heaviest first */
  guint n_stacks;
  GArray *functions;                            /* of MsFunctionTotals, most of their own first */
  MsCallTree *top_down, *bottom_up;             /* columns: values, calls */
  MsCallTree *whole_top_down, *whole_bottom_up; /* without the filter of stacks */
  MsLeakReport *leaks;                          /* NULL: another measure */
  gboolean ends_early; /* the process went on, or was killed: what is left is in use */
} MsMemoryFigures;

/* By what is looked at now.  The lens must have a view and names. */
void ms_memory_figures_load_async (MsLens *lens,
                                   MsMemoryMeasure measure,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* NULL with G_IO_ERROR_CANCELLED, or why there is none. (transfer full) */
MsMemoryFigures *ms_memory_figures_load_finish (GAsyncResult *result, GError **error);

/* The trees around @function: who calls it, and what it calls.  Of a hundred thousand call stacks that takes
 * a worker a moment. */
typedef struct {
  MsCallTree *callers, *callees;
} MsMemoryAround;

void ms_memory_figures_go_around_async (MsMemoryFigures *self,
                                        guint function,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
/* NULL: cancelled. (transfer full) */
MsMemoryAround *ms_memory_figures_go_around_finish (GAsyncResult *result);
void ms_memory_around_free (MsMemoryAround *self);

MsMemoryFigures *ms_memory_figures_ref (MsMemoryFigures *self);
void ms_memory_figures_unref (MsMemoryFigures *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsMemoryFigures, ms_memory_figures_unref)

/* The frame of @stack that @function is at, innermost first; else its site.  FALSE: no frames. */
gboolean ms_memory_figures_find_frame (MsMemoryFigures *self,
                                       guint stack,
                                       guint function,
                                       guint *frame);
/* Those with a value that @function is on. (transfer full) (array length=n) */
guint *ms_memory_figures_dup_stacks_of (MsMemoryFigures *self, guint function, guint *n);
/* The heaviest of some stacks; @n must not be 0. */
guint ms_memory_figures_get_heaviest (MsMemoryFigures *self, const guint *stacks, guint n);

G_END_DECLS
