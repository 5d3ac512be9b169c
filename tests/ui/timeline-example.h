/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A timeline to test with: 40 s, a ramp to a peak at 20 s, four cores, a gap, threads. */
#pragma once

#include "ms-timeline-data.h"

#define EXAMPLE_SECOND G_GINT64_CONSTANT (1000000000)
#define EXAMPLE_DURATION (40 * EXAMPLE_SECOND)
#define EXAMPLE_PEAK 181600000.0

static inline void
example_fill (MsCurve *curve, guint n_bins, double top, gboolean has_min)
{
  ms_curve_init (curve, 0, EXAMPLE_DURATION, n_bins, has_min);
  for (guint i = 0; i < n_bins; i++)
    {
      double share = 1 - ABS (2.0 * i / n_bins - 1);

      curve->max[i] = share * top;
      if (has_min)
        curve->min[i] = share * top / 2;
    }
}

static inline MsTimelineData *
example_timeline_new (guint n_threads)
{
  MsTimelineData *data = ms_timeline_data_new (EXAMPLE_DURATION);
  MsLane *lane = ms_timeline_data_add_lane (data, "live", "Live memory", MS_LANE_CURVES,
                                            MS_UNIT_BYTES, MS_ROLE_MEMORY_INTENSIVE);

  lane->is_tall = TRUE;
  data->peak_time_ns = EXAMPLE_DURATION / 2;
  data->peak_bytes = (guint64) EXAMPLE_PEAK;
  example_fill (&ms_lane_add_series (lane, NULL)->curve, 2000, EXAMPLE_PEAK, TRUE);

  lane = ms_timeline_data_add_lane (data, "cores", "Cores", MS_LANE_HEAT, MS_UNIT_PERCENT,
                                    MS_ROLE_CPU_INTENSIVE);
  for (guint core = 0; core < 4; core++)
    {
      char name[8];

      g_snprintf (name, sizeof name, "%u", core);
      example_fill (&ms_lane_add_series (lane, name)->curve, 400, 25.0 * (core + 1), FALSE);
    }

  lane = ms_timeline_data_add_lane (data, "io", "I/O", MS_LANE_CURVES, MS_UNIT_RATE,
                                    MS_ROLE_IO_INTENSIVE);
  MsCurve *curve = &ms_lane_add_series (lane, NULL)->curve;
  ms_curve_init (curve, 0, EXAMPLE_DURATION, 400, FALSE);
  ms_curve_cover (curve, 0, 10 * EXAMPLE_SECOND, 9400);
  ms_curve_cover (curve, 20 * EXAMPLE_SECOND, EXAMPLE_DURATION, 100);

  lane = ms_timeline_data_add_lane (data, "gpu", "GPU", MS_LANE_CURVES, MS_UNIT_PERCENT,
                                    MS_ROLE_LIGHTWEIGHT);
  lane->absence = g_strdup ("the machine has no GPU");

  for (guint i = 0; i < n_threads; i++)
    {
      char name[32];

      g_snprintf (name, sizeof name, "worker-%u", i);
      MsLife *life = ms_timeline_data_add_life (data, i, name);
      life->tracked = i % 4 != 3;
      life->role = (MsRole) (i % MS_N_ROLES);
      life->start_ns = (gint64) i * EXAMPLE_DURATION / (2 * n_threads);
      life->end_ns = EXAMPLE_DURATION - life->start_ns / 2;
      life->peak_bytes = 1000000 * (i + 1);
      if (life->tracked)
        example_fill (&life->live, 160, (double) life->peak_bytes, FALSE);
    }
  return data;
}
