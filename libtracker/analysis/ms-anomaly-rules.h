/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rules behind ms-anomalies.h, on plain numbers.
 *
 *   growth   the floor of live bytes   ▁▂▂▃▃▄▄▅▅▆▆▇   not  ▁▇▁▇▁▇▁▇, ▁▁▇▇▇▇▇▇, ▄▄▄▄▄▄▄▄
 *   rise     bytes allocated at a time ▁▁▂▁▁▁▇▁▂▁▁▁   not  ▇▁▁▁▁▁▁▁, ▁▁▇▁▁▇▁▁▇▁▁▇
 *   peers    one figure of each of several alike
 */
#pragma once

#include "ms-analysis-settings.h"

G_BEGIN_DECLS

#define MS_GROWTH_MIN_POINTS 16
#define MS_RISE_MIN_POINTS 32
#define MS_RISE_MOST 3
#define MS_PEERS_MIN 5

typedef struct {
  double z;       /* of Mann and Kendall's test over all points */
  double least_z; /* that the settings' confidence asks for */
  double bytes;   /* Theil and Sen's slope times the number of steps; no more than it rose by */
  gboolean is_freed_at_end; /* half of them, just before the last stretch's end */
  double slope_per_step;    /* bytes */
} MsGrowth;

/* Whether @floor, the lowest live bytes in each of @n equal stretches, grows and does not come back: the
 * trend is significant over all of it and over its second half, where it still has a quarter of its
 * slope, and what it amounts to is growth_bytes and growth_percent of @peak. */
gboolean ms_growth_find (const double *floor,
                         guint n,
                         double peak,
                         const MsAnalysisSettings *settings,
                         MsGrowth *growth);

typedef struct {
  guint first, end; /* points, [first, end) */
  double bytes;     /* in it */
  double highest;   /* of its points */
  double score;     /* robust z of that */
  double usual;     /* the median point */
  double rest;      /* the highest point outside all rises and the start */
} MsRise;

/* Sudden rises in the bytes allocated in each of @n equal stretches, but for the first twentieth, in which a
 * program starts.  More than MS_RISE_MOST are a habit, and none. (transfer full) (element-type MsRise) */
GArray *ms_rises_find (const double *bytes, guint n, const MsAnalysisSettings *settings);

/* Scores those of @values, all >= 0, that differ from the others by peer_score robust deviations on a
 * logarithmic scale and by the factor peer_ratio; 0 for those that do not.  Returns how many; none if
 * there are fewer than MS_PEERS_MIN or more than a fifth differ, as then they are of several kinds. */
guint ms_peers_find (const double *values,
                     guint n,
                     const MsAnalysisSettings *settings,
                     double *scores,
                     double *usual);

G_END_DECLS
