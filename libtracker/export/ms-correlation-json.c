/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-correlation-json.h"

#include <math.h>

#include "ms-correlation.h"
#include "ms-rankings.h"
#include "ms-sample-points.h"
#include "ms-verdicts-json.h"

/* Samples of seven minutes; of longer ones stretches are. */
#define MOST_SAMPLES 4096
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
      ms_sample_points_new (view, thread, domain, settings, MOST_SAMPLES, &reason);
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
  guint n = 0;
  g_autofree guint *order = ms_rank_threads (trace, domain, MS_FIGURE_PEAK_BYTES, TRUE, &n);

  ms_json_writer_key (writer, "over_time");
  ms_json_writer_begin_object (writer);
  ms_json_writer_key (writer, "process");
  ms_json_writer_begin_object (writer);
  add_samples (writer, view, domain, NULL, settings);
  ms_json_writer_end_object (writer);
  ms_json_writer_key (writer, "threads");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (n, MOST_THREADS) && has_samples; i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, order[i]);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "thread_id", ms_thread_get_id (thread));
      add_samples (writer, view, domain, thread, settings);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
}

/* Of a part, the rates are of the part as well. */
static void
take_rates_of_part (GArray *points,
                    MsView *view,
                    MsDomain domain,
                    const MsAnalysisSettings *settings)
{
  MsTrace *trace = ms_view_get_trace (view);
  g_autoptr (GHashTable) indices = g_hash_table_new (NULL, NULL); /* id → index */
  guint n_kept = 0;

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    g_hash_table_insert (indices,
                         GUINT_TO_POINTER (ms_thread_get_id (ms_trace_get_thread (trace, i))),
                         GUINT_TO_POINTER (i));
  for (guint i = 0; i < points->len; i++)
    {
      MsThreadPoint point = g_array_index (points, MsThreadPoint, i);
      guint index =
          GPOINTER_TO_UINT (g_hash_table_lookup (indices, GUINT_TO_POINTER (point.thread_id)));
      MsThread *thread = ms_trace_get_thread (trace, index);
      gint64 start_ns = MAX (ms_thread_get_start_ns (thread), ms_view_get_start_ns (view));
      gint64 end_ns = ms_thread_get_start_ns (thread) + ms_thread_life_ns (trace, thread);
      gint64 life_ns = MIN (end_ns, ms_view_get_end_ns (view)) - start_ns;

      if (life_ns <= 0)
        continue;
      point.bytes_per_second =
          (double) ms_view_get_thread_totals (view, index, domain)->allocated_bytes * 1e9
          / (double) life_ns;
      point.pattern = ms_pattern_get (point.cpu_percent, point.bytes_per_second, settings);
      g_array_index (points, MsThreadPoint, n_kept++) = point;
    }
  g_array_set_size (points, n_kept);
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
      ms_thread_points_new (ms_view_get_trace (view), join->threads, settings, &n_unknown);
  MsCorrelation correlation = { 0 };
  gboolean is_available;

  if (ms_view_is_filtered (view))
    take_rates_of_part (points, view, domain, settings);
  is_available = ms_thread_points_correlate (points, &correlation);

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
