/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <pango/pangocairo.h>
#include "ms-palette.h"
#include "ms-scatter-layout.h"

G_BEGIN_DECLS

#define MS_NO_POINT G_MAXUINT

/* What lies over the still picture. */
typedef struct {
  guint point;         /* read, or MS_NO_POINT */
  gboolean has_brush;  /* a rectangle is being drawn… */
  MsRect brush;        /* …from its first corner to its last */
  const guint *chosen; /* points ringed */
  guint n_chosen;
} MsScatterMarks;

/* Measures what ms_scatter_layout() wants to know. */
void ms_scatter_measure (PangoContext *context,
                         const MsScatterData *data,
                         double *line_px,
                         double *y_label_px);

/* The still part. */
void ms_scatter_paint (cairo_t *cr,
                       PangoContext *context,
                       const MsScatterLayout *layout,
                       const MsScatterData *data,
                       const MsPalette *palette);
void ms_scatter_paint_marks (cairo_t *cr,
                             PangoContext *context,
                             const MsScatterLayout *layout,
                             const MsScatterData *data,
                             const MsScatterMarks *marks,
                             const MsPalette *palette);

/* "ingest-1: 12.3 % processor, 24.2 MB/s, 182 I/O calls"; of a stretch of time its start. */
char *ms_scatter_describe_point (const MsScatterPoint *point);
/* The picture in words. */
char *ms_scatter_describe (const MsScatterData *data);

G_END_DECLS
