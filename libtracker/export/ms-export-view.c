/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-export-view.h"

guint64
ms_stack_metric_get (const MsTotals *totals, MsStackMetric metric)
{
  switch (metric)
    {
    case MS_STACK_PEAK:
      return totals->bytes_at_process_peak;
    case MS_STACK_BYTES:
      return totals->allocated_bytes;
    case MS_STACK_CALLS:
      return totals->allocations;
    case MS_STACK_LEAKED:
      return totals->leaked_bytes;
    case MS_STACK_TEMPORARY:
      return totals->temporary_allocations;
    case MS_N_STACK_METRICS:
      break;
    }
  g_return_val_if_reached (0);
}

double
ms_stack_metrics_weight (const guint64 *values, const guint64 *sums)
{
  double weight = 0;

  for (guint m = 0; m < MS_N_STACK_METRICS; m++)
    if (sums[m] > 0)
      weight = MAX (weight, (double) values[m] / (double) sums[m]);
  return weight;
}

static int
compare_threads (gconstpointer a, gconstpointer b)
{
  const MsExportThread *x = a, *y = b;

  if (x->totals->peak_bytes != y->totals->peak_bytes)
    return x->totals->peak_bytes > y->totals->peak_bytes ? -1 : 1;
  if (x->totals->allocated_bytes != y->totals->allocated_bytes)
    return x->totals->allocated_bytes > y->totals->allocated_bytes ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

static int
compare_stacks (gconstpointer a, gconstpointer b)
{
  const MsExportStack *x = a, *y = b;

  if (x->weight < y->weight || x->weight > y->weight)
    return x->weight > y->weight ? -1 : 1;
  return x->stack < y->stack ? -1 : x->stack > y->stack;
}

static void
add_threads (MsExportView *self)
{
  guint n = ms_trace_get_n_threads (self->trace);

  for (guint i = 0; i < n; i++)
    {
      MsThread *thread = ms_trace_get_thread (self->trace, i);
      gint64 end_ns = ms_thread_get_end_ns (thread);
      const MsThreadResources *resources = &self->resources->threads[i];
      MsExportThread entry = {
        .thread = thread,
        .totals = ms_thread_get_totals (thread, self->domain),
        .id = ms_thread_get_id (thread),
        .index = i,
        .scores = &g_array_index (self->scores, MsThreadScores, i),
        .resources = resources,
        .cpu_ns = resources->cpu_ns.known ? (gint64) resources->cpu_ns.value : -1,
        .role = ms_role_of_thread (self->trace, thread, resources, self->settings),
        .alert = ms_alert_of_thread (self->trace, thread, resources, self->settings),
        .allocated_bytes_per_second = ms_thread_allocation_rate (self->trace, thread),
      };

      if (end_ns == MS_TIME_NONE)
        end_ns = self->duration_ns;
      entry.life_ns = MAX (0, end_ns - ms_thread_get_start_ns (thread));
      self->n_tracked += ms_thread_is_tracked (thread) != FALSE;
      g_array_append_val (self->threads, entry);
    }
  g_array_sort (self->threads, compare_threads);
}

static void
add_stacks (MsExportView *self)
{
  guint n = ms_trace_get_n_stacks (self->trace);

  for (guint s = 0; s < n; s++)
    {
      MsExportStack entry = {
        .stack = s,
        .totals = ms_trace_get_stack_totals (self->trace, s, self->domain),
      };

      if (entry.totals->allocations == 0)
        continue;
      for (guint m = 0; m < MS_N_STACK_METRICS; m++)
        self->stack_sums[m] += ms_stack_metric_get (entry.totals, m);
      g_array_append_val (self->stacks, entry);
    }

  for (guint i = 0; i < self->stacks->len; i++)
    {
      MsExportStack *entry = &g_array_index (self->stacks, MsExportStack, i);
      guint64 values[MS_N_STACK_METRICS];

      for (guint m = 0; m < MS_N_STACK_METRICS; m++)
        values[m] = ms_stack_metric_get (entry->totals, m);
      entry->weight = ms_stack_metrics_weight (values, self->stack_sums);
    }
  g_array_sort (self->stacks, compare_stacks);
}

static gboolean
add_verdicts (MsExportView *self, GCancellable *cancellable, GError **error)
{
  MsAnalysisSettings settings;

  ms_analysis_settings_init (&settings);
  if (self->settings != NULL)
    settings = *self->settings;
  settings.leak_spares_libraries =
      0; /* sums of leaks and of young blocks are all that is exported */
  self->findings =
      ms_findings_new (self->view, self->domain, self->names, self->settings, cancellable);
  self->bottlenecks =
      ms_bottlenecks_of_process (self->view, &self->resources->process, &self->resources->system,
                                 self->resources->threads, self->settings);
  self->anomalies =
      ms_anomalies_new (self->view, self->domain, self->resources->threads, self->settings);
  self->headline = ms_headline_new (self->view, self->domain, self->names, cancellable);
  self->leaks =
      ms_leak_report_new (self->view, self->domain, NULL, NULL, &settings, cancellable, error);
  return self->leaks != NULL && !g_cancellable_set_error_if_cancelled (cancellable, error);
}

MsExportView *
ms_export_view_new (MsTrace *trace,
                    MsNameResolver *resolver,
                    const MsAnalysisSettings *settings,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (MsExportView) self = g_new0 (MsExportView, 1);

  self->trace = g_object_ref (trace);
  self->settings = settings;
  self->domain = ms_trace_get_main_domain (trace);
  self->totals = ms_trace_get_totals (trace, self->domain);
  self->duration_ns = MAX (0, ms_trace_get_duration_ns (trace));
  self->threads = g_array_new (FALSE, FALSE, sizeof (MsExportThread));
  self->stacks = g_array_new (FALSE, FALSE, sizeof (MsExportStack));
  self->names = ms_frame_names_new (trace, resolver, cancellable, error);
  self->view = self->names != NULL ? ms_view_new (trace, NULL, cancellable, error) : NULL;
  if (self->view == NULL)
    return NULL;
  self->resources = ms_resource_join_new (self->view);
  self->scores =
      ms_thread_scores_new (self->view, self->domain, self->resources->threads, settings);
  add_threads (self);
  add_stacks (self);
  if (!add_verdicts (self, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
ms_export_view_free (MsExportView *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  g_clear_pointer (&self->bottlenecks, ms_bottleneck_report_free);
  g_clear_pointer (&self->anomalies, g_ptr_array_unref);
  g_clear_pointer (&self->headline, ms_headline_free);
  g_clear_pointer (&self->leaks, ms_leak_report_free);
  g_clear_pointer (&self->scores, g_array_unref);
  g_clear_pointer (&self->resources, ms_resource_join_free);
  g_clear_object (&self->view);
  g_clear_pointer (&self->names, ms_frame_names_unref);
  g_array_unref (self->threads);
  g_array_unref (self->stacks);
  g_object_unref (self->trace);
  g_free (self);
}
