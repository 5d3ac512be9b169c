/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A scatter plot to read and to choose in: hovering reads a point, a click activates it, a drag chooses
 * those in a rectangle.  By keyboard ← → go from point to point by processor time, ↑ ↓ by allocation rate;
 * Space chooses a point, Enter activates it, Delete chooses none.
 *
 * Signals: "point-activated" (guint index), "chosen-changed".
 */
#pragma once

#include <gtk/gtk.h>
#include "ms-scatter-layout.h"

G_BEGIN_DECLS

#define MS_TYPE_SCATTER (ms_scatter_get_type ())
G_DECLARE_FINAL_TYPE (MsScatter, ms_scatter, MS, SCATTER, GtkWidget)

GtkWidget *ms_scatter_new (void);

/* Copies points and names.  NULL: nothing. */
void ms_scatter_set_data (MsScatter *self, const MsScatterData *data);
/* (transfer none) */
const MsScatterData *ms_scatter_get_data (MsScatter *self);

/* Indices of points. (transfer none) (array length=n) */
const guint *ms_scatter_get_chosen (MsScatter *self, guint *n);
void ms_scatter_clear_chosen (MsScatter *self);

G_END_DECLS
