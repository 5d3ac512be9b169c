/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-correlation-source.h"
#include "ms-resource-join.h"
#include "ms-resource-series.h"
#include "ms-view.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define USUAL_INTERVAL_NS 100000000
/* Hours at 10 Hz; longer recordings get longer samples. */
#define MOST_SAMPLES 20000

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
                               .shade = of->io_operations.known ? of->io_operations.value : NAN };

      g_array_append_val (self->points, point);
    }
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
  MsTrace *trace = ms_view_get_trace (view);
  MsResources *resources = ms_trace_get_resources (trace);
  gint64 interval_ns = resources != NULL ? ms_resources_get_interval_ns (resources) : 0;
  gint64 from_ns = ms_view_get_start_ns (view), to_ns = ms_view_get_end_ns (view);
  guint n = (guint) CLAMP ((to_ns - from_ns) / (interval_ns > 0 ? interval_ns : USUAL_INTERVAL_NS),
                           1, MOST_SAMPLES);
  guint which = query->has_thread ? query->thread : 0;
  g_autofree double *cpu = g_new (double, n);
  g_autofree double *calls = g_new (double, n);
  g_autofree guint64 *bytes = g_new (guint64, n);

  self->sample_ns = MAX ((to_ns - from_ns) / n, 1);
  double seconds = (double) (to_ns - from_ns) / 1e9 / n;
  if (seconds <= 0
      || !ms_resource_series_get (trace,
                                  query->has_thread ? MS_RESOURCE_SERIES_THREAD_CPU
                                                    : MS_RESOURCE_SERIES_CPU,
                                  which, from_ns, to_ns, n, cpu, &self->reason))
    return;
  ms_resource_series_get (trace,
                          query->has_thread ? MS_RESOURCE_SERIES_THREAD_IO_OPERATIONS
                                            : MS_RESOURCE_SERIES_IO_OPERATIONS,
                          which, from_ns, to_ns, n, calls, NULL);
  ms_view_get_allocated_series (view, NULL, domain, n, bytes);
  for (guint i = 0; i < n; i++)
    {
      MsScatterPoint point = { .x = cpu[i],
                               .y = (double) bytes[i] / seconds,
                               .shade = calls[i] * seconds,
                               .id = which,
                               .time_ns = from_ns + (gint64) (i * seconds * 1e9) };

      if (!isnan (point.x))
        g_array_append_val (self->points, point);
    }
}

/* --- both --- */

static void
analyse (MsCorrelationResult *self, const MsCorrelationQuery *query)
{
  guint n = self->points->len;
  g_autofree double *x = g_new (double, n + 1);
  g_autofree double *y = g_new (double, n + 1);
  double x_sum = 0, y_sum = 0;

  for (guint i = 0; i < n; i++)
    {
      const MsScatterPoint *point = &g_array_index (self->points, MsScatterPoint, i);

      x[i] = point->x;
      y[i] = point->y;
      x_sum += point->x;
      y_sum += point->y;
      self->patterns[ms_pattern_get (point->x, point->y, &query->settings)]++;
    }
  if (n > 0)
    self->overall = ms_pattern_get (x_sum / n, y_sum / n, &query->settings);
  ms_correlation_compute (&self->correlation, x, y, n,
                          query->what == MS_CORRELATE_SAMPLES ? MS_POINTS_IN_TIME
                                                              : MS_POINTS_INDEPENDENT);
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
  analyse (self, query);
  return self;
}

void
ms_correlation_result_free (MsCorrelationResult *self)
{
  g_object_unref (self->document);
  g_array_unref (self->points);
  g_free (self);
}
