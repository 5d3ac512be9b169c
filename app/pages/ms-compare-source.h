/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the page Compare shows, found on a worker:
 *
 *   halves       the first and the second half of the range that is looked at
 *   ranges       a range that was kept before, and the one that is looked at
 *   recordings   another recording, and what is looked at of this one
 *
 *   two views and their names ─▶ MsComparison ─▶ MsDifferenceTree
 *
 * The focus holds for both sides: its thread (in another recording those of the same name), and, in the same
 * recording, its call stacks.
 */
#pragma once

#include "ms-comparison.h"
#include "ms-difference-tree.h"
#include "ms-lens.h"

G_BEGIN_DECLS

typedef enum { MS_COMPARE_HALVES, MS_COMPARE_RANGES, MS_COMPARE_RECORDINGS } MsCompareWhat;

typedef struct {
  MsCompareWhat what;
  MsFigureKind figure; /* of call stacks, for the tree */
  gboolean is_swapped;
  gint64 kept_start_ns, kept_end_ns; /* MS_COMPARE_RANGES */
  MsDocument *other;                 /* MS_COMPARE_RECORDINGS */
  MsFrameNames *other_names;         /* NULL: to be found */
} MsCompareChoice;

typedef struct {
  MsComparison *comparison;
  MsDifferenceTree *tree;
  MsFigureKind figure;
  MsFrameNames *other_names; /* MS_COMPARE_RECORDINGS: to be given the next time */
  gboolean has_leaks;        /* what is left at both ends was never freed */
  char *before, *after;      /* "python3, 0.0–0.3 s" */
} MsCompareResult;

/* The lens must have a view and names. */
void ms_compare_load_async (MsLens *lens,
                            const MsCompareChoice *choice,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
/* NULL with G_IO_ERROR_CANCELLED, or why there is none. (transfer full) */
MsCompareResult *ms_compare_load_finish (GAsyncResult *result, GError **error);

void ms_compare_result_free (MsCompareResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsCompareResult, ms_compare_result_free)

G_END_DECLS
