/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-timeline-data.h"

static void
series_clear (gpointer data)
{
  MsLaneSeries *self = data;

  g_free (self->name);
  ms_curve_clear (&self->curve);
}

static void
lane_free (gpointer data)
{
  MsLane *self = data;

  g_free (self->title);

  g_free (self->absence);
  g_free (self->note);
  g_array_unref (self->series);
  g_free (self);
}

static void
life_clear (gpointer data)
{
  MsLife *self = data;

  g_free (self->name);
  ms_curve_clear (&self->live);
}

static void
instant_clear (gpointer data)
{
  g_free (((MsInstant *) data)->text);
}

MsTimelineData *
ms_timeline_data_new (gint64 duration_ns)
{
  MsTimelineData *self = g_new0 (MsTimelineData, 1);

  g_atomic_ref_count_init (&self->references);
  self->duration_ns = MAX (duration_ns, 1);
  self->peak_time_ns = MS_TIME_NONE;
  self->lanes = g_ptr_array_new_with_free_func (lane_free);
  self->lives = g_array_new (FALSE, TRUE, sizeof (MsLife));
  g_array_set_clear_func (self->lives, life_clear);
  self->instants = g_array_new (FALSE, TRUE, sizeof (MsInstant));
  g_array_set_clear_func (self->instants, instant_clear);
  return self;
}

MsTimelineData *
ms_timeline_data_ref (MsTimelineData *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
ms_timeline_data_unref (MsTimelineData *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_ptr_array_unref (self->lanes);
  g_array_unref (self->lives);
  g_array_unref (self->instants);
  g_free (self);
}

MsLane *
ms_timeline_data_add_lane (MsTimelineData *self,
                           const char *id,
                           const char *title,
                           MsLaneKind kind,
                           MsUnit unit,
                           MsRole hue)
{
  MsLane *lane = g_new0 (MsLane, 1);

  lane->id = id;
  lane->title = g_strdup (title);
  lane->kind = kind;
  lane->unit = unit;
  lane->hue = hue;
  lane->series = g_array_new (FALSE, TRUE, sizeof (MsLaneSeries));
  g_array_set_clear_func (lane->series, series_clear);
  g_ptr_array_add (self->lanes, lane);
  return lane;
}

MsLaneSeries *
ms_lane_add_series (MsLane *self, const char *name)
{
  MsLaneSeries series = { .name = g_strdup (name) };

  g_array_append_val (self->series, series);
  return &g_array_index (self->series, MsLaneSeries, self->series->len - 1);
}

void
ms_timeline_data_add_instant (MsTimelineData *self, gint64 time_ns, const char *text)
{
  MsInstant instant = { time_ns, g_strdup (text) };

  g_array_append_val (self->instants, instant);
}

MsLife *
ms_timeline_data_add_life (MsTimelineData *self, guint id, const char *name)
{
  MsLife life = { .id = id, .name = g_strdup (name) };

  g_array_append_val (self->lives, life);
  return &g_array_index (self->lives, MsLife, self->lives->len - 1);
}

const MsLane *
ms_timeline_data_find_lane (const MsTimelineData *self, const char *id)
{
  for (guint i = 0; self != NULL && i < self->lanes->len; i++)
    {
      const MsLane *lane = g_ptr_array_index (self->lanes, i);

      if (g_str_equal (lane->id, id))
        return lane;
    }
  return NULL;
}
