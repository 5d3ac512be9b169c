/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One line of text in a picture: measured for a layout, then painted where the layout says.
 * Digits are tabular, so that a figure never changes its width while it counts.
 */
#pragma once

#include <pango/pangocairo.h>
#include "ms-palette.h"

G_BEGIN_DECLS

typedef struct {
  double scale; /* of the context's font */
  PangoWeight weight;
} MsTextStyle;

extern const MsTextStyle MS_TEXT_BODY;
extern const MsTextStyle MS_TEXT_NAME;
extern const MsTextStyle MS_TEXT_SMALL;
extern const MsTextStyle MS_TEXT_SMALL_STRONG;
extern const MsTextStyle MS_TEXT_FIGURE;

/* Width in pixels of @text on one line. */
double ms_text_measure_px (PangoContext *context, const char *text, MsTextStyle style);
double ms_text_line_height_px (PangoContext *context, MsTextStyle style);

/* Paints with its top left corner at (@x_px, @y_px); @max_width_px < 0: as wide as it is, else cut
 * with "…".  Returns the width painted. */
double ms_text_paint (cairo_t *cr,
                      PangoContext *context,
                      const char *text,
                      MsTextStyle style,
                      MsColor color,
                      double x_px,
                      double y_px,
                      double max_width_px);
/* The same, ending at @right_px. */
double ms_text_paint_right (cairo_t *cr,
                            PangoContext *context,
                            const char *text,
                            MsTextStyle style,
                            MsColor color,
                            double right_px,
                            double y_px);

G_END_DECLS
