/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the files of the flame graph share: its picture (ms-flame-graph.c), and its pointer and keyboard
 * (ms-flame-graph-input.c). */
#pragma once

#include "ms-flame-graph.h"

G_BEGIN_DECLS

#define NONE -1

struct _MsFlameGraph {
  GtkWidget parent_instance;

  MsCallTree *tree; /* NULL: nothing */
  gboolean is_bytes;
  MsModuleShades shades;
  gboolean *is_match; /* by function; NULL: nothing is searched for */
  char *needle;       /* NULL: likewise */
  gboolean *is_kept;  /* by node; NULL: all are */
  GArray *kept;       /* of guint: stacks; NULL: all */
  MsFlameOrientation orientation;

  MsFlamePlot plot;       /* of the width at which it was laid out; none if that is 0 */
  GskRenderNode *picture; /* the still part, or NULL */
  guint zoomed;           /* a node */
  gint cursor;            /* a node, or NONE */
  gint hover;             /* a cell, or NONE */
  GtkWidget *menu;        /* NULL: none */
};

typedef enum {
  MS_FLAME_GRAPH_CHOSEN,
  MS_FLAME_GRAPH_OPENED,
  MS_FLAME_GRAPH_READING,
  MS_FLAME_GRAPH_ZOOMED,
  MS_FLAME_GRAPH_N_SIGNALS
} MsFlameGraphSignal;

/* @node: of the first two. */
void ms_flame_graph_emit (MsFlameGraph *self, MsFlameGraphSignal signal, gint node);

MsFlameLook ms_flame_graph_get_look (MsFlameGraph *self);
/* A flame stands on the ground, also where there is more sky than it needs. */
double ms_flame_graph_get_top_px (MsFlameGraph *self);

void ms_flame_graph_add_controllers (MsFlameGraph *self);
/* What is read is something else. */
void ms_flame_graph_say_reading (MsFlameGraph *self);

G_END_DECLS
