/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Paints a timeline in two layers: the still picture, which a widget keeps as long as nobody zooms or
 * scrolls, and what moves with the pointer.
 */
#pragma once

#include <pango/pangocairo.h>
#include "ms-palette.h"
#include "ms-timeline-layout.h"

G_BEGIN_DECLS

#define MS_NO_LIFE G_MAXUINT
/* How far from an end of the selection the pointer takes hold of it. */
#define MS_HANDLE_REACH_PX 6.0

/* What lies over the picture. */
typedef struct {
  gint64 cursor_ns;          /* MS_TIME_NONE: none */
  gint64 start_ns, end_ns;   /* the selected range; MS_TIME_NONE: none */
  guint life;                /* the row that is pointed at, or MS_NO_LIFE */
  gboolean has_focus;        /* a thread is focused: the others fade… */
  guint focused_id;          /* …but this */
  gboolean has_keyboard_row; /* the pointed row is ringed */
} MsTimelineMarks;

void ms_timeline_marks_init (MsTimelineMarks *self);

void ms_timeline_measure (MsTimelineMetrics *self,
                          PangoContext *context,
                          const MsTimelineData *data);

/* The still part; @scroll_px of the content are above the view. */
void ms_timeline_paint (cairo_t *cr,
                        PangoContext *context,
                        const MsTimelineLayout *layout,
                        const MsTimelineData *data,
                        const MsTimelineMarks *marks,
                        const MsPalette *palette,
                        double scroll_px);
/* Readings, selection, cursor. */
void ms_timeline_paint_marks (cairo_t *cr,
                              PangoContext *context,
                              const MsTimelineLayout *layout,
                              const MsTimelineData *data,
                              const MsTimelineMarks *marks,
                              const MsPalette *palette,
                              double scroll_px);

G_END_DECLS
