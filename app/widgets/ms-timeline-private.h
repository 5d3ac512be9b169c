/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the timeline's drawing (ms-timeline.c) and its input (ms-timeline-input.c) share. */
#pragma once

#include "ms-timeline-paint.h"
#include "ms-timeline.h"

G_BEGIN_DECLS

typedef enum {
  MS_DRAG_NOTHING,
  MS_DRAG_SELECT, /* an end of the range: the other is the anchor */
  MS_DRAG_PAN
} MsTimelineDrag;

struct _MsTimeline {
  GtkWidget parent_instance;

  MsTimelineData *data, *fine; /* or NULL */
  MsTimeWindow window;
  MsTimelineMarks marks;
  MsTimelineLayout layout;
  gboolean has_layout;
  GskRenderNode *picture; /* the still part, or NULL */
  GtkAdjustment *horizontal, *vertical;

  double pointer_x, pointer_y;
  MsTimelineDrag drag;
  double drag_start_x, drag_start_y, drag_x; /* where it began, where it was last seen */
  gboolean has_moved;
  gint64 anchor_ns;                /* of what is being selected; MS_TIME_NONE: nothing is */
  gint64 old_start_ns, old_end_ns; /* before the drag */
  double pinch_scale;
  guint commit_source; /* a range chosen by keyboard is told when the keys rest */
};

enum {
  MS_TIMELINE_WINDOW_CHANGED,
  MS_TIMELINE_RANGE_SELECTED,
  MS_TIMELINE_RANGE_CLEARED,
  MS_TIMELINE_LIFE_ACTIVATED,
  MS_TIMELINE_N_SIGNALS
};
extern guint ms_timeline_signals[MS_TIMELINE_N_SIGNALS];

/* FALSE: there is nothing to lay out. */
gboolean ms_timeline_ensure_layout (MsTimeline *self);
double ms_timeline_get_scroll (MsTimeline *self);
void ms_timeline_invalidate (MsTimeline *self);
void ms_timeline_update_description (MsTimeline *self);
/* After a change of self->window. */
void ms_timeline_window_moved (MsTimeline *self);
void ms_timeline_move_cursor (MsTimeline *self, gint64 time_ns);

G_END_DECLS
