/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A flame graph on a cairo surface: of the window, of a PNG or of an SVG. */
#pragma once

#include <pango/pangocairo.h>
#include "ms-flame-plot.h"
#include "ms-module-shades.h"

G_BEGIN_DECLS

/* What boxes look like and say.  Borrowed from whoever fills it in. */
typedef struct {
  MsCallTree *tree;
  const MsModuleShades *shades;
  const gboolean *is_match; /* by number of function; NULL: nothing is searched for */
  const gboolean *is_kept;  /* by node: the others are faded; NULL: all are kept */
  gboolean is_bytes;        /* values are; else a number of allocations */
} MsFlameLook;

/* Height of a row in @context's font. */
double ms_flame_row_px (PangoContext *context);

/* The still part: every cell that meets @clip (NULL: all). */
void ms_flame_paint (cairo_t *cr,
                     PangoContext *context,
                     const MsFlamePlot *plot,
                     const MsFlameLook *look,
                     const MsPalette *palette,
                     const MsRect *clip);

/* Around a cell, over the still part. */
void ms_flame_paint_hover (cairo_t *cr,
                           const MsFlamePlot *plot,
                           const MsPalette *palette,
                           guint cell);
void ms_flame_paint_cursor (cairo_t *cr,
                            const MsFlamePlot *plot,
                            const MsPalette *palette,
                            guint cell);

/* Width and height of the legend in one line or, at @width_px, several; then the legend itself. */
double ms_flame_legend_height_px (PangoContext *context,
                                  const MsModuleShades *shades,
                                  double width_px);
void ms_flame_paint_legend (cairo_t *cr,
                            PangoContext *context,
                            const MsModuleShades *shades,
                            const MsPalette *palette,
                            double x_px,
                            double y_px,
                            double width_px);

/* What a person calls the cell, as the box has it: the short name; fit for display. */
char *ms_flame_dup_label (const MsFlamePlot *plot, const MsFlameLook *look, guint cell);
/* "12.4 MB, 31.0 %, 812 call stacks", exact figures; "1 204 allocations, …" */
char *ms_flame_describe_cell (const MsFlamePlot *plot, const MsFlameLook *look, guint cell);
/* The picture in words. */
char *ms_flame_describe (const MsFlameLook *look);

/* "12.4 MB", "1 204 allocations"; with a standard error, "12.4 MB ± 281 kB". */
char *ms_flame_format_value (guint64 value, double standard_error, gboolean is_bytes);

G_END_DECLS
