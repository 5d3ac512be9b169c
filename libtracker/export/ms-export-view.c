/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-export-view.h"

#include <math.h>

#include "ms-redaction.h"

/* Threads of a part whose own peak is looked for: each takes a scan. */
#define MOST_PEAKS 256

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

/* One that is not known is no more than what is. */
static guint64
known_peak (const MsTotals *totals)
{
  return totals->peak_bytes == MS_EXPORT_UNKNOWN ? totals->bytes_at_process_peak
                                                 : totals->peak_bytes;
}

static int
compare_threads (gconstpointer a, gconstpointer b)
{
  const MsExportThread *x = a, *y = b;

  if (known_peak (x->totals) != known_peak (y->totals))
    return known_peak (x->totals) > known_peak (y->totals) ? -1 : 1;
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

/* --- what a part needs besides --------------------------------------------------------------------- */

static int
compare_weight (gconstpointer a, gconstpointer b, gpointer array)
{
  const MsTotals *all = array;
  const MsTotals *x = &all[*(const guint *) a], *y = &all[*(const guint *) b];
  guint64 weight_x = x->allocated_bytes + x->live_bytes_at_start;
  guint64 weight_y = y->allocated_bytes + y->live_bytes_at_start;

  return weight_x > weight_y ? -1 : weight_x < weight_y;
}

/* A stretch's highest is exact, so one stretch is enough. */
static void
find_thread_peaks (MsExportView *self, MsTotals *all, guint n)
{
  g_autofree guint *order = g_new (guint, n + 1);

  for (guint i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (gint) n, sizeof *order, compare_weight, all);
  for (guint k = 0; k < n; k++)
    {
      MsTotals *t = &all[order[k]];

      t->peak_time_ns = MS_TIME_NONE;
      t->standard_errors.peak_bytes = NAN;
      t->standard_errors.bytes_at_process_peak = NAN;
      t->peak_bytes = MS_EXPORT_UNKNOWN;
      if (t->allocated_bytes + t->live_bytes_at_start == 0)
        t->peak_bytes = 0;
      else if (k < MOST_PEAKS)
        ms_view_get_live_series (self->view, ms_trace_get_thread (self->trace, order[k]),
                                 self->domain, 1, &t->peak_bytes, NULL);
    }
}

static gboolean
complete_part (MsExportView *self, GCancellable *cancellable, GError **error)
{
  guint n_threads = ms_trace_get_n_threads (self->trace);
  guint n_stacks = ms_trace_get_n_stacks (self->trace);
  gboolean has_live = ms_trace_why_no_live (self->trace) == NULL;
  const MsPeak *peak =
      has_live ? ms_view_find_peak (self->view, self->domain, cancellable, error) : NULL;

  if (peak == NULL)
    return !has_live;
  self->own_totals = *self->totals;
  ms_export_view_set_peak (&self->own_totals, peak);
  self->totals = &self->own_totals;
  self->thread_totals = g_array_sized_new (FALSE, TRUE, sizeof (MsTotals), MAX (n_threads, 1));
  self->stack_totals = g_array_sized_new (FALSE, TRUE, sizeof (MsTotals), MAX (n_stacks, 1));
  for (guint i = 0; i < n_threads; i++)
    {
      MsTotals totals = *ms_view_get_thread_totals (self->view, i, self->domain);

      totals.bytes_at_process_peak = peak->thread_bytes[i];
      g_array_append_val (self->thread_totals, totals);
    }
  for (guint s = 0; s < n_stacks; s++)
    {
      MsTotals totals = *ms_view_get_stack_totals (self->view, s, self->domain);

      totals.bytes_at_process_peak = peak->stack_bytes[s];
      totals.peak_bytes = MS_EXPORT_UNKNOWN;
      totals.standard_errors.peak_bytes = totals.standard_errors.bytes_at_process_peak = NAN;
      g_array_append_val (self->stack_totals, totals);
    }
  find_thread_peaks (self, (MsTotals *) (gpointer) self->thread_totals->data, n_threads);
  return TRUE;
}

void
ms_export_view_set_peak (MsTotals *totals, const MsPeak *peak)
{
  totals->peak_bytes = totals->bytes_at_process_peak = peak->bytes;
  totals->peak_time_ns = peak->time_ns;
  totals->standard_errors.peak_bytes = totals->standard_errors.bytes_at_process_peak =
      peak->standard_error;
}

const MsTotals *
ms_export_view_get_thread_totals (MsExportView *self, guint index)
{
  return self->thread_totals != NULL ? &g_array_index (self->thread_totals, MsTotals, index)
                                     : ms_view_get_thread_totals (self->view, index, self->domain);
}

const MsTotals *
ms_export_view_get_stack_totals (MsExportView *self, guint stack)
{
  return self->stack_totals != NULL ? &g_array_index (self->stack_totals, MsTotals, stack)
                                    : ms_view_get_stack_totals (self->view, stack, self->domain);
}

/* Whether the part is of this thread: it was asked for, or lived in that time. */
static gboolean
is_in_part (MsExportView *self, MsThread *thread, gint64 life_ns)
{
  MsFilter *filter = ms_view_get_filter (self->view);
  guint n;

  if (!ms_view_is_filtered (self->view))
    return TRUE;
  if (filter != NULL && ms_filter_get_threads (filter, &n) != NULL)
    return ms_filter_has_thread (filter, ms_thread_get_id (thread));
  return life_ns > 0;
}

/* --- rows --------------------------------------------------------------------------------------- */

static void
add_thread (MsExportView *self, guint i, const MsThreadResources *of_life)
{
  MsThread *thread = ms_trace_get_thread (self->trace, i);
  gint64 start_ns = ms_thread_get_start_ns (thread), end_ns = ms_thread_get_end_ns (thread);
  const MsThreadResources *resources = &self->resources->threads[i];
  MsExportThread entry = {
    .thread = thread,
    .totals = ms_export_view_get_thread_totals (self, i),
    .id = ms_thread_get_id (thread),
    .index = i,
    .scores = &g_array_index (self->scores, MsThreadScores, i),
    .resources = resources,
    .cpu_ns = resources->cpu_ns.known ? (gint64) resources->cpu_ns.value : -1,
    .role = ms_role_of_thread (self->trace, thread, &of_life[i], self->settings),
    .alert = ms_alert_of_thread (self->trace, thread, &of_life[i], self->settings),
  };

  if (end_ns == MS_TIME_NONE)
    end_ns = self->duration_ns;
  end_ns = MIN (end_ns, ms_view_get_end_ns (self->view));
  start_ns = MAX (start_ns, ms_view_get_start_ns (self->view));
  entry.life_ns = MAX (0, end_ns - start_ns);
  if (!is_in_part (self, thread, entry.life_ns))
    return;
  if (!ms_view_is_filtered (self->view))
    entry.allocated_bytes_per_second = ms_thread_allocation_rate (self->trace, thread);
  else if (entry.life_ns > 0)
    entry.allocated_bytes_per_second =
        (double) entry.totals->allocated_bytes * 1e9 / (double) entry.life_ns;
  self->n_tracked += ms_thread_is_tracked (thread) != FALSE;
  g_array_append_val (self->threads, entry);
}

/* Roles and alerts are of whole lives, whatever the part. */
static void
add_threads (MsExportView *self)
{
  g_autoptr (MsView) whole = NULL;
  g_autoptr (MsResourceJoin) life = NULL;

  if (ms_view_is_filtered (self->view))
    {
      whole = ms_view_new (self->trace, NULL, NULL, NULL); /* which costs nothing and cannot fail */
      life = ms_resource_join_new (whole);
    }
  for (guint i = 0; i < ms_trace_get_n_threads (self->trace); i++)
    add_thread (self, i, life != NULL ? life->threads : self->resources->threads);
  g_array_sort (self->threads, compare_threads);
}

static void
add_stacks (MsExportView *self)
{
  guint n = ms_trace_get_n_stacks (self->trace);

  for (guint s = 0; s < n; s++)
    {
      MsExportStack entry = { .stack = s, .totals = ms_export_view_get_stack_totals (self, s) };

      if (entry.totals->allocations == 0 && entry.totals->bytes_at_process_peak == 0)
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
add_verdicts (MsExportView *self,
              MsNameResolver *resolver,
              GCancellable *cancellable,
              GError **error)
{
  self->findings = ms_findings_new (self->view, self->domain, self->names,
                                    &self->resources->process, self->settings, cancellable);
  self->bottlenecks =
      ms_bottlenecks_of_process (self->view, &self->resources->process, &self->resources->system,
                                 self->resources->threads, self->settings);
  self->anomalies =
      ms_anomalies_new (self->view, self->domain, self->resources->threads, self->settings);
  self->headline = ms_headline_new (self->view, self->domain, self->names, cancellable);
  self->leaks = ms_leak_report_new (self->view, self->domain, NULL, resolver, self->settings,
                                    cancellable, error);
  return self->leaks != NULL && !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gboolean
add_names (MsExportView *self, MsNameResolver *resolver, GCancellable *cancellable, GError **error)
{
  self->names = self->redact
                    ? ms_frame_names_new_redacted (self->trace, resolver, cancellable, error)
                    : ms_frame_names_new (self->trace, resolver, cancellable, error);
  self->program =
      self->redact ? g_strdup (MS_REDACTED_PROGRAM) : g_strdup (ms_trace_get_program (self->trace));
  self->arguments = ms_redaction_dup_arguments (self->trace, self->redact);
  return self->names != NULL;
}

MsExportView *
ms_export_view_new (MsTrace *trace,
                    const MsExportOptions *options,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (MsExportView) self = g_new0 (MsExportView, 1);

  self->trace = g_object_ref (trace);
  self->settings = options->settings;
  self->part = options->part;
  self->redact = options->redact;
  self->language = options->language;
  self->domain = ms_trace_get_main_domain (trace);
  self->duration_ns = MAX (0, ms_trace_get_duration_ns (trace));
  self->threads = g_array_new (FALSE, FALSE, sizeof (MsExportThread));
  self->stacks = g_array_new (FALSE, FALSE, sizeof (MsExportStack));
  self->view = ms_view_new (trace, options->filter, cancellable, error);
  if (self->view == NULL || !add_names (self, options->resolver, cancellable, error))
    return NULL;
  self->length_ns = MAX (0, ms_view_get_end_ns (self->view) - ms_view_get_start_ns (self->view));
  self->totals = ms_view_get_totals (self->view, self->domain);
  if (ms_view_is_filtered (self->view) && !complete_part (self, cancellable, error))
    return NULL;
  self->resources = ms_resource_join_new (self->view);
  if (self->redact)
    ms_redaction_apply_to_devices (self->resources);
  self->scores =
      ms_thread_scores_new (self->view, self->domain, self->resources->threads, self->settings);
  add_threads (self);
  add_stacks (self);
  if (!add_verdicts (self, options->resolver, cancellable, error))
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
  g_clear_pointer (&self->thread_totals, g_array_unref);
  g_clear_pointer (&self->stack_totals, g_array_unref);
  g_clear_pointer (&self->arguments, g_strfreev);
  g_clear_pointer (&self->program, g_free);
  g_clear_object (&self->view);
  g_clear_pointer (&self->names, ms_frame_names_unref);
  g_array_unref (self->threads);
  g_array_unref (self->stacks);
  g_object_unref (self->trace);
  g_free (self);
}
