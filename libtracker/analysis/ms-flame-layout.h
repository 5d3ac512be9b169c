/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A call tree as boxes: what a flame graph (or, upside down, an icicle) draws.
 *
 *   depth 0  │ root                                        │   x and width: shares of the root's total,
 *   depth 1  │ a                │ b          │others│self… │   from 0 to 1.  A box's children stand on
 *   depth 2  │ c     │ d │                                     it from the left, heaviest first in the
 *                                                              tree's first column; what they leave is
 *                                                              its self.
 *
 * Children that would be narrower than the least width are merged into one box at the right of their
 * siblings, which may itself be narrower than that: the sum of a box's children and its self is the
 * box, exactly.  Edges are computed from integers, so neighbours meet and nothing adds up errors.
 */
#pragma once

#include "ms-call-tree.h"

G_BEGIN_DECLS

typedef struct {
  double x, width; /* of 1 */
  guint depth;     /* 0: the root of the layout */
  gint parent;     /* the box below it; -1: the root */
  gint node;       /* of the tree; -1: several */
  guint n_merged;  /* nodes directly above the parent that this stands for; 0: it is one */
  guint64 value;
} MsFlameBox;

/* The part of @tree that @root carries, by @column.  @least_width: of 1, as 1 pixel / width; 0: all.
 * Boxes come parents first, by depth.  Empty where the root has no value. (element-type MsFlameBox)
 * (transfer full) */
MS_API GArray *ms_flame_layout_new (MsCallTree *tree, guint column, guint root, double least_width);

G_END_DECLS
