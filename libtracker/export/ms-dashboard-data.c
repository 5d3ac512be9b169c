/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Compact, because it is sent by e-mail: rows are arrays, names are indices into `strings`, live bytes
 * are differences from bin to bin (mostly zeros or short).
 *
 *   window     [from, to] in ns of the trace's time: what the BINS stretches of every series lie in
 *   threads    a row a thread, heaviest first; the first DETAILED have a card, and a series if they
 *              allocated, [id, live, allocated] (ms-coded-series.h); the others have a sparkline of
 *              SPARK_BINS characters
 *
 * An index of −1 is "unknown".
 */
#include "ms-dashboard-data.h"

#include <math.h>

#include "ms-coded-series.h"
#include "ms-dashboard-stacks.h"
#include "ms-dashboard-timeline.h"
#include "ms-dashboard-verdicts.h"
#include "ms-json-figures.h"
#include "ms-mappings-json.h"
#include "ms-not-measured.h"
#include "ms-short-text.h"

#define BINS 256
#define DETAILED 64
#define SPARK_BINS 24

static void
write_name (MsJsonWriter *writer, const char *text, guint most_chars)
{
  g_autofree char *shown = ms_short_text_new (text, most_chars);

  ms_json_writer_string (writer, shown);
}

/* --- series --- */

static void
write_differences (MsJsonWriter *writer, const guint64 *values)
{
  guint64 before = 0;

  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < BINS; i++)
    {
      ms_json_writer_int (writer, (gint64) (values[i] - before));
      before = values[i];
    }
  ms_json_writer_end_array (writer);
}

static void
write_values (MsJsonWriter *writer, const guint64 *values)
{
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < BINS; i++)
    ms_json_writer_uint (writer, values[i]);
  ms_json_writer_end_array (writer);
}

static void
write_coded (MsJsonWriter *writer, const guint64 *values)
{
  double coded[BINS];

  for (guint i = 0; i < BINS; i++)
    coded[i] = (double) values[i];
  ms_coded_series_write (writer, coded, BINS);
}

/* What rounding takes from a stretch is given to the next, so that sums stay right. */
static void
write_coded_sums (MsJsonWriter *writer, const guint64 *values)
{
  guint64 most = 0;
  double unit, carried = 0, rounded[BINS];

  for (guint i = 0; i < BINS; i++)
    most = MAX (most, values[i]);
  unit = MAX (1, ms_coded_series_unit ((double) most));
  for (guint i = 0; i < BINS; i++)
    {
      double exact = (double) values[i] + carried;

      rounded[i] = values[i] > 0 ? MAX (0, floor (exact / unit + 0.5) * unit) : 0;
      carried = exact - rounded[i];
    }
  ms_coded_series_write (writer, rounded, BINS);
}

static void
add_process_series (MsJsonWriter *writer, MsExportView *view)
{
  guint64 values[BINS];

  ms_view_get_live_series (view->view, NULL, view->domain, BINS, values, NULL);
  ms_json_writer_key (writer, "live");
  write_differences (writer, values);
  ms_view_get_allocated_series (view->view, NULL, view->domain, BINS, values);
  ms_json_writer_key (writer, "allocated");
  write_values (writer, values);
}

static void
add_thread_series (MsJsonWriter *writer, MsExportView *view)
{
  guint64 values[BINS];

  ms_json_writer_key (writer, "series");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (view->threads->len, DETAILED); i++)
    {
      const MsExportThread *t = &g_array_index (view->threads, MsExportThread, i);

      if (t->totals->allocations == 0)
        continue;
      ms_json_writer_begin_array (writer);
      ms_json_writer_uint (writer, t->id);
      ms_view_get_live_series (view->view, t->thread, view->domain, BINS, values, NULL);
      write_coded (writer, values);
      ms_view_get_allocated_series (view->view, t->thread, view->domain, BINS, values);
      write_coded_sums (writer, values);
      ms_json_writer_end_array (writer);
    }
  ms_json_writer_end_array (writer);
}

/* '0' is nothing, 'o' the thread's highest bin. */
static void
write_spark (MsJsonWriter *writer, MsExportView *view, const MsExportThread *t)
{
  guint64 values[SPARK_BINS], most = 0;
  char text[SPARK_BINS + 1] = "";

  ms_view_get_live_series (view->view, t->thread, view->domain, SPARK_BINS, values, NULL);
  for (guint i = 0; i < SPARK_BINS; i++)
    most = MAX (most, values[i]);
  for (guint i = 0; i < SPARK_BINS && most > 0; i++)
    text[i] = (char) ('0' + (int) (63.0 * (double) values[i] / (double) most + 0.5));
  ms_json_writer_string (writer, text);
}

/* --- threads --- */

static void
write_names (MsJsonWriter *writer, MsThread *thread, guint most_chars)
{
  guint n_names;
  const MsNameSpan *names = ms_thread_get_names (thread, &n_names);

  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < MIN (n_names, 16) && n_names > 1; i++)
    {
      ms_json_writer_begin_array (writer);
      ms_json_writer_int (writer, names[i].start_ns);
      write_name (writer, names[i].name, most_chars);
      ms_json_writer_end_array (writer);
    }
  ms_json_writer_end_array (writer);
}

static void
write_time (MsJsonWriter *writer, gint64 time_ns)
{
  if (time_ns == MS_TIME_NONE)
    ms_json_writer_null (writer);
  else
    ms_json_writer_int (writer, time_ns);
}

static const char *const thread_columns[] = {
  "id",
  "tid",
  "name",
  "names",
  "tracked",
  "role",
  "alert",
  "start_ns",
  "end_ns",
  "cpu_ns",
  "io_operations",
  "cpu_percent",
  "read_bytes",
  "written_bytes",
  "run_queue_wait_ns",
  "voluntary_switches",
  "involuntary_switches",
  "rate",
  "allocations",
  "deallocations",
  "reallocations",
  "allocated_bytes",
  "freed_bytes_of_own",
  "live_bytes",
  "peak_bytes",
  "peak_time_ns",
  "bytes_at_process_peak",
  "leaked_allocations",
  "leaked_bytes",
  "temporary_allocations",
  "leak_is_telling",
  "spark",
};

/* Behind those, of a sampled recording. */
static const char *const error_columns[] = {
  "allocations_standard_error",
  "deallocations_standard_error",
  "reallocations_standard_error",
  "allocated_bytes_standard_error",
  "freed_bytes_of_own_standard_error",
  "live_bytes_standard_error",
  "peak_bytes_standard_error",
  "bytes_at_process_peak_standard_error",
  "leaked_allocations_standard_error",
  "leaked_bytes_standard_error",
  "temporary_allocations_standard_error",
};

/* Whole numbers, as the figures are. */
static void
write_errors (MsJsonWriter *writer, const double *errors, gsize n_errors)
{
  for (gsize i = 0; i < n_errors; i++)
    ms_json_writer_double (writer, floor (errors[i] + 0.5));
}

static void
write_thread_errors (MsJsonWriter *writer, const MsStandardErrors *errors)
{
  const double all[] = { errors->allocations,          errors->deallocations,
                         errors->reallocations,        errors->allocated_bytes,
                         errors->freed_bytes_of_own,   errors->live_bytes,
                         errors->peak_bytes,           errors->bytes_at_process_peak,
                         errors->live_blocks,          errors->live_bytes,
                         errors->temporary_allocations };

  G_STATIC_ASSERT (G_N_ELEMENTS (all) == G_N_ELEMENTS (error_columns));
  write_errors (writer, all, G_N_ELEMENTS (all));
}

static void
write_resources (MsJsonWriter *writer, const MsThreadResources *r)
{
  const MsMeasured whole[] = { r->cpu_ns, r->io_operations };
  const MsMeasured rest[] = { r->read_bytes, r->written_bytes, r->run_queue_wait_ns,
                              r->voluntary_switches, r->involuntary_switches };

  for (gsize i = 0; i < G_N_ELEMENTS (whole); i++)
    ms_json_writer_double (writer, whole[i].known ? whole[i].value : NAN);
  /* Far finer than a page shows it: one that is rounded twice shows 0.2473 as 0.3. */
  ms_json_writer_double (writer, r->cpu_percent.known
                                     ? floor (r->cpu_percent.value * 1e6 + 0.5) / 1e6
                                     : NAN);
  for (gsize i = 0; i < G_N_ELEMENTS (rest); i++)
    ms_json_writer_double (writer, rest[i].known ? floor (rest[i].value + 0.5) : NAN);
}

static void
write_thread (MsJsonWriter *writer, MsExportView *view, guint index, guint most_chars)
{
  const MsExportThread *t = &g_array_index (view->threads, MsExportThread, index);
  const MsTotals *totals = t->totals;
  const guint64 before_peak[] = { totals->allocations,        totals->deallocations,
                                  totals->reallocations,      totals->allocated_bytes,
                                  totals->freed_bytes_of_own, totals->live_bytes,
                                  totals->peak_bytes };
  const guint64 after_peak[] = { totals->bytes_at_process_peak, totals->leaked_allocations,
                                 totals->leaked_bytes, totals->temporary_allocations };

  ms_json_writer_begin_array (writer);
  ms_json_writer_uint (writer, t->id);
  ms_json_writer_int (writer, ms_thread_get_tid (t->thread));
  write_name (writer, ms_thread_get_name (t->thread), most_chars);
  write_names (writer, t->thread, most_chars);
  ms_json_writer_uint (writer, ms_thread_is_tracked (t->thread) != FALSE);
  ms_json_writer_string (writer, ms_role_to_string (t->role));
  ms_json_writer_string (writer, ms_alert_to_string (t->alert));
  ms_json_writer_int (writer, ms_thread_get_start_ns (t->thread));
  write_time (writer, ms_thread_get_end_ns (t->thread));
  write_resources (writer, t->resources);
  ms_json_writer_uint (writer, (guint64) (t->allocated_bytes_per_second + 0.5));
  for (gsize i = 0; i < G_N_ELEMENTS (before_peak); i++)
    if (before_peak[i] == MS_EXPORT_UNKNOWN)
      ms_json_writer_null (writer);
    else
      ms_json_writer_uint (writer, before_peak[i]);
  write_time (writer, totals->peak_time_ns);
  for (gsize i = 0; i < G_N_ELEMENTS (after_peak); i++)
    ms_json_writer_uint (writer, after_peak[i]);
  ms_json_writer_uint (writer,
                       !ms_view_is_filtered (view->view)
                           && ms_never_freed_is_telling (view->trace, totals->leaked_bytes,
                                                         view->totals->peak_bytes, view->settings));
  if (index < DETAILED || totals->allocations == 0)
    ms_json_writer_null (writer);
  else
    write_spark (writer, view, t);
  if (ms_trace_is_sampled (view->trace))
    write_thread_errors (writer, &totals->standard_errors);
  ms_json_writer_end_array (writer);
}

/* Of all threads, also those that are cut. */
static void
add_thread_counts (MsJsonWriter *writer, MsExportView *view)
{
  guint roles[MS_N_ROLES] = { 0 }, with_cpu = 0;
  gint64 cpu_ns = 0;

  for (guint i = 0; i < view->threads->len; i++)
    {
      const MsExportThread *t = &g_array_index (view->threads, MsExportThread, i);

      roles[t->role] += ms_thread_is_tracked (t->thread) != FALSE;
      with_cpu += t->resources->cpu_ns.known != FALSE;
      cpu_ns += (gint64) t->resources->cpu_ns.value;
    }
  ms_json_writer_key (writer, "thread_counts");
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "tracked", view->n_tracked);
  ms_json_writer_add_uint (writer, "with_cpu", with_cpu);
  ms_json_writer_add_int (writer, "cpu_ns", cpu_ns);
  ms_json_writer_key (writer, "roles");
  ms_json_writer_begin_object (writer);
  for (guint r = 0; r < MS_N_ROLES; r++)
    ms_json_writer_add_uint (writer, ms_role_to_string ((MsRole) r), roles[r]);
  ms_json_writer_end_object (writer);
  ms_json_writer_end_object (writer);
}

static void
add_cut_threads (MsJsonWriter *writer, MsExportView *view, guint n_shown)
{
  MsTotals sums = { 0 };

  ms_json_writer_key (writer, "threads_cut");
  if (n_shown == view->threads->len)
    {
      ms_json_writer_null (writer);
      return;
    }
  for (guint i = n_shown; i < view->threads->len; i++)
    {
      const MsTotals *t = g_array_index (view->threads, MsExportThread, i).totals;

      sums.allocations += t->allocations;
      sums.deallocations += t->deallocations;
      sums.allocated_bytes += t->allocated_bytes;
      sums.bytes_at_process_peak += t->bytes_at_process_peak;
      sums.leaked_bytes += t->leaked_bytes;
      sums.temporary_allocations += t->temporary_allocations;
    }
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "threads", view->threads->len - n_shown);
  ms_json_writer_add_uint (writer, "allocations", sums.allocations);
  ms_json_writer_add_uint (writer, "deallocations", sums.deallocations);
  ms_json_writer_add_uint (writer, "allocated_bytes", sums.allocated_bytes);
  ms_json_writer_add_uint (writer, "bytes_at_process_peak", sums.bytes_at_process_peak);
  ms_json_writer_add_uint (writer, "leaked_bytes", sums.leaked_bytes);
  ms_json_writer_add_uint (writer, "temporary_allocations", sums.temporary_allocations);
  ms_json_writer_end_object (writer);
}

static void
add_threads (MsJsonWriter *writer, MsExportView *view, const MsDashboardLimits *limits)
{
  guint n_shown = MIN (view->threads->len, limits->threads);

  ms_json_writer_key (writer, "thread_columns");
  ms_json_writer_begin_array (writer);
  for (gsize i = 0; i < G_N_ELEMENTS (thread_columns); i++)
    ms_json_writer_string (writer, thread_columns[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (error_columns) && ms_trace_is_sampled (view->trace); i++)
    ms_json_writer_string (writer, error_columns[i]);
  ms_json_writer_end_array (writer);
  add_thread_counts (writer, view);
  ms_json_writer_add_uint (writer, "detailed", DETAILED);
  ms_json_writer_key (writer, "threads");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_shown; i++)
    write_thread (writer, view, i, limits->name_chars);
  ms_json_writer_end_array (writer);
  add_cut_threads (writer, view, n_shown);
  add_thread_series (writer, view);
}

static void
add_window (MsJsonWriter *writer, MsExportView *view)
{
  ms_json_writer_key (writer, "window");
  ms_json_writer_begin_array (writer);
  ms_json_writer_int (writer, ms_view_get_start_ns (view->view));
  ms_json_writer_int (writer, ms_view_get_end_ns (view->view));
  ms_json_writer_end_array (writer);
}

static void
add_domains (MsJsonWriter *writer, MsExportView *view)
{
  ms_json_writer_key (writer, "totals");
  ms_json_writer_begin_object (writer);
  ms_json_add_totals (writer, view->trace, view->totals, view->n_tracked > 0);
  ms_json_writer_end_object (writer);
  ms_json_writer_key (writer, "domains");
  ms_json_writer_begin_object (writer);
  for (MsDomain d = 0; d < MS_N_DOMAINS; d++)
    if (ms_trace_has_domain (view->trace, d))
      {
        ms_json_writer_key (writer, ms_domain_to_string (d));
        ms_json_writer_begin_object (writer);
        ms_json_add_domain (writer, view, d);
        ms_json_writer_end_object (writer);
      }
  ms_json_writer_end_object (writer);
}

void
ms_dashboard_data_write (MsJsonWriter *writer,
                         MsExportView *view,
                         const MsDashboardLimits *limits,
                         const MsLanguage *language)
{
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "version", 1);
  ms_json_writer_add_string (writer, "generator", "memscope " MEMSCOPE_VERSION);
  ms_json_writer_add_boolean (writer, "memory_recorded", view->n_tracked > 0);
  ms_json_add_trace (writer, "trace", view);
  ms_json_add_diagnostics (writer, "diagnostics", view->trace, view->redact);
  ms_json_writer_key (writer, "not_measured");
  ms_not_measured_write_all (writer, view);
  ms_json_add_findings (writer, "findings", view->findings, language);
  add_domains (writer, view);
  ms_mappings_json_add_short (writer, view, limits->name_chars);
  add_window (writer, view);
  ms_json_writer_add_string (writer, "part", view->part);
  add_process_series (writer, view);
  add_threads (writer, view, limits);
  ms_dashboard_verdicts_write (writer, view, MIN (view->threads->len, limits->threads),
                               MIN (view->threads->len, DETAILED), language);
  ms_dashboard_timeline_write (writer, view, BINS, MIN (view->threads->len, limits->sampled),
                               limits->threads / 2);
  ms_dashboard_stacks_write (writer, view, limits);
  ms_json_writer_end_object (writer);
}
