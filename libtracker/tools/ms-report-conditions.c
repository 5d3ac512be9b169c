/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A figure that was not measured is an error, never 0: a build must not pass because of it. */
#include "ms-report-conditions.h"

#include "ms-terminal-text.h"
#include "ms-thread-names.h"

static gboolean
fail (GError **error, const char *why)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, why);
  return FALSE;
}

static gboolean
is_known (MsReport *report, const MsKnownFigure *figure, GError **error)
{
  const char *why =
      ms_view_is_filtered (report->view) ? ms_known_figure_not_of_part (figure) : NULL;

  if (ms_totals_name_is_of_live (figure->name) && ms_trace_why_no_live (report->trace) != NULL)
    why = ms_trace_why_no_live (report->trace);
  return why == NULL || fail (error, why);
}

/* The peak of a view is not in its totals. */
static gboolean
get_peak (MsReport *report, MsDomain domain, MsConditionValue *value, GError **error)
{
  const MsPeak *peak = ms_view_find_peak (report->view, domain, report->cancellable, error);

  if (peak == NULL)
    return FALSE;
  value->after = (double) peak->bytes;
  value->standard_error = peak->standard_error;
  return TRUE;
}

static gboolean
is_peak (const MsKnownFigure *figure)
{
  return figure->source != MS_SOURCE_TRACE && figure->source != MS_SOURCE_THREAD
         && figure->offset == G_STRUCT_OFFSET (MsTotals, peak_bytes);
}

/* What --leaks accuses, by the same rules. */
static gboolean
get_accused (MsReport *report, const MsKnownFigure *figure, MsConditionValue *value, GError **error)
{
  const MsLeakReport *leaks = ms_report_get_leaks (report);

  if (leaks == NULL)
    return fail (error, "it was interrupted");
  if (report->leak_options != NULL && report->leak_options->tail != NULL && !leaks->tail_ns.known)
    return fail (error, leaks->tail_ns.reason);
  if (figure->unit == MS_UNIT_BYTES)
    {
      value->after = (double) leaks->accused.bytes;
      value->standard_error = leaks->accused.bytes_standard_error;
    }
  else
    {
      value->after = (double) leaks->accused.blocks;
      value->standard_error = leaks->accused.blocks_standard_error;
    }
  return TRUE;
}

/* ", 78.2 kB of it the C library's own, which accused_bytes is without": who fails a build by all that was never freed
 * meets what no program can free. (transfer full) */
static char *
dup_remark (MsReport *report, const MsKnownFigure *figure)
{
  gboolean is_bytes = g_str_equal (figure->name, "leaked_bytes");
  const MsLeakReport *leaks = is_bytes || g_str_equal (figure->name, "leaked_allocations")
                                  ? ms_report_get_all_leaks (report)
                                  : NULL;
  g_autofree char *part = NULL;

  if (leaks == NULL || leaks->libraries.blocks == 0)
    return NULL;
  part = is_bytes ? ms_format_bytes (leaks->libraries.bytes)
                  : ms_format_count (leaks->libraries.blocks);
  return g_strdup_printf ("; %s of it the C library's own, which %s is without", part,
                          is_bytes ? "accused_bytes" : "accused_allocations");
}

static gboolean
get_process_figure (MsReport *report,
                    const MsKnownFigure *figure,
                    MsConditionValue *value,
                    GError **error)
{
  MsDomain domain = figure->source == MS_SOURCE_MAPPINGS ? MS_DOMAIN_MAPPING : report->domain;

  if (figure->source == MS_SOURCE_MAPPINGS && !ms_trace_has_mappings (report->trace))
    return fail (error, "mappings were not recorded");
  if (figure->source != MS_SOURCE_MAPPINGS && figure->source != MS_SOURCE_TRACE
      && !ms_report_has_threads (report))
    return fail (error, "no thread was recorded");
  if (!is_known (report, figure, error))
    return FALSE;
  if (figure->source == MS_SOURCE_LEAKS)
    return get_accused (report, figure, value, error);
  if (is_peak (figure))
    return get_peak (report, domain, value, error);
  if (figure->source == MS_SOURCE_TRACE)
    value->after = ms_known_figure_get_of_trace (figure, report->trace, report->view);
  else
    value->after = ms_known_figure_get (figure, ms_view_get_totals (report->view, domain),
                                        &value->standard_error);
  return TRUE;
}

static gboolean
get_thread_figure (MsReport *report,
                   guint index,
                   const MsKnownFigure *figure,
                   MsConditionValue *value,
                   GError **error)
{
  MsThread *thread = ms_trace_get_thread (report->trace, index);
  gint64 cpu_ns = ms_thread_get_cpu_ns (thread);

  if (!ms_thread_is_tracked (thread))
    return fail (error, "the thread was not recorded");
  if (!is_known (report, figure, error))
    return FALSE;
  if (is_peak (figure) && ms_view_is_filtered (report->view))
    return fail (error, "peaks of threads are known for the whole recording only");
  if (figure->source != MS_SOURCE_THREAD)
    {
      value->after =
          ms_known_figure_get (figure,
                               ms_view_get_thread_totals (report->view, index, report->domain),
                               &value->standard_error);
      return TRUE;
    }
  if (cpu_ns < 0)
    return fail (error, "the thread's processor time was not measured");
  value->after = (double) cpu_ns;
  return TRUE;
}

static gboolean
lookup (const MsCondition *condition, GArray *values, gpointer data, GError **error)
{
  MsReport *report = data;
  g_autoptr (GArray) indices = NULL;

  if (condition->thread == NULL)
    {
      MsConditionValue value = { 0 };

      if (!get_process_figure (report, condition->figure, &value, error))
        return FALSE;
      if (ms_condition_is_met (condition, &value))
        value.remark = dup_remark (report, condition->figure);
      g_array_append_val (values, value);
      return TRUE;
    }
  indices = ms_thread_names_find (report->trace, condition->thread, error);
  if (indices == NULL)
    return FALSE;
  for (guint i = 0; i < indices->len; i++)
    {
      guint index = g_array_index (indices, guint, i);
      MsThread *thread = ms_trace_get_thread (report->trace, index);
      MsConditionValue value = { 0 };

      if (!get_thread_figure (report, index, condition->figure, &value, error))
        return FALSE;
      value.subject = g_strdup_printf ("thread %s (%u)", ms_thread_get_name (thread),
                                       ms_thread_get_id (thread));
      g_array_append_val (values, value);
    }
  return TRUE;
}

int
ms_report_conditions_check (GPtrArray *conditions, MsReport *report, const char *where)
{
  return ms_conditions_check (conditions, where, lookup, report);
}
