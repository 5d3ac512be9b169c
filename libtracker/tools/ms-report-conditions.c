/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A figure that was not measured is an error, never 0: a build must not pass because of it. */
#include "ms-report-conditions.h"

#include <math.h>

#include "ms-library-blocks.h"
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

/* A leak is what the rules for it leave; without any, all but what the C library keeps. */
static gboolean
get_leaks (MsReport *report, const MsKnownFigure *figure, MsConditionValue *value, GError **error)
{
  gboolean has_rules =
      report->leak_options != NULL && ms_leak_options_is_set (report->leak_options);
  const MsLeakReport *leaks =
      has_rules ? ms_report_get_leaks (report) : ms_report_get_all_leaks (report);

  if (leaks == NULL)
    return fail (error, "it was interrupted");
  if (has_rules && report->leak_options->tail != NULL && !leaks->tail_ns.known)
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

/* Its part of what get_leaks() has without rules: what the C library keeps is taken off.  Of a part of the
 * recording nothing is, as a stack's live blocks are of before it, too. */
static void
spare_libraries (MsReport *report,
                 guint index,
                 const MsKnownFigure *figure,
                 MsConditionValue *value)
{
  MsThread *thread = ms_trace_get_thread (report->trace, index);
  guint n = 0;
  const MsThreadStack *stacks =
      ms_view_get_thread_stacks (report->view, thread, report->domain, &n);
  double spared = 0, variance = 0;

  if (ms_view_is_filtered (report->view)
      || (report->leak_options != NULL && report->leak_options->no_defaults)
      || ms_report_get_all_leaks (report) == NULL) /* all names at once */
    return;
  for (guint i = 0; i < n; i++)
    {
      const MsTotals *all =
          ms_view_get_stack_totals (report->view, stacks[i].stack, report->domain);
      gboolean is_bytes = figure->unit == MS_UNIT_BYTES;
      double error =
          is_bytes ? stacks[i].live_bytes_standard_error : stacks[i].live_blocks_standard_error;

      if (stacks[i].live_blocks == 0
          || ms_library_blocks_find_kind (report->trace, stacks[i].stack, all->leaked_allocations,
                                          report->resolver)
                 < 0)
        continue;
      spared += (double) (is_bytes ? stacks[i].live_bytes : stacks[i].live_blocks);
      variance += error * error;
    }
  value->after = MAX (0, value->after - spared);
  value->standard_error = sqrt (MAX (0, value->standard_error * value->standard_error - variance));
}

static gboolean
has_leak_rules (MsReport *report, const MsKnownFigure *figure)
{
  return figure->source == MS_SOURCE_LEAKS && report->leak_options != NULL
         && ms_leak_options_is_set (report->leak_options);
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
  if (figure->source == MS_SOURCE_LEAKS && report->leak_options != NULL)
    return get_leaks (report, figure, value, error);
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
  if (has_leak_rules (report, figure))
    return fail (error, "leaks of single threads are known without --suppressions and --tail only");
  if (figure->source != MS_SOURCE_THREAD)
    {
      value->after =
          ms_known_figure_get (figure,
                               ms_view_get_thread_totals (report->view, index, report->domain),
                               &value->standard_error);
      if (figure->source == MS_SOURCE_LEAKS)
        spare_libraries (report, index, figure, value);
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
