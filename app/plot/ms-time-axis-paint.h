/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A time axis below a plot: its line, a short one at each tick, and their labels. */
#pragma once

#include "ms-palette.h"
#include "ms-time-axis.h"

#include <pango/pangocairo.h>

G_BEGIN_DECLS

/* From @left_px to @right_px, where the first and the last label end as well; at @y_px, in the middle of a pixel. */
void ms_time_axis_paint (cairo_t *cr,
                         PangoContext *context,
                         const MsTimeAxis *axis,
                         double left_px,
                         double right_px,
                         double y_px,
                         double label_y_px,
                         const MsPalette *palette);

G_END_DECLS
