/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-timeline-words.h"
#include "ms-figures.h"
#include "ms-language.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* More of them would not be listened to. */
#define MOST_INSTANTS 10

char *
ms_unit_format (MsUnit unit, double value)
{
  switch (unit)
    {
    case MS_UNIT_BYTES:
      return ms_figure_bytes ((guint64) MAX (value, 0));
    case MS_UNIT_BYTE_RATE:
      return ms_figure_byte_rate (MAX (value, 0));
    case MS_UNIT_PERCENT:
      return ms_figure_percent (value);
    case MS_UNIT_RATE:
      default: {
        g_autofree char *count = ms_figure_count ((guint64) round (MAX (value, 0)));

        /* Translators: so many a second. */
        return g_strdup_printf (_ ("%s/s"), count);
      }
    }
}

guint
ms_lane_get_n_readings (const MsLane *lane)
{
  return lane->kind == MS_LANE_HEAT ? MIN (lane->series->len, 1) : lane->series->len;
}

static const MsCurve *
get_fine (const MsLane *fine, guint series)
{
  return fine != NULL && series < fine->series->len
             ? &g_array_index (fine->series, MsLaneSeries, series).curve
             : NULL;
}

/* Mean and greatest of the rows' highest; FALSE: none was measured. */
static gboolean
read_rows (const MsLane *lane,
           const MsLane *fine,
           gint64 from_ns,
           gint64 to_ns,
           double *mean,
           double *greatest)
{
  double sum = 0;
  guint n = 0;

  *greatest = -1;
  for (guint i = 0; i < lane->series->len; i++)
    {
      const MsCurve *whole = &g_array_index (lane->series, MsLaneSeries, i).curve;
      double high, low;

      if (!ms_curve_get_range (whole, get_fine (fine, i), from_ns, to_ns, &high, &low))
        continue;
      sum += high;
      n++;
      if (high > *greatest)
        *greatest = high;
    }
  *mean = n > 0 ? sum / n : 0;
  return n > 0;
}

/* The name of a curve among several before what is said of it. */
static char *
add_name (const MsLaneSeries *series, const char *text)
{
  return series->name != NULL ? g_strdup_printf ("%s %s", series->name, text) : g_strdup (text);
}

char *
ms_lane_summarize (const MsLane *lane, const MsLane *fine, guint series, const MsTimeWindow *window)
{
  const MsLaneSeries *one = &g_array_index (lane->series, MsLaneSeries, series);
  double high, low;

  if (lane->kind == MS_LANE_HEAT)
    {
      double mean, greatest;

      if (!read_rows (lane, fine, window->start_ns, window->end_ns, &mean, &greatest))
        return g_strdup (_ ("not measured here"));

      g_autofree char *text = ms_unit_format (lane->unit, greatest);
      /* Translators: processor cores, and how busy the busiest was. */
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u core, at most %s",
                                           "%u cores, at most %s", lane->series->len),
                              lane->series->len, text);
    }
  if (!ms_curve_get_range (&one->curve, get_fine (fine, series), window->start_ns, window->end_ns,
                           &high, &low))
    return add_name (one, _ ("not measured here"));

  g_autofree char *value = ms_unit_format (lane->unit, high);
  if (g_str_equal (lane->id, "rate"))
    {
      g_autofree char *length =
          ms_figure_duration (ms_curve_get_bin_ns (&one->curve, get_fine (fine, series),
                                                   window->start_ns, window->end_ns));
      /* Translators: the greatest rate of a curve, and over how long each rate is taken. */
      g_autofree char *both = g_strdup_printf (_ ("max %s over %s"), value, length);

      return add_name (one, both);
    }
  /* Translators: the greatest value of a curve. */
  g_autofree char *text = g_strdup_printf (_ ("max %s"), value);
  return add_name (one, text);
}

static char *
format_range (MsUnit unit, double low, double high)
{
  g_autofree char *low_text = ms_unit_format (unit, low);
  g_autofree char *high_text = ms_unit_format (unit, high);

  if (g_str_equal (low_text, high_text))
    return g_steal_pointer (&high_text);
  return g_strdup_printf ("%s – %s", low_text, high_text);
}

char *
ms_lane_read (const MsLane *lane, const MsLane *fine, guint series, gint64 from_ns, gint64 to_ns)
{
  const MsLaneSeries *one = &g_array_index (lane->series, MsLaneSeries, series);
  double high, low;

  if (lane->kind == MS_LANE_HEAT)
    {
      double mean, greatest;

      if (!read_rows (lane, fine, from_ns, to_ns, &mean, &greatest))
        return g_strdup (_ ("not measured"));

      g_autofree char *mean_text = ms_unit_format (lane->unit, mean);
      g_autofree char *text = ms_unit_format (lane->unit, greatest);
      /* Translators: of processor cores: how busy on average, and the busiest. */
      return g_strdup_printf (_ ("mean %s, max %s"), mean_text, text);
    }
  if (!ms_curve_get_range (&one->curve, get_fine (fine, series), from_ns, to_ns, &high, &low))
    return add_name (one, _ ("not measured"));

  /* Of a rate the mean over the stretch would be exact; between bins its highest is said. */
  g_autofree char *text = format_range (lane->unit, lane->unit == MS_UNIT_BYTES ? low : high, high);
  return add_name (one, text);
}

char *
ms_life_read (const MsLife *life, gint64 from_ns, gint64 to_ns)
{
  double high, low;

  if (life->live.n_bins == 0)
    /* Translators: a thread's name. */
    return g_strdup_printf (_ ("%s: not tracked"), life->name);
  if (!ms_curve_get_range (&life->live, NULL, from_ns, to_ns, &high, &low))
    high = 0;

  g_autofree char *live = ms_figure_bytes ((guint64) high);
  /* Translators: a thread's name, and its live bytes. */
  return g_strdup_printf (_ ("%s: %s"), life->name, live);
}

char *
ms_timeline_describe (const MsTimelineData *data,
                      const MsTimelineData *fine,
                      const MsTimeWindow *window)
{
  GString *text = g_string_new (NULL);
  g_autofree char *from = ms_figure_duration (window->start_ns);
  g_autofree char *to = ms_figure_duration (window->end_ns);

  g_string_append_printf (text, _ ("From %s to %s."), from, to);
  for (guint i = 0; i < data->lanes->len; i++)
    {
      const MsLane *lane = g_ptr_array_index (data->lanes, i);
      const MsLane *close = ms_timeline_data_find_lane (fine, lane->id);

      g_string_append_printf (text, " %s: ", lane->title);
      if (lane->absence != NULL)
        {
          if (lane->note != NULL)
            g_string_append_printf (text, "%s%s%s.", lane->note, ms_language_get_comma (),
                                    lane->absence);
          else
            g_string_append_printf (text, _ ("not available, %s."), lane->absence);
          continue;
        }
      for (guint series = 0; series < ms_lane_get_n_readings (lane); series++)
        {
          g_autofree char *summary = ms_lane_summarize (lane, close, series, window);

          g_string_append_printf (text, "%s%s", series > 0 ? ms_language_get_comma () : "",
                                  summary);
        }
      if (g_str_equal (lane->id, "live") && data->peak_time_ns != MS_TIME_NONE)
        {
          g_autofree char *bytes =
              ms_figure_bytes_with_error (data->peak_bytes, data->peak_standard_error);
          g_autofree char *when = ms_figure_duration (data->peak_time_ns);

          g_string_append (text, ms_language_get_comma ());
          g_string_append_printf (text, _ ("peak %s at %s"), bytes, when);
        }
      g_string_append_c (text, '.');
    }
  for (guint i = 0, n_said = 0; i < data->instants->len && n_said < MOST_INSTANTS; i++)
    {
      const MsInstant *instant = &g_array_index (data->instants, MsInstant, i);
      g_autofree char *when = ms_figure_duration (instant->time_ns);

      if (instant->time_ns < window->start_ns || instant->time_ns > window->end_ns)
        continue;
      g_string_append_c (text, ' ');
      /* Translators: the name of a mark on the time axis, and its time. */
      g_string_append_printf (text, _ ("Mark at %2$s: %1$s."), instant->text, when);
      n_said++;
    }
  if (data->lives->len > 0)
    {
      g_string_append_c (text, ' ');
      g_string_append_printf (text,
                              g_dngettext (GETTEXT_PACKAGE, "%u thread.", "%u threads.",
                                           data->lives->len),
                              data->lives->len);
    }
  return g_string_free (text, FALSE);
}

char *
ms_timeline_describe_time (const MsTimelineData *data,
                           const MsTimelineData *fine,
                           gint64 from_ns,
                           gint64 to_ns)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < data->lanes->len; i++)
    {
      const MsLane *lane = g_ptr_array_index (data->lanes, i);
      const MsLane *close = ms_timeline_data_find_lane (fine, lane->id);

      for (guint series = 0; lane->absence == NULL && series < ms_lane_get_n_readings (lane);
           series++)
        {
          g_autofree char *reading = ms_lane_read (lane, close, series, from_ns, to_ns);

          g_string_append_printf (text, "%s%s %s", text->len > 0 ? ms_language_get_comma () : "",
                                  series == 0 ? lane->title : "", reading);
        }
    }
  return g_string_free (text, FALSE);
}
