/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-correlation-table.h"
#include "ms-csv.h"
#include "ms-figures.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static const MsScatterPoint *
get_point (const MsCorrelationResult *result, guint i)
{
  return &g_array_index (result->points, MsScatterPoint, i);
}

/* A point has a name if it is a thread. */
static gboolean
is_of_threads (const MsCorrelationResult *result)
{
  return result->points->len == 0 || get_point (result, 0)->name != NULL;
}

GtkWidget *
ms_correlation_table_new (const MsCorrelationResult *result, const MsAnalysisSettings *settings)
{
  const char *titles[] = { is_of_threads (result) ? _ ("Thread") : _ ("From"),
                           _ ("Processor"),
                           _ ("Allocation rate"),
                           _ ("I/O calls"),
                           _ ("Pattern"),
                           NULL };
  GtkWidget *table = ms_text_table_new (titles);

  for (guint i = 0; i < result->points->len; i++)
    {
      const MsScatterPoint *point = get_point (result, i);
      MsPattern pattern = ms_pattern_get (point->x, point->y, settings);
      g_autofree char *name =
          point->name != NULL ? g_strdup (point->name) : ms_figure_duration (point->time_ns);
      g_autofree char *cpu = ms_figure_percent (point->x);
      g_autofree char *rate = ms_figure_byte_rate_with_error (point->y, point->y_error);
      g_autofree char *calls = isnan (point->shade)
                                   ? g_strdup (MS_NOT_MEASURED)
                                   : ms_figure_count ((guint64) round (MAX (point->shade, 0)));
      const char *cells[] = { name, cpu, rate, calls, ms_pattern_get_title (pattern), NULL };

      ms_text_table_add_row (MS_TEXT_TABLE (table), cells);
    }
  return table;
}

char *
ms_correlation_to_csv (const MsCorrelationResult *result, const MsAnalysisSettings *settings)
{
  static const char *const OF_THREADS[] = {
    "thread_id", "name", "cpu_percent", "allocated_bytes_per_second", "io_calls", "pattern", NULL
  };
  static const char *const OF_SAMPLES[] = { "start_ns", "cpu_percent", "allocated_bytes_per_second",
                                            "io_calls", "pattern",     NULL };
  GString *csv = g_string_new (NULL);
  char x[G_ASCII_DTOSTR_BUF_SIZE], y[G_ASCII_DTOSTR_BUF_SIZE], shade[G_ASCII_DTOSTR_BUF_SIZE];

  ms_csv_append_row (csv, is_of_threads (result) ? OF_THREADS : OF_SAMPLES);
  for (guint i = 0; i < result->points->len; i++)
    {
      const MsScatterPoint *point = get_point (result, i);

      if (point->name != NULL)
        {
          g_string_append_printf (csv, "%u,", point->id);
          ms_csv_append_text (csv, point->name);
        }
      else
        g_string_append_printf (csv, "%" G_GINT64_FORMAT, point->time_ns);
      g_string_append_printf (csv, ",%s,%s,%s,%s\r\n",
                              g_ascii_formatd (x, sizeof x, "%.10g", point->x),
                              g_ascii_formatd (y, sizeof y, "%.10g", point->y),
                              isnan (point->shade)
                                  ? ""
                                  : g_ascii_formatd (shade, sizeof shade, "%.10g", point->shade),
                              ms_pattern_to_string (ms_pattern_get (point->x, point->y, settings)));
    }
  return g_string_free (csv, FALSE);
}
