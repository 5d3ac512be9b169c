/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two recordings, or two stretches of one, side by side: what became more, what became less.
 *
 *   totals    of the process
 *   threads   by name, as ids and tids are others in each run; several of one name are one group
 *   stacks    by the names of their functions, as addresses are others in each build; see
 *             ms-stack-keys.h; recursion is collapsed as in call trees, so that its depth does not
 *             matter.  Several of one trace may be one here: other lines, other depths
 *   sites     by the function that allocates (ms_frame_names_find_site()): who is to be asked
 *
 * Figures of a group are sums, which a peak is not: of a group, and of threads and stacks in a stretch of
 * time, the own peak is not known.  What each held at the process's peak is, and these add up to it.
 *
 * With sampled traces a difference has a standard error and may be by chance: see ms-change.h.  The
 * process's peaks of two stretches are those of ms_view_find_peak(); what parts held then has no known
 * error.
 */
#pragma once

#include "ms-change.h"
#include "ms-frame-names.h"
#include "ms-view.h"

G_BEGIN_DECLS

/* Immutable; any thread may read it. */
typedef struct _MsComparison MsComparison;

#define MS_TYPE_COMPARISON (ms_comparison_get_type ())
MS_API GType ms_comparison_get_type (void);

/* What makes two stacks the same one in both. */
typedef enum {
  MS_COMPARE_BY_FUNCTIONS,
  MS_COMPARE_BY_LINES /* files and lines must be the same, too */
} MsComparisonFlags;

/* What is compared: one stretch, or the whole, of a trace, and its names. */
typedef struct {
  MsView *view;
  MsFrameNames *names;
} MsComparisonSide;

/* A thread, a stack or a site, in both.  All of it belongs to the comparison. */
typedef struct {
  guint n_before, n_after; /* threads or stacks; 0 before: appeared; 0 after: vanished */
  /* By MsFigureKind. */
  MsChange changes[MS_N_FIGURES];
  gboolean has_own_peak; /* changes[MS_FIGURE_PEAK_BYTES] is known */
  /* Of a thread or a site, else NULL. */
  const char *name;
  /* Of a stack: one of the group, the heaviest after, or before if it vanished; else NULL and 0. */
  MsFrameNames *names;
  guint stack;
} MsComparedRow;

/* What is compared: threads by name, call stacks, or the functions that allocate. */
typedef enum {
  MS_COMPARED_THREADS,
  MS_COMPARED_STACKS,
  MS_COMPARED_SITES,
  MS_N_COMPARED
} MsComparedKind;

/* Keeps references to views and names.  Blocks as ms_view_find_peak() does.  NULL with its errors.
 * (transfer full) */
MS_API MsComparison *ms_comparison_new (const MsComparisonSide *before,
                                        const MsComparisonSide *after,
                                        MsDomain domain,
                                        MsComparisonFlags flags,
                                        GCancellable *cancellable,
                                        GError **error);
MS_API MsComparison *ms_comparison_ref (MsComparison *self);
MS_API void ms_comparison_unref (MsComparison *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsComparison, ms_comparison_unref)

/* (transfer none) */
MS_API MsView *ms_comparison_get_before (MsComparison *self);
MS_API MsView *ms_comparison_get_after (MsComparison *self);
MS_API MsDomain ms_comparison_get_domain (MsComparison *self);
/* Whether any of the two is an estimate. */
MS_API gboolean ms_comparison_is_sampled (MsComparison *self);

/* Of the process: n_before and n_after are 1. (transfer none) */
MS_API const MsComparedRow *ms_comparison_get_totals (MsComparison *self);

/* Threads, stacks or sites that did something in either; in no order. (transfer none) */
MS_API guint ms_comparison_get_n_rows (MsComparison *self, MsComparedKind kind);
MS_API const MsComparedRow *ms_comparison_get_row (MsComparison *self,
                                                   MsComparedKind kind,
                                                   guint row);
/* The row that stack @stack, or thread @stack by its index, of one side is in; -1: it did nothing. */
MS_API gint ms_comparison_find_row (MsComparison *self,
                                    MsComparedKind kind,
                                    gboolean is_after,
                                    guint number);

/* Rows whose @figure is not the same on both sides, greatest difference first; at most @most (0: all).
 * (transfer full) (array length=n_rows) */
MS_API guint *ms_comparison_rank (MsComparison *self,
                                  MsComparedKind kind,
                                  MsFigureKind figure,
                                  guint most,
                                  guint *n_rows);

/* The site that has most part in the difference of the total of @figure: changed most in its direction.
 * NULL: there is no difference, or no site that changed with it. (transfer none) */
MS_API const MsComparedRow *ms_comparison_find_cause (MsComparison *self, MsFigureKind figure);

G_END_DECLS
