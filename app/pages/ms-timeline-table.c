/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-timeline-table.h"
#include "ms-time-axis.h"
#include "ms-timeline-words.h"

#include <glib/gi18n-lib.h>

static void
add_titles (GPtrArray *titles, const MsLane *lane)
{
  for (guint i = 0; lane->absence == NULL && i < ms_lane_get_n_readings (lane); i++)
    {
      const MsLaneSeries *series = &g_array_index (lane->series, MsLaneSeries, i);

      if (lane->kind == MS_LANE_CURVES && series->name != NULL && lane->series->len > 1)
        g_ptr_array_add (titles, g_strdup_printf ("%s, %s", lane->title, series->name));
      else
        g_ptr_array_add (titles, g_strdup (lane->title));
    }
}

/* A curve's name stands in the heading. */
static const char *
skip_name (const MsLane *lane, guint series, const char *reading)
{
  const char *name = g_array_index (lane->series, MsLaneSeries, series).name;

  if (lane->kind == MS_LANE_CURVES && name != NULL && g_str_has_prefix (reading, name))
    return reading + strlen (name) + 1;
  return reading;
}

static void
add_row (MsTextTable *table,
         const MsTimelineData *data,
         const MsTimelineData *fine,
         gint64 from_ns,
         gint64 to_ns,
         gint64 end_ns)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (cells, ms_time_axis_format (from_ns, MAX (to_ns - from_ns, 1), end_ns));
  for (guint i = 0; i < data->lanes->len; i++)
    {
      const MsLane *lane = g_ptr_array_index (data->lanes, i);
      const MsLane *close = ms_timeline_data_find_lane (fine, lane->id);

      for (guint s = 0; lane->absence == NULL && s < ms_lane_get_n_readings (lane); s++)
        {
          g_autofree char *reading = ms_lane_read (lane, close, s, from_ns, to_ns);

          g_ptr_array_add (cells, g_strdup (skip_name (lane, s, reading)));
        }
    }
  g_ptr_array_add (cells, NULL);
  ms_text_table_add_row (table, (const char *const *) cells->pdata);
}

GtkWidget *
ms_timeline_table_new (const MsTimelineData *data,
                       const MsTimelineData *fine,
                       const MsTimeWindow *window)
{
  g_autoptr (GPtrArray) titles = g_ptr_array_new_with_free_func (g_free);
  double step_ns = (double) (window->end_ns - window->start_ns) / MS_TIMELINE_TABLE_ROWS;

  g_ptr_array_add (titles, g_strdup (_ ("From")));
  for (guint i = 0; i < data->lanes->len; i++)
    add_titles (titles, g_ptr_array_index (data->lanes, i));
  g_ptr_array_add (titles, NULL);

  GtkWidget *table = ms_text_table_new ((const char *const *) titles->pdata);
  for (guint i = 0; i < MS_TIMELINE_TABLE_ROWS; i++)
    {
      gint64 from_ns = window->start_ns + (gint64) (i * step_ns);
      gint64 to_ns = window->start_ns + (gint64) ((i + 1) * step_ns);

      add_row (MS_TEXT_TABLE (table), data, fine, from_ns, MAX (to_ns, from_ns + 1),
               window->end_ns);
    }
  return table;
}
