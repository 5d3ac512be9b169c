/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-correlation-source.h"
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

/* FALSE: nobody measured its processor time. */
static gboolean
find_cpu (MsTrace *trace,
          MsThread *thread,
          gint64 from_ns,
          gint64 to_ns,
          double *percent,
          const char **reason)
{
  if (ms_resource_series_get (trace, MS_RESOURCE_SERIES_THREAD_CPU, ms_thread_get_id (thread),
                              from_ns, to_ns, 1, percent, reason)
      && !isnan (*percent))
    return TRUE;

  /* Its own reading at its exit is of its whole life. */
  gint64 end_ns = ms_thread_get_end_ns (thread);
  MsThreadResources own;
  if (end_ns == MS_TIME_NONE || from_ns > ms_thread_get_start_ns (thread) || to_ns < end_ns)
    return FALSE;
  ms_thread_resources_init_from_trace (&own, trace, thread);
  if (!own.cpu_percent.known)
    return FALSE;
  *percent = own.cpu_percent.value;
  return TRUE;
}

static void
add_threads (MsCorrelationResult *self, MsView *view, MsDomain domain)
{
  MsTrace *trace = ms_view_get_trace (view);
  GPtrArray *rows = ms_document_get_rows (self->document);

  for (guint i = 0; i < rows->len; i++)
    {
      MsThreadRow *row = g_ptr_array_index (rows, i);
      MsThread *thread = ms_thread_row_get_thread (row);
      gint64 end_ns = ms_thread_get_end_ns (thread);
      gint64 from_ns = MAX (ms_thread_get_start_ns (thread), ms_view_get_start_ns (view));
      gint64 to_ns = end_ns == MS_TIME_NONE ? ms_view_get_end_ns (view)
                                            : MIN (end_ns, ms_view_get_end_ns (view));
      MsScatterPoint point = { .id = ms_thread_get_id (thread),
                               .name = ms_thread_row_get_name (row),
                               .shade = NAN };
      double calls;

      if (!ms_thread_is_tracked (thread) || to_ns <= from_ns)
        continue;
      if (!find_cpu (trace, thread, from_ns, to_ns, &point.x, &self->reason))
        {
          self->n_unknown++;
          continue;
        }
      double seconds = (double) (to_ns - from_ns) / 1e9;
      point.y = (double) ms_view_get_thread_totals (view, i, domain)->allocated_bytes / seconds;
      if (ms_resource_series_get (trace, MS_RESOURCE_SERIES_THREAD_IO_OPERATIONS, point.id, from_ns,
                                  to_ns, 1, &calls, NULL))
        point.shade = calls * seconds;
      g_array_append_val (self->points, point);
    }
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
    add_threads (self, view, domain);
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
