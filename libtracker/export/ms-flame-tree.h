/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The call stacks merged into a tree from the outermost frame inwards, and cut to its heaviest nodes.
 *
 *   nodes[0]  the root: everything        parent < child, always
 *   value     of a node includes its children's; what it has above their sum was allocated by it
 *             directly, or by a frame that was cut, or lies beyond a truncated stack's end
 */
#pragma once

#include "ms-export-view.h"

G_BEGIN_DECLS

typedef struct {
  gint parent;        /* -1: the root */
  const char *label;  /* NULL: the root; else lives as long as the view */
  const char *module; /* base name, or NULL */
  guint64 values[MS_N_STACK_METRICS];
} MsFlameNode;

/* The @most_nodes heaviest nodes.  A node is never heavier than its parent, so the rest is a tree.
 * @n_folded gets how many were cut. (element-type MsFlameNode) (transfer full) */
GArray *ms_flame_tree_build (MsExportView *view, guint most_nodes, guint *n_folded);

G_END_DECLS
