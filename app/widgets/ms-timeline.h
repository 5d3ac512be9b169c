/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The timeline: what a program did over time, lane by lane, with one time axis.  It scrolls by itself
 * (GtkScrollable), so that the axis stays in sight.
 *
 *   wheel                    zooms at the pointer; over threads and labels it scrolls; Ctrl: always zooms
 *   Shift+wheel, middle or Shift+drag   pans
 *   drag                     selects a range; its ends can be dragged; a double click clears it
 *   click on a thread        activates it
 *   ← → Home End P           move the cursor, P to the peak; with Shift they select, with Control in leaps
 *   + − 0                    zoom; ↑ ↓ Enter choose a thread; Delete clears the range
 *
 * Signals: "window-changed": another stretch is looked at; "range-selected" (gint64 start, gint64 end);
 * "range-cleared"; "life-activated" (guint thread id).
 */
#pragma once

#include <gtk/gtk.h>
#include "ms-timeline-data.h"

G_BEGIN_DECLS

#define MS_TYPE_TIMELINE (ms_timeline_get_type ())
G_DECLARE_FINAL_TYPE (MsTimeline, ms_timeline, MS, TIMELINE, GtkWidget)

GtkWidget *ms_timeline_new (void);

/* NULL: nothing.  After another, the same trace later: what is looked at stays, all of it all of it,
 * and what ended with it goes on with it. */
void ms_timeline_set_data (MsTimeline *self, MsTimelineData *data);
/* The same lanes for a part of the trace, drawn where it reaches.  NULL: none. */
void ms_timeline_set_fine (MsTimeline *self, MsTimelineData *fine);

/* (transfer none) (nullable) */
MsTimelineData *ms_timeline_get_data (MsTimeline *self);
MsTimelineData *ms_timeline_get_fine (MsTimeline *self);

/* The selected range; shows it, emits nothing. */
void ms_timeline_set_range (MsTimeline *self, gint64 start_ns, gint64 end_ns);
void ms_timeline_clear_range (MsTimeline *self);

/* All threads but this one fade. */
void ms_timeline_set_focused (MsTimeline *self, guint id);
void ms_timeline_clear_focused (MsTimeline *self);

/* The stretch that is looked at. */
const MsTimeWindow *ms_timeline_get_window (MsTimeline *self);
void ms_timeline_set_window (MsTimeline *self, gint64 start_ns, gint64 end_ns);
/* About the cursor, else about the middle. */
void ms_timeline_zoom (MsTimeline *self, double factor);
/* Puts the cursor on the peak and makes sure that it is seen. */
void ms_timeline_show_peak (MsTimeline *self);
/* MS_TIME_NONE: there is no cursor. */
gint64 ms_timeline_get_cursor (MsTimeline *self);

/* The picture in words. */
char *ms_timeline_dup_description (MsTimeline *self);

G_END_DECLS
