/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-timeline-table.h"
#include "ms-csv.h"
#include "ms-language.h"
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
        g_ptr_array_add (titles, g_strdup_printf ("%s%s%s", lane->title, ms_language_get_comma (),
                                                  series->name));
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

/* --- CSV --- */

static const char *
get_unit_suffix (MsUnit unit)
{
  switch (unit)
    {
    case MS_UNIT_BYTES:
      return "bytes";
    case MS_UNIT_BYTE_RATE:
      return "bytes_per_second";
    case MS_UNIT_PERCENT:
      return "percent";
    case MS_UNIT_RATE:
    default:
      return "per_second";
    }
}

static void
append_headings (GString *csv, const MsLane *lane)
{
  for (guint i = 0; lane->absence == NULL && i < lane->series->len; i++)
    {
      const MsLaneSeries *series = &g_array_index (lane->series, MsLaneSeries, i);
      gboolean has_name = series->name != NULL && lane->series->len > 1;
      g_autofree char *name =
          g_strdup_printf ("%s%s%s", lane->id, has_name ? " " : "", has_name ? series->name : "");
      g_autofree char *lowest =
          g_strdup_printf ("%s lowest %s", name, get_unit_suffix (lane->unit));
      g_autofree char *highest =
          g_strdup_printf ("%s highest %s", name, get_unit_suffix (lane->unit));

      g_string_append_c (csv, ',');
      ms_csv_append_text (csv, lowest);
      g_string_append_c (csv, ',');
      ms_csv_append_text (csv, highest);
    }
}

static void
append_values (GString *csv, const MsLane *lane, const MsLane *fine, gint64 from_ns, gint64 to_ns)
{
  for (guint i = 0; lane->absence == NULL && i < lane->series->len; i++)
    {
      const MsCurve *whole = &g_array_index (lane->series, MsLaneSeries, i).curve;
      const MsCurve *close = fine != NULL && i < fine->series->len
                                 ? &g_array_index (fine->series, MsLaneSeries, i).curve
                                 : NULL;
      char low_text[G_ASCII_DTOSTR_BUF_SIZE] = "", high_text[G_ASCII_DTOSTR_BUF_SIZE] = "";
      double high, low;

      if (ms_curve_get_range (whole, close, from_ns, to_ns, &high, &low))
        {
          g_ascii_formatd (low_text, sizeof low_text, "%.10g", low);
          g_ascii_formatd (high_text, sizeof high_text, "%.10g", high);
        }
      g_string_append_printf (csv, ",%s,%s", low_text, high_text);
    }
}

char *
ms_timeline_to_csv (const MsTimelineData *data,
                    const MsTimelineData *fine,
                    const MsTimeWindow *window)
{
  GString *csv = g_string_new ("start_ns,end_ns");
  double step_ns = (double) (window->end_ns - window->start_ns) / MS_TIMELINE_CSV_ROWS;

  for (guint i = 0; i < data->lanes->len; i++)
    append_headings (csv, g_ptr_array_index (data->lanes, i));
  g_string_append (csv, "\r\n");
  for (guint row = 0; row < MS_TIMELINE_CSV_ROWS; row++)
    {
      gint64 from_ns = window->start_ns + (gint64) (row * step_ns);
      gint64 to_ns = MAX (window->start_ns + (gint64) ((row + 1) * step_ns), from_ns + 1);

      g_string_append_printf (csv, "%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT, from_ns, to_ns);
      for (guint i = 0; i < data->lanes->len; i++)
        {
          const MsLane *lane = g_ptr_array_index (data->lanes, i);

          append_values (csv, lane, ms_timeline_data_find_lane (fine, lane->id), from_ns, to_ns);
        }
      g_string_append (csv, "\r\n");
    }
  return g_string_free (csv, FALSE);
}
