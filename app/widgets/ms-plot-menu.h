/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The menu of a plot: right click, a long press, the Menu key or Shift+F10 on it.  "Save Picture…" paints what it shows
 * into a PNG or an SVG; the same is the action "plot.save-picture" of the plot.
 */
#pragma once

#include "ms-picture-dialog.h"

G_BEGIN_DECLS

typedef struct {
  const char *name; /* of the file, without an ending */
  MsPictureDialogPaint paint;
  /* How large it is painted; NULL: as on the screen.  FALSE: there is nothing to paint. */
  gboolean (*get_size) (GtkWidget *plot, double *width_px, double *height_px);
} MsPlotMenu;

/* @kind: static. */
void ms_plot_menu_add (GtkWidget *plot, const MsPlotMenu *kind);
/* As the action does. */
void ms_plot_menu_save_picture (GtkWidget *plot);
/* What its dialog does with the answer. */
void ms_plot_menu_write_picture (GtkWidget *plot, GFile *file);

G_END_DECLS
