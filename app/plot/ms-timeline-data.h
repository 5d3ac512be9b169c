/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a timeline shows: lanes of figures over time, one below the other, and below them the life of
 * each thread.
 *
 *   lane    a title, a unit and one or more curves; or why there are none
 *   life    a thread from its start to its end, with its live bytes
 *
 * A page fills one on a worker and hands it over; it does not change after.  A second one with the same
 * lanes, of the stretch that is looked at alone, makes the picture finer there.
 */
#pragma once

#include "ms-curve.h"
#include "ms-roles.h"

G_BEGIN_DECLS

typedef enum {
  MS_LANE_CURVES, /* areas and lines on one scale */
  MS_LANE_HEAT    /* one row a curve, 0 to 100: the more the darker */
} MsLaneKind;

typedef enum { MS_UNIT_BYTES, MS_UNIT_BYTE_RATE, MS_UNIT_PERCENT, MS_UNIT_RATE } MsUnit;

typedef struct {
  char *name;       /* owned; NULL: the lane's own */
  gboolean is_line; /* without an area below */
  MsCurve curve;
} MsLaneSeries;

typedef struct {
  const char *id; /* static: "live", "rate", "cpu", "cores", "resident", "io", "network", "gpu" */
  char *title;
  char *absence; /* why nothing was measured; NULL: something was */
  char *note;    /* of an absent one that stands for several: their names; else NULL */
  MsLaneKind kind;
  MsUnit unit;
  gboolean is_scale_fixed; /* 0 to 100, whatever the data */
  MsRole hue;              /* colours are those of roles: a kind of resource has one */
  gboolean is_tall;
  GArray *series; /* of MsLaneSeries */
} MsLane;

typedef struct {
  guint id; /* the thread's */
  char *name;
  gboolean tracked;
  MsRole role;
  gint64 start_ns, end_ns;
  guint64 peak_bytes;
  MsCurve live; /* n_bins 0: not tracked */
} MsLife;

/* An instant that was marked while the program ran. */
typedef struct {
  gint64 time_ns;
  char *text; /* owned */
} MsInstant;

typedef struct {
  gatomicrefcount references;
  gint64 duration_ns;
  gint64 peak_time_ns; /* of the lane "live"; MS_TIME_NONE: there is none */
  guint64 peak_bytes;
  double peak_standard_error;
  GPtrArray *lanes; /* of MsLane */
  GArray *lives;    /* of MsLife */
  GArray *instants; /* of MsInstant, by time */
} MsTimelineData;

MsTimelineData *ms_timeline_data_new (gint64 duration_ns);
MsTimelineData *ms_timeline_data_ref (MsTimelineData *self);
void ms_timeline_data_unref (MsTimelineData *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsTimelineData, ms_timeline_data_unref)

/* Adds a lane to fill. (transfer none) */
MsLane *ms_timeline_data_add_lane (MsTimelineData *self,
                                   const char *id,
                                   const char *title,
                                   MsLaneKind kind,
                                   MsUnit unit,
                                   MsRole hue);
/* @name NULL: as the lane.  (transfer none): until the next is added. */
MsLaneSeries *ms_lane_add_series (MsLane *self, const char *name);
void ms_timeline_data_add_instant (MsTimelineData *self, gint64 time_ns, const char *text);
/* Adds a life to fill. (transfer none): until the next is added. */
MsLife *ms_timeline_data_add_life (MsTimelineData *self, guint id, const char *name);

/* NULL if there is none, or @self is NULL. */
const MsLane *ms_timeline_data_find_lane (const MsTimelineData *self, const char *id);

G_END_DECLS
