/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 *   marks                  instants that somebody named while the program ran
 *   memory_analysis        summary, domains, timeline, thread_stats, hottest_call_stacks, memory_peaks, …
 *   resources              what was sampled of the process and the machine
 *   resource_timeline      the same over time; without samples beside a reason, like whatever was not measured
 *   correlation_metrics    of threads
 *   performance_insights
 *   analytics              figures derived from the totals
 *   rankings               as in the rankings file
 *
 * A timeline has `bins` equal stretches of the trace: the most bytes live in each, and the bytes
 * allocated in each.  The heaviest threads have as many as the process, the others fewer, so that a
 * trace of 20 000 threads is still a file that somebody can open.  So have lists of their call stacks.
 */
#include "ms-comprehensive-json.h"

#include <math.h>

#include "ms-correlation-json.h"
#include "ms-json-figures.h"
#include "ms-mappings-json.h"
#include "ms-memory-json.h"
#include "ms-not-measured.h"
#include "ms-rankings-json.h"
#include "ms-resources-json.h"
#include "ms-verdicts-json.h"

#define FINE_BINS 256
#define COARSE_BINS 32
#define FINE_THREADS 64
#define HOTTEST_STACKS 500
#define FINE_STACKS 20
#define COARSE_STACKS 3
#define SITES 100
#define INTERACTIONS 1000
#define POINTS 1000

static void
add_series (MsJsonWriter *writer, const char *key, const guint64 *values, guint n)
{
  ms_json_writer_key (writer, key);
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n; i++)
    ms_json_writer_uint (writer, values[i]);
  ms_json_writer_end_array (writer);
}

/* @thread NULL: the process. */
static void
add_timeline (MsJsonWriter *writer, MsExportView *view, MsThread *thread, guint n_bins)
{
  guint64 live[FINE_BINS], allocated[FINE_BINS];

  ms_view_get_live_series (view->view, thread, view->domain, n_bins, live, NULL);
  ms_view_get_allocated_series (view->view, thread, view->domain, n_bins, allocated);
  ms_json_writer_key (writer, "timeline");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "bins", n_bins);
  ms_json_writer_add_double (writer, "bin_ns", (double) view->length_ns / n_bins);
  if (ms_trace_why_no_live (view->trace) != NULL)
    ms_json_writer_add_null (writer, "most_live_bytes");
  else
    add_series (writer, "most_live_bytes", live, n_bins);
  add_series (writer, "allocated_bytes", allocated, n_bins);
  ms_json_writer_end_object (writer);
}

static double
per_second (guint64 n, gint64 ns)
{
  return ns > 0 ? (double) n * 1e9 / (double) ns : NAN;
}

static double
ratio (guint64 part, guint64 whole)
{
  return whole > 0 ? (double) part / (double) whole : NAN;
}

static void
add_frequency (MsJsonWriter *writer, const MsTotals *totals, gint64 life_ns)
{
  ms_json_writer_key (writer, "frequency");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_double (writer, "allocations_per_second",
                             per_second (totals->allocations, life_ns));
  ms_json_writer_add_double (writer, "deallocations_per_second",
                             per_second (totals->deallocations, life_ns));
  ms_json_writer_add_double (writer, "allocated_bytes_per_second",
                             per_second (totals->allocated_bytes, life_ns));
  ms_json_writer_end_object (writer);
}

static void
add_thread_bottlenecks (MsJsonWriter *writer, MsExportView *view, const MsExportThread *t)
{
  g_autoptr (MsBottleneckReport) report =
      ms_bottlenecks_of_thread (view->view, t->index, t->resources, view->settings);

  ms_verdicts_json_add_verdicts (writer, "bottlenecks", report);
}

static void
add_thread (MsJsonWriter *writer, MsExportView *view, const MsExportThread *t, gboolean is_fine)
{
  gboolean is_tracked = ms_thread_is_tracked (t->thread);
  char key[16];

  g_snprintf (key, sizeof key, "%u", t->id);
  ms_json_writer_key (writer, key);
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "id", t->id);
  ms_json_writer_add_int (writer, "tid", ms_thread_get_tid (t->thread));
  ms_json_writer_add_string (writer, "name", ms_thread_get_name (t->thread));
  ms_json_add_names (writer, "names", t->thread);
  ms_json_writer_add_boolean (writer, "tracked", is_tracked);
  ms_json_writer_add_string (writer, "role", is_tracked ? ms_role_to_string (t->role) : NULL);
  ms_json_writer_add_string (writer, "alert", is_tracked ? ms_alert_to_string (t->alert) : NULL);
  ms_json_writer_add_int (writer, "start_ns", ms_thread_get_start_ns (t->thread));
  ms_json_writer_add_time (writer, "end_ns", ms_thread_get_end_ns (t->thread));
  ms_json_writer_add_time (writer, "cpu_time_ns",
                           t->resources->cpu_ns.known ? (gint64) t->resources->cpu_ns.value
                                                      : MS_TIME_NONE);
  ms_json_writer_add_double (writer, "io_operations",
                             t->resources->io_operations.known ? t->resources->io_operations.value
                                                               : NAN);
  ms_json_writer_key (writer, "resources");
  ms_json_writer_begin_object (writer);
  ms_resources_json_add_thread (writer, t->resources);
  ms_json_writer_end_object (writer);
  ms_json_add_totals (writer, view->trace, t->totals, is_tracked);
  ms_json_writer_add_double (writer, "average_size_bytes",
                             ratio (t->totals->allocated_bytes, t->totals->allocations));
  add_frequency (writer, t->totals, t->life_ns);
  ms_verdicts_json_add_scores (writer, t->scores);
  add_thread_bottlenecks (writer, view, t);
  ms_memory_json_add_thread_stacks (writer, view, t->thread, is_fine ? FINE_STACKS : COARSE_STACKS);
  if (t->totals->allocations > 0)
    add_timeline (writer, view, t->thread, is_fine ? FINE_BINS : COARSE_BINS);
  else
    ms_json_writer_add_null (writer, "timeline");
  ms_json_writer_end_object (writer);
}

static void
add_thread_stats (MsJsonWriter *writer, MsExportView *view, GCancellable *cancellable)
{
  ms_json_writer_key (writer, "thread_stats");
  ms_json_writer_begin_object (writer);
  for (guint i = 0; i < view->threads->len && !g_cancellable_is_cancelled (cancellable); i++)
    add_thread (writer, view, &g_array_index (view->threads, MsExportThread, i), i < FINE_THREADS);
  ms_json_writer_end_object (writer);
}

static void
add_stack_figures (MsJsonWriter *writer, MsTrace *trace, const MsTotals *totals)
{
  const MsStandardErrors *errors = &totals->standard_errors;

  ms_json_add_estimate (writer, trace, "allocations", totals->allocations, errors->allocations);
  ms_json_add_estimate (writer, trace, "allocated_bytes", totals->allocated_bytes,
                        errors->allocated_bytes);
  ms_json_add_estimate (writer, trace, "peak_bytes", totals->peak_bytes, errors->peak_bytes);
  ms_json_add_estimate (writer, trace, "bytes_at_process_peak", totals->bytes_at_process_peak,
                        errors->bytes_at_process_peak);
  ms_json_add_estimate (writer, trace, "leaked_allocations", totals->leaked_allocations,
                        errors->live_blocks);
  ms_json_add_estimate (writer, trace, "leaked_bytes", totals->leaked_bytes, errors->live_bytes);
  ms_json_add_estimate (writer, trace, "temporary_allocations", totals->temporary_allocations,
                        errors->temporary_allocations);
}

static void
add_stack (MsJsonWriter *writer, MsExportView *view, const MsExportStack *s, guint rank)
{
  gboolean truncated;
  guint depth;

  ms_frame_names_get_stack (view->names, s->stack, &depth, &truncated);
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "rank", rank);
  ms_json_writer_add_uint (writer, "stack", s->stack);
  add_stack_figures (writer, view->trace, s->totals);
  ms_json_writer_add_boolean (writer, "truncated", truncated);
  ms_json_add_frames (writer, "frames", view, s->stack);
  ms_json_writer_end_object (writer);
}

/* Of several stacks, which were drawn for independently.  Their own peaks have no sum. */
static void
add_to_sum (MsTotals *sum, const MsTotals *more)
{
  MsStandardErrors *errors = &sum->standard_errors;

  sum->bytes_at_process_peak += more->bytes_at_process_peak;
  sum->allocated_bytes += more->allocated_bytes;
  sum->allocations += more->allocations;
  sum->leaked_bytes += more->leaked_bytes;
  sum->temporary_allocations += more->temporary_allocations;
  errors->bytes_at_process_peak =
      hypot (errors->bytes_at_process_peak, more->standard_errors.bytes_at_process_peak);
  errors->allocated_bytes = hypot (errors->allocated_bytes, more->standard_errors.allocated_bytes);
  errors->allocations = hypot (errors->allocations, more->standard_errors.allocations);
  errors->live_bytes = hypot (errors->live_bytes, more->standard_errors.live_bytes);
  errors->temporary_allocations =
      hypot (errors->temporary_allocations, more->standard_errors.temporary_allocations);
}

static void
add_stack_sums (MsJsonWriter *writer, MsTrace *trace, const MsTotals *sum)
{
  const MsStandardErrors *errors = &sum->standard_errors;

  ms_json_add_estimate (writer, trace, "bytes_at_process_peak", sum->bytes_at_process_peak,
                        errors->bytes_at_process_peak);
  ms_json_add_estimate (writer, trace, "allocated_bytes", sum->allocated_bytes,
                        errors->allocated_bytes);
  ms_json_add_estimate (writer, trace, "allocations", sum->allocations, errors->allocations);
  ms_json_add_estimate (writer, trace, "leaked_bytes", sum->leaked_bytes, errors->live_bytes);
  ms_json_add_estimate (writer, trace, "temporary_allocations", sum->temporary_allocations,
                        errors->temporary_allocations);
}

static int
compare_peaks (gconstpointer a, gconstpointer b)
{
  const MsExportStack *x = a, *y = b;

  if (x->totals->peak_bytes != y->totals->peak_bytes)
    return x->totals->peak_bytes > y->totals->peak_bytes ? -1 : 1;
  return x->stack < y->stack ? -1 : x->stack > y->stack;
}

/* Chosen by weight, so that each measure's leaders are there; listed by peak, as the report does. */
static void
add_hottest_stacks (MsJsonWriter *writer, MsExportView *view)
{
  guint n = MIN (view->stacks->len, HOTTEST_STACKS);
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (MsExportStack));
  MsTotals cut = { 0 };

  g_array_append_vals (chosen, view->stacks->data, n);
  g_array_sort (chosen, compare_peaks);

  ms_json_writer_key (writer, "hottest_call_stacks");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n; i++)
    add_stack (writer, view, &g_array_index (chosen, MsExportStack, i), i + 1);
  ms_json_writer_end_array (writer);

  for (guint i = n; i < view->stacks->len; i++)
    add_to_sum (&cut, g_array_index (view->stacks, MsExportStack, i).totals);
  ms_json_writer_key (writer, "other_call_stacks");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "call_stacks", view->stacks->len - n);
  add_stack_sums (writer, view->trace, &cut);
  ms_json_writer_end_object (writer);
}

static void
add_memory_peaks (MsJsonWriter *writer, MsExportView *view)
{
  ms_json_writer_key (writer, "memory_peaks");
  ms_json_writer_begin_object (writer);
  ms_json_writer_key (writer, "process");
  ms_json_writer_begin_object (writer);
  ms_json_add_estimate (writer, view->trace, "peak_bytes",
                        view->n_tracked > 0 ? view->totals->peak_bytes : MS_EXPORT_UNKNOWN,
                        view->totals->standard_errors.peak_bytes);
  ms_json_writer_add_time (writer, "peak_time_ns", view->totals->peak_time_ns);
  ms_json_writer_end_object (writer);

  ms_json_writer_key (writer, "threads");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < view->threads->len; i++)
    {
      const MsExportThread *t = &g_array_index (view->threads, MsExportThread, i);

      if (t->totals->peak_bytes == 0 || t->totals->peak_bytes == MS_EXPORT_UNKNOWN)
        continue;
      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "thread_id", t->id);
      ms_json_add_estimate (writer, view->trace, "peak_bytes", t->totals->peak_bytes,
                            t->totals->standard_errors.peak_bytes);
      ms_json_writer_add_time (writer, "peak_time_ns", t->totals->peak_time_ns);
      ms_json_add_estimate (writer, view->trace, "bytes_at_process_peak",
                            t->totals->bytes_at_process_peak,
                            t->totals->standard_errors.bytes_at_process_peak);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
}

static void
add_domains (MsJsonWriter *writer, MsExportView *view)
{
  ms_json_writer_key (writer, "domains");
  ms_json_writer_begin_object (writer);
  for (MsDomain d = 0; d < MS_N_DOMAINS; d++)
    {
      if (!ms_trace_has_domain (view->trace, d))
        continue;
      ms_json_writer_key (writer, ms_domain_to_string (d));
      ms_json_writer_begin_object (writer);
      ms_json_add_domain (writer, view, d);
      ms_json_writer_end_object (writer);
    }
  ms_json_writer_end_object (writer);
}

static void
add_memory_analysis (MsJsonWriter *writer, MsExportView *view, GCancellable *cancellable)
{

  ms_json_writer_key (writer, "memory_analysis");
  ms_json_writer_begin_object (writer);
  ms_json_writer_key (writer, "summary");
  ms_rankings_write_summary (writer, view);
  add_domains (writer, view);
  ms_mappings_json_add (writer, view);
  add_timeline (writer, view, NULL, FINE_BINS);
  add_thread_stats (writer, view, cancellable);
  add_hottest_stacks (writer, view);
  ms_memory_json_add_interactions (writer, view, INTERACTIONS);
  ms_memory_json_add_split (writer, view->view, &view->resources->process_at_end);
  ms_memory_json_add_histograms (writer, view);
  ms_memory_json_add_waste (writer, view, SITES);
  ms_memory_json_add_leaks (writer, view, SITES);
  add_memory_peaks (writer, view);
  ms_json_add_findings (writer, "performance_bottlenecks", view->findings, NULL);
  ms_json_writer_end_object (writer);
}

static void
add_analytics (MsJsonWriter *writer, MsExportView *view)
{
  const MsTotals *t = view->totals;

  ms_json_writer_key (writer, "analytics");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_double (writer, "average_size_bytes",
                             ratio (t->allocated_bytes, t->allocations));
  ms_json_writer_add_double (writer, "temporary_share",
                             ratio (t->temporary_allocations, t->allocations));
  ms_json_writer_add_double (writer, "leaked_share_of_allocated_bytes",
                             ms_trace_why_no_live (view->trace) != NULL
                                 ? NAN
                                 : ratio (t->leaked_bytes, t->allocated_bytes));
  add_frequency (writer, t, view->length_ns);
  ms_json_writer_end_object (writer);
}

static void
add_resource_timeline (MsJsonWriter *writer, MsExportView *view)
{
  guint ids[FINE_THREADS], n = MIN (view->threads->len, FINE_THREADS);

  for (guint i = 0; i < n; i++)
    ids[i] = g_array_index (view->threads, MsExportThread, i).id;
  ms_resources_json_add_timeline (writer, "resource_timeline", view->view, view->resources, ids, n,
                                  FINE_BINS);
}

void
ms_comprehensive_write (MsJsonWriter *writer, MsExportView *view, GCancellable *cancellable)
{
  g_autofree char *timestamp = ms_end_time_to_string (view);

  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "schema_version", 1);
  ms_json_writer_add_string (writer, "generator", "memscope " MEMSCOPE_VERSION);
  ms_json_writer_add_string (writer, "timestamp", timestamp);
  ms_json_add_trace (writer, "trace", view);
  ms_json_add_diagnostics (writer, "diagnostics", view->trace, view->redact);
  ms_json_add_marks (writer, view->view);
  ms_json_writer_key (writer, "not_measured");
  ms_not_measured_write_all (writer, view);
  add_memory_analysis (writer, view, cancellable);
  ms_json_writer_key (writer, "resources");
  ms_resources_json_write (writer, view->resources);
  add_resource_timeline (writer, view);
  ms_correlation_json_add (writer, view->view, view->domain, view->resources, view->settings,
                           POINTS);
  ms_json_writer_key (writer, "performance_insights");
  ms_rankings_write_insights (writer, view);
  add_analytics (writer, view);
  ms_json_writer_key (writer, "rankings");
  ms_rankings_write_lists (writer, view);
  ms_json_writer_end_object (writer);
}
