/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-sample-points.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ms-resource-reason.h"
#include "ms-resource-series.h"

/* Where the file does not say how far samples are apart. */
#define USUAL_NS G_GINT64_CONSTANT (100000000)

/* As many stretches as samples were meant to be. */
static guint
count_bins (MsResources *resources, gint64 length_ns, guint most)
{
  gint64 interval_ns = ms_resources_get_interval_ns (resources);
  gint64 n = length_ns / (interval_ns > 0 ? interval_ns : USUAL_NS);

  return (guint) CLAMP (n, 1, (gint64) most);
}

guint
ms_sample_points_count_stretches (MsView *view, guint most)
{
  MsResources *resources = ms_trace_get_resources (ms_view_get_trace (view));
  gint64 length_ns = ms_view_get_end_ns (view) - ms_view_get_start_ns (view);

  return resources != NULL && length_ns > 0 ? count_bins (resources, length_ns, MAX (most, 1)) : 0;
}

typedef struct {
  double *cpu_percent, *io_per_second;
  guint64 *bytes;
  guint n;
  double bin_ns;
} Columns;

static void
append_points (GArray *points,
               const Columns *columns,
               gint64 start_ns,
               gint64 kept_from_ns,
               const MsAnalysisSettings *settings)
{
  for (guint i = 0; i < columns->n; i++)
    {
      double io = columns->io_per_second[i] * columns->bin_ns / 1e9;
      MsSamplePoint point = {
        .time_ns = start_ns + (gint64) ((i + 0.5) * columns->bin_ns),
        .cpu_percent = columns->cpu_percent[i],
        .bytes_per_second = (double) columns->bytes[i] * 1e9 / columns->bin_ns,
        .io_operations = isnan (io) ? ms_not_measured (
                             NC_ ("not measured", "no sample is of this stretch of time"))
                                    : ms_measured (io),
      };

      /* Of a ring nobody knows what was allocated before. */
      if (isnan (point.cpu_percent) || point.time_ns < kept_from_ns)
        continue;
      point.pattern = ms_pattern_get (point.cpu_percent, point.bytes_per_second, settings);
      g_array_append_val (points, point);
    }
}

/* From when on allocations are there: always, but for a ring. */
static gint64
kept_from_ns (MsTrace *trace, MsThread *thread)
{
  if (ms_trace_get_ring_bytes (trace) == 0)
    return 0;
  return thread != NULL ? ms_thread_get_kept_from_ns (thread) : ms_trace_get_kept_from_ns (trace);
}

GArray *
ms_sample_points_new (MsView *view,
                      MsThread *thread,
                      MsDomain domain,
                      const MsAnalysisSettings *settings,
                      guint most,
                      const char **reason)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (MsSamplePoint));
  MsTrace *trace = ms_view_get_trace (view);
  MsResources *resources = ms_trace_get_resources (trace);
  gint64 start_ns = ms_view_get_start_ns (view), end_ns = ms_view_get_end_ns (view);
  guint id = thread != NULL ? ms_thread_get_id (thread) : 0;
  const char *why = resources == NULL    ? MS_NO_SAMPLES
                    : end_ns <= start_ns ? NC_ ("not measured", "the time has no length")
                                         : NULL;
  g_autofree double *cpu = NULL, *io = NULL;
  g_autofree guint64 *bytes = NULL;
  Columns columns;

  if (why == NULL)
    {
      guint n = count_bins (resources, end_ns - start_ns, MAX (most, 1));

      cpu = g_new (double, n);
      io = g_new (double, n);
      bytes = g_new (guint64, n);
      columns = (Columns) { cpu, io, bytes, n, (double) (end_ns - start_ns) / n };
      if (ms_resource_series_get (trace,
                                  thread != NULL ? MS_RESOURCE_SERIES_THREAD_CPU
                                                 : MS_RESOURCE_SERIES_CPU,
                                  id, start_ns, end_ns, n, cpu, &why))
        {
          ms_resource_series_get (trace,
                                  thread != NULL ? MS_RESOURCE_SERIES_THREAD_IO_OPERATIONS
                                                 : MS_RESOURCE_SERIES_IO_OPERATIONS,
                                  id, start_ns, end_ns, n, io, NULL);
          ms_view_get_allocated_series (view, thread, domain, n, bytes);
          append_points (points, &columns, start_ns, kept_from_ns (trace, thread), settings);
        }
    }
  if (reason != NULL)
    *reason = why;
  return points;
}

gboolean
ms_sample_points_correlate (const GArray *points, MsCorrelation *correlation)
{
  g_autofree double *x = g_new (double, points->len + 1);
  g_autofree double *y = g_new (double, points->len + 1);

  for (guint i = 0; i < points->len; i++)
    {
      x[i] = g_array_index (points, MsSamplePoint, i).cpu_percent;
      y[i] = g_array_index (points, MsSamplePoint, i).bytes_per_second;
    }
  return ms_correlation_compute (correlation, x, y, points->len, MS_POINTS_IN_TIME);
}
