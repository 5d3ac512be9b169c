/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A timeline in figures: a row a stretch of time, a column a lane. */
#pragma once

#include "ms-text-table.h"
#include "ms-timeline-data.h"

G_BEGIN_DECLS

/* Equal stretches of @window: as many as a person reads. */
#define MS_TIMELINE_TABLE_ROWS 60

/* @fine: nullable. (transfer floating) */
GtkWidget *ms_timeline_table_new (const MsTimelineData *data,
                                  const MsTimelineData *fine,
                                  const MsTimeWindow *window);

/* Finer, and exact: a row a stretch, two columns a curve, its lowest and its highest there in the unit of the heading.
 * What was not measured is empty. */
#define MS_TIMELINE_CSV_ROWS 1000
char *ms_timeline_to_csv (const MsTimelineData *data,
                          const MsTimelineData *fine,
                          const MsTimeWindow *window);

G_END_DECLS
