/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads are found by name in both recordings, as ids are others in each run; several of one name are
 * one: their figures are summed up, and their peak is the highest of theirs.  Leaked is all that was never
 * freed: what is young or known on one side is so on the other.  What was not measured is an
 * error, never 0: a build must not pass because of it.
 */
#include "ms-diff-conditions.h"

#include <math.h>

typedef struct {
  double value, variance;
  guint n_threads;
} Figure;

static gboolean
fail (GError **error, const char *why)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, why);
  return FALSE;
}

static gboolean
is_peak (const MsKnownFigure *figure)
{
  return figure->source != MS_SOURCE_TRACE && figure->source != MS_SOURCE_THREAD
         && figure->offset == G_STRUCT_OFFSET (MsTotals, peak_bytes);
}

static gboolean
is_known (const MsDiffSide *side, const MsKnownFigure *figure, GError **error)
{
  const char *why = ms_view_is_filtered (side->view) ? ms_known_figure_not_of_part (figure) : NULL;

  if (ms_totals_name_is_of_live (figure->name) && ms_trace_why_no_live (side->trace) != NULL)
    why = ms_trace_why_no_live (side->trace);
  return why == NULL || fail (error, why);
}

static gboolean
has_threads (MsTrace *trace)
{
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    if (ms_thread_is_tracked (ms_trace_get_thread (trace, i)))
      return TRUE;
  return FALSE;
}

/* --- the process ----------------------------------------------------------------------------- */

static gboolean
get_process_figure (const MsDiffSide *side,
                    MsDomain main_domain,
                    const MsKnownFigure *figure,
                    Figure *result,
                    GError **error)
{
  MsDomain domain = figure->source == MS_SOURCE_MAPPINGS ? MS_DOMAIN_MAPPING : main_domain;
  double standard_error = 0;

  if (figure->source == MS_SOURCE_MAPPINGS && !ms_trace_has_mappings (side->trace))
    return fail (error, "mappings were not recorded");
  if (figure->source != MS_SOURCE_MAPPINGS && figure->source != MS_SOURCE_TRACE
      && !has_threads (side->trace))
    return fail (error, "no thread was recorded");
  if (figure->source == MS_SOURCE_LEAKS)
    return fail (error, "memscope diff compares all that was never freed, leaked_bytes and "
                        "leaked_allocations; what of it is accused memscope report checks");
  if (!is_known (side, figure, error))
    return FALSE;
  if (is_peak (figure) && ms_view_is_filtered (side->view))
    {
      const MsPeak *peak = ms_view_find_peak (side->view, domain, NULL, error);

      if (peak == NULL)
        return FALSE;
      result->value = (double) peak->bytes;
      standard_error = peak->standard_error;
    }
  else if (figure->source == MS_SOURCE_TRACE)
    result->value = ms_known_figure_get_of_trace (figure, side->trace, side->view);
  else
    result->value =
        ms_known_figure_get (figure, ms_view_get_totals (side->view, domain), &standard_error);
  result->variance = standard_error * standard_error;
  return TRUE;
}

static gboolean
look_up_process (const MsDiff *diff, const MsCondition *condition, GArray *values, GError **error)
{
  MsDomain domain = ms_comparison_get_domain (diff->comparison);
  Figure figures[2] = { { 0 } };
  MsConditionValue value = { 0 };

  for (guint i = 0; i < 2; i++)
    if (!get_process_figure (&diff->sides[i], domain, condition->figure, &figures[i], error))
      return FALSE;
  value.before = figures[0].value;
  value.after = figures[1].value;
  value.standard_error = sqrt (figures[1].variance);
  value.change_error = sqrt (figures[0].variance + figures[1].variance);
  g_array_append_val (values, value);
  return TRUE;
}

/* --- threads --------------------------------------------------------------------------------- */

static gboolean
add_thread (const MsDiffSide *side,
            guint index,
            MsDomain domain,
            const MsKnownFigure *figure,
            Figure *sum,
            GError **error)
{
  MsThread *thread = ms_trace_get_thread (side->trace, index);
  double value, standard_error = 0;

  if (!ms_thread_is_tracked (thread))
    return fail (error, "the thread was not recorded");
  if (!is_known (side, figure, error))
    return FALSE;
  if (figure->source == MS_SOURCE_THREAD && ms_thread_get_cpu_ns (thread) < 0)
    return fail (error, "the thread's processor time was not measured");
  if (is_peak (figure) && ms_view_is_filtered (side->view))
    return fail (error, "peaks of threads are known for whole recordings only");
  value = figure->source == MS_SOURCE_THREAD
              ? (double) ms_thread_get_cpu_ns (thread)
              : ms_known_figure_get (figure, ms_view_get_thread_totals (side->view, index, domain),
                                     &standard_error);
  sum->n_threads++;
  if (!is_peak (figure))
    {
      sum->value += value;
      sum->variance += standard_error * standard_error;
    }
  else if (value >= sum->value)
    {
      sum->value = value;
      sum->variance = standard_error * standard_error;
    }
  return TRUE;
}

static gboolean
add_thread_value (const MsDiff *diff,
                  const char *name,
                  const MsKnownFigure *figure,
                  GArray *values,
                  GError **error)
{
  MsDomain domain = ms_comparison_get_domain (diff->comparison);
  Figure sums[2] = { { 0 } };
  MsConditionValue value = { 0 };

  for (guint i = 0; i < 2; i++)
    for (guint t = 0; t < ms_trace_get_n_threads (diff->sides[i].trace); t++)
      if (g_str_equal (ms_thread_get_name (ms_trace_get_thread (diff->sides[i].trace, t)), name)
          && !add_thread (&diff->sides[i], t, domain, figure, &sums[i], error))
        return FALSE;
  value.before = sums[0].value;
  value.after = sums[1].value;
  value.standard_error = sqrt (sums[1].variance);
  value.change_error = sqrt (sums[0].variance + sums[1].variance);
  value.subject = sums[0].n_threads == 1 && sums[1].n_threads == 1
                      ? g_strdup_printf ("thread %s", name)
                      : g_strdup_printf ("threads %s (%u before, %u after)", name,
                                         sums[0].n_threads, sums[1].n_threads);
  g_array_append_val (values, value);
  return TRUE;
}

/* Names of threads that the condition speaks of, in either recording. (transfer full) */
static GPtrArray *
find_names (const MsDiff *diff, const char *wanted, gboolean is_glob)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPatternSpec) pattern = g_pattern_spec_new (wanted);
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < 2; i++)
    for (guint t = 0; t < ms_trace_get_n_threads (diff->sides[i].trace); t++)
      {
        const char *name = ms_thread_get_name (ms_trace_get_thread (diff->sides[i].trace, t));

        if ((is_glob ? g_pattern_spec_match_string (pattern, name) : g_str_equal (wanted, name))
            && g_hash_table_add (seen, (gpointer) name))
          g_ptr_array_add (names, (gpointer) name);
      }
  return names;
}

static gboolean
look_up (const MsCondition *condition, GArray *values, gpointer data, GError **error)
{
  const MsDiff *diff = data;
  g_autoptr (GPtrArray) names = NULL;

  if (condition->thread == NULL)
    return look_up_process (diff, condition, values, error);
  names = find_names (diff, condition->thread, FALSE);
  if (names->len == 0)
    {
      g_clear_pointer (&names, g_ptr_array_unref);
      names = find_names (diff, condition->thread, TRUE);
    }
  if (names->len == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   "no thread is called \"%s\" in either recording (they are compared by name)",
                   condition->thread);
      return FALSE;
    }
  for (guint i = 0; i < names->len; i++)
    if (!add_thread_value (diff, g_ptr_array_index (names, i), condition->figure, values, error))
      return FALSE;
  return TRUE;
}

gboolean
ms_diff_conditions_find_figure (GPtrArray *conditions, MsDiff *diff, MsFigureKind *kind)
{
  const MsCondition *met = ms_conditions_find_met (conditions, look_up, diff);

  for (MsFigureKind k = 0; k < MS_N_FIGURES && met != NULL; k++)
    if (g_str_equal (ms_figure_kind_to_string (k), met->figure->name))
      {
        *kind = k;
        return TRUE;
      }
  return FALSE;
}

int
ms_diff_conditions_check (GPtrArray *conditions, MsDiff *diff)
{
  return ms_conditions_check (conditions, NULL, look_up, diff);
}
