/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names beside the points of a scatter plot, so that few threads are told apart at a glance:
 *
 *        ● squeeze-0        to the right of its point, else to the left, above or below
 *   parser-1 ● ● parser-0
 *
 * A name that would lie over a point, the line, another name or the plot's edge is left out: the pointer and the
 * keyboard still read it.  Many points have none, as a choice among them would say nothing.
 */
#pragma once

#include "ms-scatter-layout.h"

G_BEGIN_DECLS

#define MS_SCATTER_MOST_LABELS 32

/* @widths_px: of each point's name, 0 for none; @rects: where it goes, of width 0 where there is no room. */
void ms_scatter_labels_layout (const MsScatterLayout *layout,
                               const double *widths_px,
                               double line_px,
                               MsRect *rects);

G_END_DECLS
