/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The call stacks of a comparison merged into one tree, for a differential flame graph.
 *
 *   before      main ─ parse 40                  main  40 → 70
 *                                         ─▶       parse 40 → 30      of width 40: the greater of the two
 *   after       main ─┬ parse 30                   grow   0 → 40      of width 40
 *                     └ grow  40
 *
 * Functions are known by their names, as the stacks are.  A stack is as wide as the greater of what it had before
 * and after, a node as wide as its stacks together: so a picture shows what went as well as what came, and
 * nothing is narrower than its children.  Sums of before and after are exact, as in call trees.
 */
#pragma once

#include "ms-comparison.h"

G_BEGIN_DECLS

typedef struct _MsDifferenceTree MsDifferenceTree;

/* One path of calls, in both; the first is the root. */
typedef struct {
  const char *label; /* of the function; "(all)" for the root.  Hostile */
  gint parent;       /* -1: the root */
  guint depth;
  guint first_child, n_children; /* neighbours, widest first */
  guint n_stacks;                /* groups of stacks whose path leads through it */
  guint64 width;
  MsChange change;
} MsDifferenceNode;

/* By @figure of the stacks.  Nodes come by depth, parents before children.  A comparison without stacks has a
 * root of no width. (transfer full) */
MS_API MsDifferenceTree *ms_difference_tree_new (MsComparison *comparison, MsFigureKind figure);
MS_API MsDifferenceTree *ms_difference_tree_ref (MsDifferenceTree *self);
MS_API void ms_difference_tree_unref (MsDifferenceTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsDifferenceTree, ms_difference_tree_unref)

MS_API guint ms_difference_tree_get_n_nodes (MsDifferenceTree *self);
/* (transfer none) */
MS_API const MsDifferenceNode *ms_difference_tree_get_node (MsDifferenceTree *self, guint node);

G_END_DECLS
