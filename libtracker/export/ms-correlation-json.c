/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-correlation-json.h"

#include <math.h>

#include "ms-correlation.h"
#include "ms-rankings.h"
#include "ms-sample-points.h"
#include "ms-verdicts-json.h"

#define MOST_THREADS 64

static void
add_figures (MsJsonWriter *writer, const MsCorrelation *correlation)
{
  const MsJsonMeasured interval[] = {
    { "interval_low", correlation->interval_low },
    { "interval_high", correlation->interval_high },
  };

  ms_json_writer_add_double (writer, "pearson", correlation->pearson);
  ms_json_writer_add_double (writer, "spearman", correlation->spearman);
  ms_json_writer_add_double (writer, "effective_n", correlation->effective_n);
  ms_json_writer_add_double (writer, "slope", correlation->slope);
  ms_json_writer_add_double (writer, "intercept", correlation->intercept);
  ms_json_add_measured (writer, interval, G_N_ELEMENTS (interval));
}

static void
add_points (MsJsonWriter *writer, const GArray *points, guint most)
{
  ms_json_writer_key (writer, "points");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (points->len, most); i++)
    {
      const MsThreadPoint *point = &g_array_index (points, MsThreadPoint, i);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "thread_id", point->thread_id);
      ms_json_writer_add_double (writer, "cpu_percent", point->cpu_percent);
      ms_json_writer_add_double (writer, "allocated_bytes_per_second", point->bytes_per_second);
      ms_json_writer_add_double (writer, "io_operations",
                                 point->io_operations.known ? point->io_operations.value : NAN);
      ms_json_writer_add_string (writer, "pattern", ms_pattern_to_string (point->pattern));
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_add_uint (writer, "other_points", points->len - MIN (points->len, most));
}

/* --- over time ------------------------------------------------------------------------------------ */

/* Into the object that is open.  @thread NULL: the process. */
static void
add_samples (MsJsonWriter *writer,
             MsView *view,
             MsDomain domain,
             MsThread *thread,
             const MsAnalysisSettings *settings)
{
  const char *reason = NULL;
  g_autoptr (GArray) points =
      ms_sample_points_new (view, thread, domain, settings, MS_SAMPLE_POINTS_USUAL_MOST, &reason);
  MsCorrelation correlation = { 0 };
  gboolean is_available = ms_sample_points_correlate (points, &correlation);

  ms_json_writer_add_boolean (writer, "available", is_available);
  if (is_available)
    add_figures (writer, &correlation);
  else
    ms_json_writer_add_string (writer, "reason", reason != NULL ? reason : correlation.refusal);
  ms_json_writer_add_uint (writer, "n", points->len);
}

static void
add_over_time (MsJsonWriter *writer,
               MsView *view,
               MsDomain domain,
               gboolean has_samples,
               const MsAnalysisSettings *settings)
{
  MsTrace *trace = ms_view_get_trace (view);
  guint n = 0, n_written = 0;
  g_autofree guint *order = ms_rank_threads (trace, domain, MS_FIGURE_PEAK_BYTES, TRUE, &n);

  ms_json_writer_key (writer, "over_time");
  ms_json_writer_begin_object (writer);
  ms_json_writer_key (writer, "process");
  ms_json_writer_begin_object (writer);
  add_samples (writer, view, domain, NULL, settings);
  ms_json_writer_end_object (writer);
  ms_json_writer_key (writer, "threads");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n && n_written < MOST_THREADS && has_samples; i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, order[i]);

      if (!ms_filter_has_thread (ms_view_get_filter (view), ms_thread_get_id (thread)))
        continue;
      n_written++;
      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "thread_id", ms_thread_get_id (thread));
      add_samples (writer, view, domain, thread, settings);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
}

void
ms_correlation_json_add (MsJsonWriter *writer,
                         MsView *view,
                         MsDomain domain,
                         const MsResourceJoin *join,
                         const MsAnalysisSettings *settings,
                         guint most)
{
  guint n_unknown = 0;
  g_autoptr (GArray) points =
      ms_thread_points_new (view, domain, join->threads, settings, &n_unknown);
  MsCorrelation correlation = { 0 };
  gboolean is_available = ms_thread_points_correlate (points, &correlation);

  ms_json_writer_key (writer, "correlation_metrics");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_boolean (writer, "available", is_available);
  if (is_available)
    add_figures (writer, &correlation);
  else
    ms_json_writer_add_string (writer, "reason", correlation.refusal);
  ms_json_writer_add_uint (writer, "n", points->len);
  ms_json_writer_add_uint (writer, "unknown_threads", n_unknown);
  add_points (writer, points, most);
  add_over_time (writer, view, domain, join->has_samples, settings);
  ms_json_writer_end_object (writer);
}
