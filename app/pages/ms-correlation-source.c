/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-correlation-source.h"
#include "ms-resource-join.h"
#include "ms-sample-points.h"
#include "ms-view.h"

#include <glib/gi18n-lib.h>
#include <math.h>

const char *
ms_pattern_get_title (MsPattern pattern)
{
  switch (pattern)
    {
    case MS_PATTERN_IDLE:
      return _ ("Idle");
    case MS_PATTERN_COMPUTE_INTENSIVE:
      return _ ("Compute intensive");
    case MS_PATTERN_DATA_MOVEMENT:
      return _ ("Data movement");
    case MS_PATTERN_MIXED:
    case MS_N_PATTERNS:
    default:
      return _ ("Mixed");
    }
}

/* --- threads --- */

/* The figures of each thread are those of its card and of the reports. */
static void
add_threads (MsCorrelationResult *self,
             const MsCorrelationQuery *query,
             MsView *view,
             MsDomain domain)
{
  g_autoptr (MsResourceJoin) join = ms_resource_join_new (view);
  g_autoptr (GArray) points =
      ms_thread_points_new (view, domain, join->threads, &query->settings, &self->n_unknown);

  for (guint i = 0; i < points->len; i++)
    {
      const MsThreadPoint *of = &g_array_index (points, MsThreadPoint, i);
      MsThreadRow *row = ms_document_find_row (self->document, of->thread_id);
      MsScatterPoint point = { .id = of->thread_id,
                               .name = row != NULL ? ms_thread_row_get_name (row) : "",
                               .x = of->cpu_percent,
                               .y = of->bytes_per_second,
                               .y_error = of->bytes_per_second_error,
                               .shade = of->io_operations.known ? of->io_operations.value : NAN };

      g_array_append_val (self->points, point);
      self->patterns[of->pattern]++;
    }
  ms_thread_points_correlate (points, &self->correlation);
  for (guint i = 0; self->n_unknown > 0 && i < ms_trace_get_n_threads (ms_view_get_trace (view));
       i++)
    if (!join->threads[i].cpu_percent.known)
      self->reason = join->threads[i].cpu_percent.reason;
}

/* --- samples --- */

static void
add_samples (MsCorrelationResult *self,
             const MsCorrelationQuery *query,
             MsView *view,
             MsDomain domain)
{
  MsThread *thread =
      query->has_thread ? ms_trace_find_thread (ms_view_get_trace (view), query->thread) : NULL;
  gint64 length_ns = ms_view_get_end_ns (view) - ms_view_get_start_ns (view);
  guint n_stretches = ms_sample_points_count_stretches (view, MS_SAMPLE_POINTS_USUAL_MOST);
  g_autoptr (GArray) points = ms_sample_points_new (view, thread, domain, &query->settings,
                                                    MS_SAMPLE_POINTS_USUAL_MOST, &self->reason);

  gboolean is_sampled =
      ms_trace_is_sampled (ms_view_get_trace (view)) && domain != MS_DOMAIN_MAPPING;

  self->sample_ns = MAX (length_ns / MAX (n_stretches, 1), 1);
  for (guint i = 0; i < points->len; i++)
    {
      const MsSamplePoint *of = &g_array_index (points, MsSamplePoint, i);
      MsScatterPoint point = { .x = of->cpu_percent,
                               .y = of->bytes_per_second,
                               .y_error = is_sampled ? NAN : 0,
                               .shade = of->io_operations.known ? of->io_operations.value : NAN,
                               .id = query->has_thread ? query->thread : 0,
                               .time_ns = of->time_ns - self->sample_ns / 2 };

      g_array_append_val (self->points, point);
      self->patterns[of->pattern]++;
    }
  ms_sample_points_correlate (points, &self->correlation);
}

/* --- both --- */

static MsPattern
get_overall (const GArray *points, const MsAnalysisSettings *settings)
{
  double x_sum = 0, y_sum = 0;

  for (guint i = 0; i < points->len; i++)
    {
      x_sum += g_array_index (points, MsScatterPoint, i).x;
      y_sum += g_array_index (points, MsScatterPoint, i).y;
    }
  return ms_pattern_get (x_sum / MAX (points->len, 1), y_sum / MAX (points->len, 1), settings);
}

MsCorrelationResult *
ms_correlation_source_load (const MsCorrelationQuery *query,
                            GCancellable *cancellable,
                            GError **error)
{
  MsTrace *trace = ms_document_get_trace (query->document);
  MsDomain domain = ms_trace_get_main_domain (trace);
  g_autoptr (MsView) view = ms_view_new (trace, query->filter, cancellable, error);

  if (view == NULL)
    return NULL;

  MsCorrelationResult *self = g_new0 (MsCorrelationResult, 1);
  self->document = g_object_ref (query->document);
  self->points = g_array_new (FALSE, FALSE, sizeof (MsScatterPoint));
  if (query->what == MS_CORRELATE_THREADS)
    add_threads (self, query, view, domain);
  else
    add_samples (self, query, view, domain);
  self->overall = get_overall (self->points, &query->settings);
  return self;
}

void
ms_correlation_result_free (MsCorrelationResult *self)
{
  g_object_unref (self->document);
  g_array_unref (self->points);
  g_free (self);
}
