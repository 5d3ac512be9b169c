/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What one widget (MsPlotArea) needs to know of a small plot: how it is laid out and painted, which item
 * lies under the pointer, where the arrow keys lead, and what all of it is in words.  Items are numbered
 * from 0: the bars of a histogram, the cells of a matrix.
 */
#pragma once

#include <pango/pangocairo.h>
#include "ms-palette.h"

G_BEGIN_DECLS

typedef struct {
  double (*get_height_px) (gpointer plot, PangoContext *context, double width_px);
  void (*lay_out) (gpointer plot, PangoContext *context, double width_px, double height_px);
  void (*paint) (gpointer plot, cairo_t *cr, PangoContext *context, const MsPalette *palette);
  /* Over the still part. */
  void (*paint_item) (gpointer plot, cairo_t *cr, const MsPalette *palette, guint item);
  guint (*get_n_items) (gpointer plot);
  /* -1: nothing is there. */
  gint (*find) (gpointer plot, double x_px, double y_px);
  guint (*walk) (gpointer plot, guint item, gint columns, gint rows);
  char *(*describe) (gpointer plot);
  char *(*describe_item) (gpointer plot, guint item);
  void (*free) (gpointer plot);
} MsPlotKind;

G_END_DECLS
