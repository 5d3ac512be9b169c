/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-thread-columns.h"
#include "ms-figures.h"
#include "ms-language.h"
#include "ms-role-look.h"

#include <glib/gi18n-lib.h>

static guint64
get_id (MsThreadRow *row)
{
  return ms_thread_row_get_id (row);
}

static guint64
get_tid (MsThreadRow *row)
{
  return (guint64) MAX (ms_thread_row_get_tid (row), 0);
}

static guint64
get_role (MsThreadRow *row)
{
  return ms_thread_row_get_role (row);
}

static guint64
get_alert (MsThreadRow *row)
{
  return ms_thread_row_get_alert (row);
}

static guint64
get_peak (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->peak_bytes;
}

static guint64
get_live (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->live_bytes;
}

static guint64
get_allocations (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->allocations;
}

static guint64
get_deallocations (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->deallocations;
}

static guint64
get_allocated (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->allocated_bytes;
}

static guint64
get_rate (MsThreadRow *row)
{
  return (guint64) (ms_thread_row_get_rate (row) + 0.5);
}

static guint64
get_temporary (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->temporary_allocations;
}

static guint64
get_leaked (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->leaked_bytes;
}

static guint64
get_duration (MsThreadRow *row)
{
  return (guint64) ms_thread_row_get_duration_ns (row);
}

static MsMeasured
get_cpu (MsThreadRow *row)
{
  return ms_thread_row_get_scores (row)->cpu_percent;
}

static MsMeasured
get_io (MsThreadRow *row)
{
  return ms_thread_row_get_scores (row)->io_operations;
}

static MsMeasured
get_efficiency (MsThreadRow *row)
{
  return ms_thread_row_get_scores (row)->memory_efficiency;
}

static MsMeasured
get_score (MsThreadRow *row)
{
  return ms_thread_row_get_scores (row)->score;
}

/* --- their standard errors --- */

static double
get_peak_error (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->standard_errors.peak_bytes;
}

static double
get_live_error (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->standard_errors.live_bytes;
}

static double
get_allocations_error (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->standard_errors.allocations;
}

static double
get_deallocations_error (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->standard_errors.deallocations;
}

static double
get_allocated_error (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->standard_errors.allocated_bytes;
}

static double
get_temporary_error (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->standard_errors.temporary_allocations;
}

static double
get_leaked_error (MsThreadRow *row)
{
  return ms_thread_row_get_totals (row)->standard_errors.leaked_bytes;
}

/* In proportion to that of the bytes: its time is exact. */
static double
get_rate_error (MsThreadRow *row)
{
  const MsTotals *totals = ms_thread_row_get_totals (row);

  return totals->allocated_bytes > 0
             ? totals->standard_errors.allocated_bytes * ms_thread_row_get_rate (row)
                   / (double) totals->allocated_bytes
             : 0;
}

static const MsThreadColumn COLUMNS[] = {
  { "id", NC_ ("column", "Id"), MS_VALUE_NUMBER, FALSE, get_id, NULL, NULL, NULL },
  { "name", NC_ ("column", "Name"), MS_VALUE_TEXT, FALSE, NULL, ms_thread_row_get_name, NULL,
    NULL },
  { "tid", NC_ ("column", "Tid"), MS_VALUE_NUMBER, FALSE, get_tid, NULL, NULL, NULL },
  { "role", NC_ ("column", "Role"), MS_VALUE_ROLE, TRUE, get_role, NULL, NULL, NULL },
  { "alert", NC_ ("column", "Alert"), MS_VALUE_ALERT, TRUE, get_alert, NULL, NULL, NULL },
  { "peak_bytes", NC_ ("column", "Peak"), MS_VALUE_BYTES, TRUE, get_peak, NULL, NULL,
    get_peak_error },
  { "live_bytes", NC_ ("column", "Live at end"), MS_VALUE_BYTES, TRUE, get_live, NULL, NULL,
    get_live_error },
  { "allocations", NC_ ("column", "Allocations"), MS_VALUE_COUNT, TRUE, get_allocations, NULL, NULL,
    get_allocations_error },
  { "deallocations", NC_ ("column", "Frees"), MS_VALUE_COUNT, TRUE, get_deallocations, NULL, NULL,
    get_deallocations_error },
  { "allocated_bytes", NC_ ("column", "Allocated"), MS_VALUE_BYTES, TRUE, get_allocated, NULL, NULL,
    get_allocated_error },
  { "bytes_per_second", NC_ ("column", "Rate"), MS_VALUE_RATE, TRUE, get_rate, NULL, NULL,
    get_rate_error },
  { "temporary_allocations", NC_ ("column", "Temporary"), MS_VALUE_COUNT, TRUE, get_temporary, NULL,
    NULL, get_temporary_error },
  { "leaked_bytes", NC_ ("column", "Leaked"), MS_VALUE_BYTES, TRUE, get_leaked, NULL, NULL,
    get_leaked_error },
  { "duration_ns", NC_ ("column", "Duration"), MS_VALUE_DURATION, FALSE, get_duration, NULL, NULL,
    NULL },
  { "cpu_percent", NC_ ("column", "CPU"), MS_VALUE_PERCENT, FALSE, NULL, NULL, get_cpu, NULL },
  { "io_operations", NC_ ("column", "I/O"), MS_VALUE_MEASURED_COUNT, FALSE, NULL, NULL, get_io,
    NULL },
  { "memory_efficiency", NC_ ("column", "Efficiency"), MS_VALUE_PERCENT, TRUE, NULL, NULL,
    get_efficiency, NULL },
  { "score", NC_ ("column", "Score"), MS_VALUE_PERCENT, TRUE, NULL, NULL, get_score, NULL },
};

const MsThreadColumn *
ms_thread_columns_get (guint *n_columns)
{
  *n_columns = G_N_ELEMENTS (COLUMNS);
  return COLUMNS;
}

const char *
ms_thread_column_get_title (const MsThreadColumn *column, gboolean ends_early)
{
  const char *title = column->title;

  if (ends_early && column->get_number == get_live)
    title = NC_ ("column", "Live now");
  if (ends_early && column->get_number == get_leaked)
    title = NC_ ("column", "In use");
  return g_dpgettext2 (GETTEXT_PACKAGE, "column", title);
}

gboolean
ms_thread_column_is_numeric (const MsThreadColumn *column)
{
  return column->kind != MS_VALUE_TEXT && column->kind != MS_VALUE_ROLE
         && column->kind != MS_VALUE_ALERT;
}

static gboolean
is_hidden_by_ring (const MsThreadColumn *column, MsThreadRow *row)
{
  return !ms_thread_row_has_live (row)
         && (column->get_number == get_peak || column->get_number == get_live
             || column->get_number == get_leaked || column->get_measured == get_efficiency
             || column->get_measured == get_score);
}

gboolean
ms_thread_column_has_value (const MsThreadColumn *column, MsThreadRow *row)
{
  if (is_hidden_by_ring (column, row))
    return FALSE;
  if (column->of_tracked && !ms_thread_row_is_tracked (row))
    return FALSE;
  return column->get_measured == NULL || column->get_measured (row).known;
}

static gboolean
is_estimate (const MsThreadColumn *column, MsThreadRow *row)
{
  return column->get_error != NULL && ms_figure_has_error (column->get_error (row));
}

static char *
explain_estimate (const MsThreadColumn *column, MsThreadRow *row)
{
  double error = column->get_error (row);
  guint64 number = column->get_number (row);
  g_autofree char *text = NULL;

  if (column->get_number == get_peak && number == 0)
    return g_strdup (_ ("nothing that was sampled was live"));
  text = column->kind == MS_VALUE_RATE    ? ms_figure_byte_rate_with_error ((double) number, error)
         : column->kind == MS_VALUE_BYTES ? ms_figure_bytes_with_error (number, error)
                                          : ms_figure_count_with_error (number, error);
  return g_strdup_printf (_ ("%s, estimated from a sample"), text);
}

char *
ms_thread_column_explain (const MsThreadColumn *column, MsThreadRow *row)
{
  if (ms_thread_column_has_value (column, row))
    return is_estimate (column, row) ? explain_estimate (column, row) : NULL;
  if (column->get_measured == NULL || is_hidden_by_ring (column, row)
      || (column->of_tracked && !ms_thread_row_is_tracked (row)))
    return g_strdup (is_hidden_by_ring (column, row)
                         ? _ ("not available in ring mode")
                         : _ ("Not available: the thread was not tracked."));
  return g_strdup_printf (_ ("Not available: %s."),
                          ms_language_reason (column->get_measured (row).reason));
}

static char *
format_value (const MsThreadColumn *column, MsThreadRow *row)
{
  guint64 number = column->get_number != NULL ? column->get_number (row) : 0;
  switch (column->kind)
    {
    case MS_VALUE_TEXT:
      return g_strdup (column->get_text (row));
    case MS_VALUE_NUMBER:
      return g_strdup_printf ("%" G_GUINT64_FORMAT, number);
    case MS_VALUE_ROLE:
      return g_strdup (ms_role_get_word ((MsRole) number));
    case MS_VALUE_ALERT:
      return g_strdup (ms_alert_get_word ((MsAlert) number));
    case MS_VALUE_BYTES:
      return ms_figure_bytes (number);
    case MS_VALUE_RATE:
      return ms_figure_byte_rate ((double) number);
    case MS_VALUE_DURATION:
      return ms_figure_duration ((gint64) number);
    case MS_VALUE_PERCENT:
      return ms_figure_percent (column->get_measured (row).value);
    case MS_VALUE_MEASURED_COUNT:
      return ms_figure_count ((guint64) column->get_measured (row).value);
    case MS_VALUE_COUNT:
    default:
      return ms_figure_count (number);
    }
}

char *
ms_thread_column_format (const MsThreadColumn *column, MsThreadRow *row)
{
  if (!ms_thread_column_has_value (column, row))
    return g_strdup (MS_NOT_MEASURED);

  char *text = format_value (column, row);
  return is_estimate (column, row) ? ms_figure_about (text) : text;
}

int
ms_thread_column_compare (const MsThreadColumn *column, MsThreadRow *a, MsThreadRow *b)
{
  gboolean has_a = ms_thread_column_has_value (column, a);
  gboolean has_b = ms_thread_column_has_value (column, b);

  if (!has_a || !has_b)
    return has_a - has_b;
  if (column->kind == MS_VALUE_TEXT)
    return g_utf8_collate (column->get_text (a), column->get_text (b));
  if (column->get_measured != NULL)
    {
      double measured_a = column->get_measured (a).value;
      double measured_b = column->get_measured (b).value;

      return (measured_a > measured_b) - (measured_a < measured_b);
    }

  guint64 value_a = column->get_number (a), value_b = column->get_number (b);
  return (value_a > value_b) - (value_a < value_b);
}
