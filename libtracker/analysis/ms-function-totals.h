/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What each function allocates itself, and what everything that it calls does.
 *
 *   self    the sum over the stacks whose innermost frame is in the function
 *   total   the sum over the stacks that have the function on them, each once however often it is
 *           there: recursion does not count twice
 *
 * Selfs add up to the whole; totals do not.
 */
#pragma once

#include "ms-frame-names.h"
#include "ms-rankings.h"
#include "ms-view.h"

G_BEGIN_DECLS

typedef struct {
  guint function; /* for ms_frame_names_get_function() */
  guint n_stacks; /* it is on, of those with a value */
  guint64 self, total;
  double self_error, total_error; /* standard errors: ms_function_totals_set_errors(); else 0 */
} MsFunctionTotals;

/* What the list of functions is sorted by, most first. */
typedef enum { MS_FUNCTIONS_BY_SELF, MS_FUNCTIONS_BY_TOTAL } MsFunctionOrder;

/* @values: one for each stack of @names.  Highest first, without those that have neither; at most
 * @most (0: all). (element-type MsFunctionTotals) (transfer full) */
MS_API GArray *ms_function_totals_new (MsFrameNames *names,
                                       const guint64 *values,
                                       MsFunctionOrder order,
                                       guint most);

/* Of a sampled trace: how far @functions, which ms_function_totals_new() made of @values, may be off.  @errors: by
 * stack, from ms_stack_errors_new().  The squares of independent errors add up. */
MS_API void ms_function_totals_set_errors (GArray *functions,
                                           MsFrameNames *names,
                                           const guint64 *values,
                                           const double *errors);

/* The sum over the stacks that have any of the functions with @is_chosen[function] on them, each stack once:
 * what all matches of a search stand for together. */
MS_API guint64 ms_functions_get_total (MsFrameNames *names,
                                       const guint64 *values,
                                       const gboolean *is_chosen);

/* The figure @kind of each stack in @view, for the functions above and for call trees.  Of the bytes at
 * the peak of a filtered view that is what ms_view_find_peak() takes; NULL with its error.  The stacks' own
 * peaks are not known there, and no sum of them means anything anywhere. (transfer full)
 * (array length=ms_trace_get_n_stacks()) */
MS_API guint64 *ms_stack_values_new (MsView *view,
                                     MsDomain domain,
                                     MsFigureKind kind,
                                     GCancellable *cancellable,
                                     GError **error);
/* Their standard errors; NULL: they are exact, as all are unless the trace was sampled, or it was cancelled.  NaN: not known.
 * (transfer full) (nullable) (array length=ms_trace_get_n_stacks()) */
MS_API double *ms_stack_errors_new (MsView *view,
                                    MsDomain domain,
                                    MsFigureKind kind,
                                    GCancellable *cancellable);

G_END_DECLS
