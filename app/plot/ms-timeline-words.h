/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A timeline in words: for the labels of its lanes, for its table, and for who does not see it. */
#pragma once

#include "ms-timeline-data.h"

G_BEGIN_DECLS

/* "181.6 MB", "41.8 MB/s", "10.6 %", "9 400/s". */
char *ms_unit_format (MsUnit unit, double value);

/* The greatest of a curve inside the window: "max 181.6 MB"; of heat rows how many there are, and their
 * mean; "not measured here".  @fine: of the stretch looked at, or NULL. */
char *ms_lane_summarize (const MsLane *lane,
                         const MsLane *fine,
                         guint series,
                         const MsTimeWindow *window);

/* What a curve, or all heat rows, were from @from_ns to @to_ns: "181.6 MB", "0.4 – 181.6 MB", "not
 * measured". */
char *ms_lane_read (const MsLane *lane,
                    const MsLane *fine,
                    guint series,
                    gint64 from_ns,
                    gint64 to_ns);
/* How many readings a lane has: one a curve, one for all heat rows. */
guint ms_lane_get_n_readings (const MsLane *lane);

/* "ingest-1: 12.4 MB live, peak 21.1 MB", of one thread at a time. */
char *ms_life_read (const MsLife *life, gint64 from_ns, gint64 to_ns);

/* The picture in words: a sentence a lane. */
char *ms_timeline_describe (const MsTimelineData *data,
                            const MsTimelineData *fine,
                            const MsTimeWindow *window);
/* "Live memory 181.6 MB, Allocation rate 3.1 MB/s, …": everything measured from @from_ns to @to_ns. */
char *ms_timeline_describe_time (const MsTimelineData *data,
                                 const MsTimelineData *fine,
                                 gint64 from_ns,
                                 gint64 to_ns);

G_END_DECLS
