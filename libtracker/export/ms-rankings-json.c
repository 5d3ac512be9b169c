/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A ranking is {"available", "reason", "order", "entries"}: entries in falling order of the figure
 * that `order` names, or null beside a reason.
 *
 *   memory_rankings   peak_bytes                every tracked thread
 *   thread_rankings   allocated_bytes           every tracked thread
 *   cpu_rankings      cpu_time_ns               threads that were sampled, or reported it when they ended
 *   gpu_rankings      busy_percent              GPUs
 *
 * performance_rankings has one of each figure of MsPerformance that was measured, with its leaders only.
 */
#include "ms-rankings-json.h"

#include <math.h>
#include "ms-json-figures.h"
#include "ms-not-measured.h"
#include "ms-verdicts-json.h"

#define LEADERS 100

static void
begin_ranking (MsJsonWriter *writer, const char *key, const char *order)
{
  ms_json_writer_key (writer, key);
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_boolean (writer, "available", TRUE);
  ms_json_writer_add_string (writer, "order", order);
  ms_json_writer_key (writer, "entries");
  ms_json_writer_begin_array (writer);
}

static void
end_ranking (MsJsonWriter *writer)
{
  ms_json_writer_end_array (writer);
  ms_json_writer_end_object (writer);
}

static void
add_absent_ranking (MsJsonWriter *writer, MsExportView *view, const char *key, MsNotMeasured what)
{
  ms_json_writer_key (writer, key);
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_boolean (writer, "available", FALSE);
  ms_json_writer_add_string (writer, "reason", ms_not_measured_reason (view, what));
  ms_json_writer_add_null (writer, "entries");
  ms_json_writer_end_object (writer);
}

static void
begin_entry (MsJsonWriter *writer, guint rank, const MsExportThread *t)
{
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "rank", rank);
  ms_json_writer_add_uint (writer, "thread_id", t->id);
  ms_json_writer_add_int (writer, "tid", ms_thread_get_tid (t->thread));
  ms_json_writer_add_string (writer, "name", ms_thread_get_name (t->thread));
}

static double
share (guint64 part, guint64 whole)
{
  return whole > 0 ? (double) part / (double) whole : NAN;
}

static int
compare_allocated (gconstpointer a, gconstpointer b)
{
  const MsExportThread *x = *(const MsExportThread *const *) a,
                       *y = *(const MsExportThread *const *) b;

  if (x->totals->allocated_bytes != y->totals->allocated_bytes)
    return x->totals->allocated_bytes > y->totals->allocated_bytes ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

static int
compare_cpu (gconstpointer a, gconstpointer b)
{
  const MsExportThread *x = *(const MsExportThread *const *) a,
                       *y = *(const MsExportThread *const *) b;

  double left = x->resources->cpu_ns.value, right = y->resources->cpu_ns.value;

  if (left > right || left < right)
    return left > right ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

/* The tracked threads, or those whose processor time is known, in the order of @compare. */
static GPtrArray *
sorted_threads (MsExportView *view, gboolean with_cpu, GCompareFunc compare)
{
  GPtrArray *sorted = g_ptr_array_new ();

  for (guint i = 0; i < view->threads->len; i++)
    {
      MsExportThread *t = &g_array_index (view->threads, MsExportThread, i);

      if (with_cpu ? t->resources->cpu_ns.known : ms_thread_is_tracked (t->thread))
        g_ptr_array_add (sorted, t);
    }
  if (compare)
    g_ptr_array_sort (sorted, compare);
  return sorted;
}

static void
add_memory_ranking (MsJsonWriter *writer, MsExportView *view)
{
  g_autoptr (GPtrArray) threads = sorted_threads (view, FALSE, NULL);

  begin_ranking (writer, "memory_rankings", "peak_bytes");
  for (guint i = 0; i < threads->len; i++)
    {
      const MsExportThread *t = g_ptr_array_index (threads, i);
      const MsStandardErrors *errors = &t->totals->standard_errors;

      begin_entry (writer, i + 1, t);
      ms_json_writer_add_string (writer, "role", ms_role_to_string (t->role));
      ms_json_writer_add_string (writer, "alert", ms_alert_to_string (t->alert));
      ms_json_add_estimate (writer, view->trace, "peak_bytes", t->totals->peak_bytes,
                            errors->peak_bytes);
      ms_json_writer_add_time (writer, "peak_time_ns", t->totals->peak_time_ns);
      ms_json_add_estimate (writer, view->trace, "bytes_at_process_peak",
                            t->totals->bytes_at_process_peak, errors->bytes_at_process_peak);
      ms_json_writer_add_double (writer, "share_of_process_peak",
                                 share (t->totals->bytes_at_process_peak,
                                        view->totals->peak_bytes));
      ms_json_add_estimate (writer, view->trace, "leaked_bytes", t->totals->leaked_bytes,
                            errors->live_bytes);
      ms_json_writer_end_object (writer);
    }
  end_ranking (writer);
}

static void
add_thread_ranking (MsJsonWriter *writer, MsExportView *view)
{
  g_autoptr (GPtrArray) threads = sorted_threads (view, FALSE, compare_allocated);

  begin_ranking (writer, "thread_rankings", "allocated_bytes");
  for (guint i = 0; i < threads->len; i++)
    {
      const MsExportThread *t = g_ptr_array_index (threads, i);
      const MsStandardErrors *errors = &t->totals->standard_errors;

      begin_entry (writer, i + 1, t);
      ms_json_add_estimate (writer, view->trace, "allocated_bytes", t->totals->allocated_bytes,
                            errors->allocated_bytes);
      ms_json_add_estimate (writer, view->trace, "allocations", t->totals->allocations,
                            errors->allocations);
      ms_json_add_estimate (writer, view->trace, "deallocations", t->totals->deallocations,
                            errors->deallocations);
      ms_json_writer_add_double (writer, "allocated_bytes_per_second",
                                 t->allocated_bytes_per_second);
      ms_json_writer_add_int (writer, "life_ns", t->life_ns);
      ms_json_writer_end_object (writer);
    }
  end_ranking (writer);
}

static void
add_cpu_ranking (MsJsonWriter *writer, MsExportView *view)
{
  g_autoptr (GPtrArray) threads = sorted_threads (view, TRUE, compare_cpu);

  if (threads->len == 0)
    {
      add_absent_ranking (writer, view, "cpu_rankings", MS_NOT_MEASURED_CPU);
      return;
    }
  begin_ranking (writer, "cpu_rankings", "cpu_time_ns");
  for (guint i = 0; i < threads->len; i++)
    {
      const MsExportThread *t = g_ptr_array_index (threads, i);

      begin_entry (writer, i + 1, t);
      ms_json_writer_add_int (writer, "cpu_time_ns", (gint64) t->resources->cpu_ns.value);
      ms_json_writer_add_double (writer, "cpu_percent_of_life",
                                 t->resources->cpu_percent.known ? t->resources->cpu_percent.value
                                                                 : NAN);
      ms_json_writer_add_double (writer, "cpu_percent_peak",
                                 t->resources->cpu_percent_peak.known
                                     ? t->resources->cpu_percent_peak.value
                                     : NAN);
      ms_json_writer_end_object (writer);
    }
  end_ranking (writer);
}

static int
compare_gpus (gconstpointer a, gconstpointer b)
{
  const MsDeviceUse *x = a, *y = b;

  if (x->busy_percent.value > y->busy_percent.value
      || x->busy_percent.value < y->busy_percent.value)
    return x->busy_percent.value > y->busy_percent.value ? -1 : 1;
  return x->source < y->source ? -1 : x->source > y->source;
}

/* GPUs, as nobody says which thread used one. */
static void
add_gpu_ranking (MsJsonWriter *writer, MsExportView *view)
{
  g_autoptr (GArray) gpus = g_array_copy (view->resources->gpus);

  if (gpus->len == 0)
    {
      add_absent_ranking (writer, view, "gpu_rankings", MS_NOT_MEASURED_GPU);
      return;
    }
  g_array_sort (gpus, compare_gpus);
  begin_ranking (writer, "gpu_rankings", "busy_percent");
  for (guint i = 0; i < gpus->len; i++)
    {
      const MsDeviceUse *gpu = &g_array_index (gpus, MsDeviceUse, i);

      ms_json_writer_begin_object (writer);
      ms_json_writer_add_uint (writer, "rank", i + 1);
      ms_json_writer_add_uint (writer, "number", gpu->number);
      ms_json_writer_add_string (writer, "name", gpu->name);
      ms_json_writer_add_double (writer, "busy_percent",
                                 gpu->busy_percent.known ? gpu->busy_percent.value : NAN);
      ms_json_writer_add_double (writer, "memory_used_bytes",
                                 gpu->memory_used_bytes.known ? gpu->memory_used_bytes.value : NAN);
      ms_json_writer_add_double (writer, "memory_total_bytes",
                                 gpu->memory_total_bytes.known ? gpu->memory_total_bytes.value
                                                               : NAN);
      ms_json_writer_end_object (writer);
    }
  end_ranking (writer);
}

/* That of the first thread of the view. */
static const char *
reason_of_none (MsView *view, const GArray *scores, MsPerformance kind)
{
  for (guint i = 0; i < scores->len; i++)
    {
      const MsThreadScores *entry = &g_array_index (scores, MsThreadScores, i);

      if (ms_filter_has_thread (ms_view_get_filter (view), entry->thread_id))
        return ms_thread_scores_get (entry, kind).reason;
    }
  return "there are no threads";
}

static void
add_leader (MsJsonWriter *writer,
            MsTrace *trace,
            guint index,
            const MsThreadScores *scores,
            MsPerformance kind,
            guint rank)
{
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "rank", rank);
  ms_json_writer_add_uint (writer, "thread_id", scores->thread_id);
  ms_json_writer_add_string (writer, "name",
                             ms_thread_get_name (ms_trace_get_thread (trace, index)));
  ms_json_writer_add_double (writer, "value", ms_thread_scores_get (scores, kind).value);
  ms_json_writer_end_object (writer);
}

/* Of those in the view; the ones whose figure is known come first in @order. */
static guint
count_in_view (MsView *view, const GArray *scores, const guint *order, guint n)
{
  guint n_in = 0;

  for (guint i = 0; i < n; i++)
    n_in += ms_filter_has_thread (ms_view_get_filter (view),
                                  g_array_index (scores, MsThreadScores, order[i]).thread_id);
  return n_in;
}

static void
add_performance (MsJsonWriter *writer, MsView *view, const GArray *scores, MsPerformance kind)
{
  guint n_ranked = 0, rank = 0;
  g_autofree guint *order = ms_rank_performance (scores, kind, &n_ranked);
  guint n_known = count_in_view (view, scores, order, n_ranked);
  guint n_all = count_in_view (view, scores, order, scores->len);

  ms_json_writer_key (writer, ms_performance_to_string (kind));
  ms_json_writer_begin_object (writer);
  ms_json_writer_add_boolean (writer, "available", n_known > 0);
  if (n_known == 0)
    {
      ms_json_writer_add_string (writer, "reason", reason_of_none (view, scores, kind));
      ms_json_writer_add_null (writer, "entries");
      ms_json_writer_end_object (writer);
      return;
    }
  ms_json_writer_add_string (writer, "unit", ms_performance_get_unit (kind));
  ms_json_writer_key (writer, "entries");
  ms_json_writer_begin_array (writer);
  for (guint i = 0; i < n_ranked && rank < LEADERS; i++)
    {
      const MsThreadScores *entry = &g_array_index (scores, MsThreadScores, order[i]);

      if (ms_filter_has_thread (ms_view_get_filter (view), entry->thread_id))
        add_leader (writer, ms_view_get_trace (view), order[i], entry, kind, ++rank);
    }
  ms_json_writer_end_array (writer);
  ms_json_writer_add_uint (writer, "other_threads", n_known - rank);
  ms_json_writer_add_uint (writer, "unknown_threads", n_all - n_known);
  ms_json_writer_end_object (writer);
}

void
ms_rankings_add_performance (MsJsonWriter *writer, MsView *view, const GArray *scores)
{
  ms_json_writer_key (writer, "performance_rankings");
  ms_json_writer_begin_object (writer);
  for (guint kind = 0; kind < MS_N_PERFORMANCES; kind++)
    add_performance (writer, view, scores, kind);
  ms_json_writer_end_object (writer);
}

void
ms_rankings_write_lists (MsJsonWriter *writer, MsExportView *view)
{
  ms_json_writer_begin_object (writer);
  add_cpu_ranking (writer, view);
  add_gpu_ranking (writer, view);
  add_memory_ranking (writer, view);
  add_thread_ranking (writer, view);
  ms_rankings_add_performance (writer, view->view, view->scores);
  ms_json_writer_end_object (writer);
}

void
ms_rankings_write_summary (MsJsonWriter *writer, MsExportView *view)
{
  guint roles[MS_N_ROLES] = { 0 }, alerts[MS_ALERT_HIGH + 1] = { 0 };

  for (guint i = 0; i < view->threads->len; i++)
    {
      const MsExportThread *t = &g_array_index (view->threads, MsExportThread, i);

      if (!ms_thread_is_tracked (t->thread))
        continue;
      roles[t->role]++;
      alerts[t->alert]++;
    }

  ms_json_writer_begin_object (writer);
  ms_json_add_totals (writer, view->trace, view->totals, view->n_tracked > 0);
  ms_json_writer_add_uint (writer, "threads", view->threads->len);
  ms_json_writer_add_uint (writer, "tracked_threads", view->n_tracked);
  ms_json_writer_add_uint (writer, "call_stacks", view->stacks->len);
  ms_json_writer_add_int (writer, "duration_ns", view->duration_ns);
  ms_json_writer_key (writer, "threads_by_role");
  ms_json_writer_begin_object (writer);
  for (guint r = 0; r < MS_N_ROLES; r++)
    ms_json_writer_add_uint (writer, ms_role_to_string ((MsRole) r), roles[r]);
  ms_json_writer_end_object (writer);
  ms_json_writer_key (writer, "threads_by_alert");
  ms_json_writer_begin_object (writer);
  for (guint a = 0; a < G_N_ELEMENTS (alerts); a++)
    ms_json_writer_add_uint (writer, ms_alert_to_string ((MsAlert) a), alerts[a]);
  ms_json_writer_end_object (writer);
  ms_json_writer_end_object (writer);
}

void
ms_rankings_write_insights (MsJsonWriter *writer, MsExportView *view)
{
  const GPtrArray *verdicts = view->bottlenecks->verdicts;
  const MsVerdict *first = verdicts->len > 0 ? g_ptr_array_index (verdicts, 0) : NULL;

  ms_json_writer_begin_object (writer);
  ms_verdicts_json_add_headline (writer, view->headline, NULL);
  ms_json_add_findings (writer, "findings", view->findings, NULL);
  ms_json_writer_add_string (writer, "primary_bottleneck",
                             first != NULL ? ms_bottleneck_to_string (first->kind) : NULL);
  ms_verdicts_json_add_bottlenecks (writer, view->bottlenecks);
  ms_verdicts_json_add_anomalies (writer, view->anomalies, NULL);
  ms_verdicts_json_add_score_parts (writer, view->scores);
  ms_json_writer_add_null (writer, "cpu_efficiency");
  ms_json_writer_add_null (writer, "memory_efficiency");
  ms_json_writer_add_string (writer, "reason",
                             "efficiency is of a thread: performance_rankings has those of all");
  ms_json_writer_end_object (writer);
}

void
ms_rankings_write (MsJsonWriter *writer, MsExportView *view)
{
  g_autofree char *timestamp = ms_end_time_to_string (view);

  ms_json_writer_begin_object (writer);
  ms_json_writer_add_uint (writer, "schema_version", 1);
  ms_json_writer_add_string (writer, "generator", "memscope " MEMSCOPE_VERSION);
  ms_json_writer_add_string (writer, "timestamp", timestamp);
  ms_json_add_trace (writer, "trace", view);
  ms_json_writer_key (writer, "summary");
  ms_rankings_write_summary (writer, view);
  add_cpu_ranking (writer, view);
  add_gpu_ranking (writer, view);
  add_memory_ranking (writer, view);
  add_thread_ranking (writer, view);
  ms_rankings_add_performance (writer, view->view, view->scores);
  ms_json_writer_key (writer, "performance_insights");
  ms_rankings_write_insights (writer, view);
  ms_json_writer_end_object (writer);
}
