/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A flame graph in pixels: one row of boxes for each depth of the calls.
 *
 *   root below (flame)                     root above (icicle)
 *   row 3   │ alloc │    │                 row 0   │ all                    │
 *   row 2   │ parse      │ grow │          row 1   │ main                   │  ancestors of what is
 *   row 1   │ main              │          row 2   │ parse      │ grow │       zoomed into: full width
 *   row 0   │ all                    │     row 3   │ alloc │    │
 *
 * Only what is visible is here: a box narrower than a pixel is part of a merged one, and of the ancestors
 * of the zoomed node only these themselves.  Cells come by row, and from the left in a row; so finding
 * one is a binary search, and a tree of 10⁵ nodes costs no more than the boxes that there is room for.
 */
#pragma once

#include "ms-call-tree.h"
#include "ms-series-line.h"

G_BEGIN_DECLS

typedef enum { MS_FLAME_ROOT_BELOW, MS_FLAME_ROOT_ABOVE } MsFlameOrientation;

typedef struct {
  MsRect rect;
  guint row;
  gint parent;    /* the cell it stands on; -1: the root */
  gint node;      /* of the tree; -1: several */
  guint n_merged; /* nodes that it stands for when it is several */
  guint64 value;
} MsFlameCell;

typedef struct {
  double width_px, height_px, row_px;
  MsFlameOrientation orientation;
  MsFlameCell *cells; /* owned */
  guint n_cells;
  guint *rows; /* owned: the first cell of each row, and n_cells */
  guint n_rows;
  guint n_ancestors; /* rows below what is zoomed into */
} MsFlamePlot;

/* The nodes that @zoomed carries, by @column of @tree, and its ancestors; @zoomed 0: everything.  A tree
 * without a value has no cells. */
void ms_flame_plot_layout (MsFlamePlot *self,
                           MsCallTree *tree,
                           guint column,
                           guint zoomed,
                           double width_px,
                           double row_px,
                           MsFlameOrientation orientation);
void ms_flame_plot_clear (MsFlamePlot *self);

/* -1: there is none. */
gint ms_flame_plot_find (const MsFlamePlot *self, double x_px, double y_px);
gint ms_flame_plot_find_node (const MsFlamePlot *self, gint node);

typedef enum {
  MS_FLAME_CALLER, /* the box below */
  MS_FLAME_CALLEE, /* the heaviest box on it */
  MS_FLAME_LEFT,   /* in the row */
  MS_FLAME_RIGHT,
  MS_FLAME_ROW_START,
  MS_FLAME_ROW_END
} MsFlameStep;

/* Where one comes from @cell; @cell itself where there is nothing. */
guint ms_flame_plot_walk (const MsFlamePlot *self, guint cell, MsFlameStep step);

G_END_DECLS
