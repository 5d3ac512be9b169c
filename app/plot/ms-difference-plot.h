/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A differential flame graph in pixels: what a comparison's call stacks had before and after.
 *
 *   row 0   │ all  40 → 70 MB  ▲                    │     callers above, so that the outermost is read first
 *   row 1   │ main  ▲                               │     width: the greater of before and after
 *   row 2   │ ▲ grow  +40 MB  (red)  │ ▼ parse (blue)│     colour and arrow: grown or shrunk, by how much of it
 *
 *   gone   less than half   less   the same   more   more than twice   new        the legend, below
 *
 * What may be by chance is painted as what did not change.  A box narrower than a pixel is part of a merged one.
 */
#pragma once

#include "ms-difference-tree.h"
#include "ms-plot-kind.h"
#include "ms-series-line.h"

G_BEGIN_DECLS

typedef enum {
  MS_DIFFERENCE_GONE,
  MS_DIFFERENCE_HALF, /* or less */
  MS_DIFFERENCE_LESS,
  MS_DIFFERENCE_SAME, /* within a tenth, or within chance */
  MS_DIFFERENCE_MORE,
  MS_DIFFERENCE_TWICE, /* or more */
  MS_DIFFERENCE_NEW,
  MS_N_DIFFERENCES
} MsDifference;

typedef struct {
  MsRect rect;
  guint row;
  gint parent;    /* cell; -1: the root */
  gint node;      /* of the tree; -1: several */
  guint n_merged; /* nodes that it stands for when it is several */
} MsDifferenceCell;

typedef struct {
  MsDifferenceTree *tree;
  gboolean is_bytes; /* else a number of allocations */
  MsDifferenceCell *cells;
  guint n_cells;
  guint *rows; /* the first cell of each, and n_cells */
  guint n_rows;
  guint zoomed; /* a node: as wide as the picture, as those above it are */
  double width_px, row_px, legend_y_px;
} MsDifferencePlot;

extern const MsPlotKind MS_DIFFERENCE_PLOT;

/* Takes a reference.  @zoomed: a node; 0: everything. (transfer full) */
MsDifferencePlot *ms_difference_plot_new (MsDifferenceTree *tree, gboolean is_bytes, guint zoomed);

/* ms-difference-words.c */
MsDifference ms_difference_of (const MsChange *change);
/* "more than twice"; "" of none. */
const char *ms_difference_get_word (MsDifference difference);
/* Opaque. */
MsColor ms_difference_get_color (MsDifference difference, const MsPalette *palette);
/* "+1.2 MB", "−3", "0". (transfer full) */
char *ms_difference_format (const MsChange *change, gboolean is_bytes);
/* "+18.0 %", "new", "gone", "0 %". (transfer full) */
char *ms_difference_format_percent (const MsChange *change);
/* "1.0 MB → 2.2 MB, +1.2 MB (+120 %)", and whether it may be by chance. (transfer full) */
char *ms_difference_describe (const MsChange *change, gboolean is_bytes);

G_END_DECLS
