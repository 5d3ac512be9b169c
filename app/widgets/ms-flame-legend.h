/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which shade of a flame graph is which module, in as many lines as it takes. */
#pragma once

#include "ms-flame-graph.h"

G_BEGIN_DECLS

#define MS_TYPE_FLAME_LEGEND (ms_flame_legend_get_type ())
G_DECLARE_FINAL_TYPE (MsFlameLegend, ms_flame_legend, MS, FLAME_LEGEND, GtkWidget)

/* @graph outlives it. */
GtkWidget *ms_flame_legend_new (MsFlameGraph *graph);

/* The graph has another tree. */
void ms_flame_legend_update (MsFlameLegend *self);

G_END_DECLS
