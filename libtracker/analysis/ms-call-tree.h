/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Call stacks merged into a tree, each with one value or several: bytes at the peak, allocations, …
 *
 *   top-down    children of a node are the functions it calls; the root's are the outermost ones
 *   bottom-up   children of a node are its callers; the root's are the functions that allocate
 *   callees     of one function: top-down from it          together: the "butterfly" of a function
 *   callers     of one function: bottom-up from it
 *
 * Nodes are functions, not lines.  Values of a node:
 *
 *   total   the sum over the stacks whose path leads through the node
 *   self    the sum over the stacks whose path ends there.  Top-down that is what the function
 *           allocates itself; bottom-up, what comes from stacks that have no more callers
 *
 * so that self + the children's totals = total, exactly, at every node and in every column, and the
 * root's total is the sum over all stacks taken in.
 *
 * Recursion is collapsed, see ms-call-paths.h: a cycle of calls is shown once, and a stack counts
 * once in a node.  Around one function, callers are looked for outwards from its outermost call and
 * callees inwards from its innermost one: it never is its own caller or callee, each stack counts
 * once on both sides, and both roots have the function's total of ms-function-totals.h.
 *
 * Sums are of unsigned 64-bit numbers.  Which figures may be summed over stacks is the caller's to
 * know: bytes at the process's peak, not the stacks' own peaks, which were at different times.
 */
#pragma once

#include "ms-frame-names.h"

G_BEGIN_DECLS

typedef struct _MsCallTree MsCallTree;

#define MS_TYPE_CALL_TREE (ms_call_tree_get_type ())
MS_API GType ms_call_tree_get_type (void);

/* From the outermost caller down, or from the function that allocated up. */
typedef enum { MS_CALL_TREE_TOP_DOWN, MS_CALL_TREE_BOTTOM_UP } MsCallTreeDirection;

/* Of the root of a whole tree, which is no function. */
#define MS_FUNCTION_NONE G_MAXUINT
/* Of a node that stands for several light ones: see ms_call_tree_new_cut(). */
#define MS_FUNCTION_OTHERS (G_MAXUINT - 1)

/* Nodes are numbered by depth: the root is 0, a parent comes before its children, and children of one
 * node are neighbours, heaviest in the first column first. */
typedef struct {
  gint parent;    /* -1: the root */
  guint function; /* for ms_frame_names_get_function() */
  guint depth;    /* the root's is 0 */
  guint first_child, n_children;
  guint n_stacks; /* whose path leads through it */
  guint n_folded; /* nodes that MS_FUNCTION_OTHERS stands for; else 0 */
} MsCallNode;

/* @columns: @n_columns arrays (at least one) of a value for each stack of @names.  Stacks that have 0
 * in all of them are left out.  Cost: a few dozen ns a frame of a stack. (transfer full) */
MS_API MsCallTree *ms_call_tree_new (MsFrameNames *names,
                                     MsCallTreeDirection direction,
                                     const guint64 *const *columns,
                                     guint n_columns);
/* The root is @function. (transfer full) */
MS_API MsCallTree *ms_call_tree_new_callees (MsFrameNames *names,
                                             guint function,
                                             const guint64 *const *columns,
                                             guint n_columns);
MS_API MsCallTree *ms_call_tree_new_callers (MsFrameNames *names,
                                             guint function,
                                             const guint64 *const *columns,
                                             guint n_columns);

/* The @most_nodes heaviest nodes of @self, weighed by their greatest share of any column's sum.  No
 * node is heavier than its parent, so they are a tree.  Children that were cut become one last child,
 * MS_FUNCTION_OTHERS, so that sums stay exact; these do not count in @most_nodes. (transfer full) */
MS_API MsCallTree *ms_call_tree_new_cut (MsCallTree *self, guint most_nodes);

MS_API MsCallTree *ms_call_tree_ref (MsCallTree *self);
MS_API void ms_call_tree_unref (MsCallTree *self);

/* Of a sampled trace, before anybody else sees @self: how far its values may be off.  @errors: for each column the
 * standard errors by stack, which are independent, so that their squares add up; NULL: the column is exact.  Not of a
 * cut tree, which has those of the one that it was cut from. */
MS_API void ms_call_tree_set_errors (MsCallTree *self, const double *const *errors);
/* After that: what is known of the sum of all.  At a peak the stacks' errors are not quite independent, as one stack has
 * at another moment what a second one has at this. */
MS_API void ms_call_tree_set_root_error (MsCallTree *self, guint column, double standard_error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsCallTree, ms_call_tree_unref)

MS_API MsFrameNames *ms_call_tree_get_names (MsCallTree *self); /* (transfer none) */
/* How many figures each node has. */
MS_API guint ms_call_tree_get_n_columns (MsCallTree *self);
/* At least 1: the root. */
MS_API guint ms_call_tree_get_n_nodes (MsCallTree *self);
/* (transfer none) */
MS_API const MsCallNode *ms_call_tree_get_node (MsCallTree *self, guint node);
/* The label of its function; "(all)" and "(others)" for what is none. (transfer none) */
MS_API const char *ms_call_tree_get_label (MsCallTree *self, guint node);
MS_API guint64 ms_call_tree_get_total (MsCallTree *self, guint node, guint column);
MS_API guint64 ms_call_tree_get_self (MsCallTree *self, guint node, guint column);
/* Their standard errors; 0: exact, NaN: not known. */
MS_API double ms_call_tree_get_total_error (MsCallTree *self, guint node, guint column);
MS_API double ms_call_tree_get_self_error (MsCallTree *self, guint node, guint column);

/* The child of @node that is @function, or -1. */
MS_API gint ms_call_tree_find_child (MsCallTree *self, guint node, guint function);

/* The stacks whose path leads through @node, in no order that means anything: what to filter by to see
 * only these.  NULL of a cut tree, which does not know them. (transfer none) (array length=n_stacks) */
MS_API const guint *ms_call_tree_get_stacks (MsCallTree *self, guint node, guint *n_stacks);

G_END_DECLS
