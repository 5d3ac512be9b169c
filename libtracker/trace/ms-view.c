/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-trace-private.h"
#include "ms-view-private.h"

G_DEFINE_FINAL_TYPE (MsView, ms_view, G_TYPE_OBJECT)

static void
domain_clear (MsViewDomain *self, guint n_threads)
{
  g_free (self->threads);
  g_free (self->stacks);
  g_free (self->interactions);
  g_free (self->size_bins);
  g_free (self->lifetime_bins);
  g_free (self->size_errors);
  g_free (self->lifetime_errors);
  g_free (self->growth);
  g_free ((gpointer) self->peak.thread_bytes);
  g_free ((gpointer) self->peak.stack_bytes);
  g_free ((gpointer) self->peak.thread_errors);
  g_free ((gpointer) self->peak.stack_errors);
  for (guint i = 0; self->thread_stacks != NULL && i < n_threads; i++)
    g_free (self->thread_stacks[i]);
  g_free (self->thread_stacks);
  g_free (self->n_thread_stacks);
  ms_view_series_clear (&self->series);
}

static void
ms_view_finalize (GObject *object)
{
  MsView *self = MS_VIEW (object);

  for (guint d = 0; d < MS_N_DOMAINS; d++)
    domain_clear (&self->domains[d], ms_trace_get_n_threads (self->trace));
  g_clear_pointer (&self->history, ms_history_unref);
  g_free (self->chosen);
  g_free (self->start_sums);
  g_free (self->end_sums);
  g_free (self->old_frees);
  g_free (self->sampled);
  g_free (self->mapped);
  g_free (self->mapped_numbers);
  g_clear_pointer (&self->filter, ms_filter_unref);
  g_clear_object (&self->trace);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->series_lock);

  G_OBJECT_CLASS (ms_view_parent_class)->finalize (object);
}

static void
ms_view_class_init (MsViewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_view_finalize;
}

static void
ms_view_init (MsView *self)
{
  g_mutex_init (&self->lock);
  g_mutex_init (&self->series_lock);
}

/* --- what is looked at --------------------------------------------------------------------------- */

/* Cuts the range to the trace.  FALSE: nothing is left of it. */
static gboolean
set_range (MsView *self, GError **error)
{
  gint64 from_ns = MS_TIME_NONE, to_ns = MS_TIME_NONE;
  gint64 duration_ns = ms_trace_get_duration_ns (self->trace);

  self->end_ns = duration_ns;
  self->to_end = TRUE;
  if (self->filter == NULL || !ms_filter_get_range (self->filter, &from_ns, &to_ns))
    return TRUE;
  if (from_ns != MS_TIME_NONE)
    self->start_ns = MAX (from_ns, 0);
  if (to_ns != MS_TIME_NONE && to_ns < duration_ns)
    {
      self->end_ns = to_ns;
      self->to_end = FALSE;
    }
  if (self->start_ns < self->end_ns || (self->start_ns == 0 && self->to_end))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               "nothing of the trace lies in the range from %.6f s to %.6f s: it is %.6f s long",
               (double) (from_ns == MS_TIME_NONE ? 0 : from_ns) / 1e9,
               (double) (to_ns == MS_TIME_NONE ? duration_ns : to_ns) / 1e9,
               (double) duration_ns / 1e9);
  return FALSE;
}

MsView *
ms_view_new (MsTrace *trace, MsFilter *filter, GCancellable *cancellable, GError **error)
{
  g_autoptr (MsView) self = NULL;
  guint n;

  g_return_val_if_fail (MS_IS_TRACE (trace), NULL);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  self = g_object_new (MS_TYPE_VIEW, NULL);
  self->trace = g_object_ref (trace);
  self->filter = filter ? ms_filter_ref (filter) : NULL;
  if (!set_range (self, error))
    return NULL;
  self->filtered = self->start_ns > 0 || !self->to_end
                   || (filter && ms_filter_get_threads (filter, &n) != NULL)
                   || (filter && ms_filter_get_stacks (filter, &n) != NULL);
  if (self->filtered && !ms_view_choose (self, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

MsTrace *
ms_view_get_trace (MsView *self)
{
  g_return_val_if_fail (MS_IS_VIEW (self), NULL);
  return self->trace;
}

MsFilter *
ms_view_get_filter (MsView *self)
{
  g_return_val_if_fail (MS_IS_VIEW (self), NULL);
  return self->filter;
}

gboolean
ms_view_is_filtered (MsView *self)
{
  g_return_val_if_fail (MS_IS_VIEW (self), FALSE);
  return self->filtered;
}

gint64
ms_view_get_start_ns (MsView *self)
{
  g_return_val_if_fail (MS_IS_VIEW (self), 0);
  return self->start_ns;
}

gint64
ms_view_get_end_ns (MsView *self)
{
  g_return_val_if_fail (MS_IS_VIEW (self), 0);
  return self->end_ns;
}

/* --- totals -------------------------------------------------------------------------------------- */

/* Of a filtered view: what is there of @domain, or NULL. */
static MsViewDomain *
find_domain (MsView *self, MsDomain domain)
{
  return self->domains[domain].threads ? &self->domains[domain] : NULL;
}

const MsTotals *
ms_view_get_totals (MsView *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS, &ms_no_totals);
  if (!self->filtered)
    return ms_trace_get_totals (self->trace, domain);
  return find_domain (self, domain) ? &self->domains[domain].totals : &ms_no_totals;
}

/* Locked. */
static void
need_interactions (MsView *self, MsDomain domain)
{
  if (self->domains[domain].interactions != NULL)
    return;
  ms_view_scan_interactions (self, domain);
  ms_view_fill_frees_made (self, domain);
}

const MsTotals *
ms_view_get_thread_totals (MsView *self, guint index, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS, &ms_no_totals);
  g_return_val_if_fail (index < ms_trace_get_n_threads (self->trace), &ms_no_totals);
  if (!self->filtered)
    return ms_thread_get_totals (ms_trace_get_thread (self->trace, index), domain);
  if (find_domain (self, domain) == NULL)
    return &ms_no_totals;
  g_mutex_lock (&self->lock);
  need_interactions (self, domain);
  g_mutex_unlock (&self->lock);
  return &self->domains[domain].threads[index];
}

const MsTotals *
ms_view_get_stack_totals (MsView *self, guint stack, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS, &ms_no_totals);
  g_return_val_if_fail (stack < ms_trace_get_n_stacks (self->trace), &ms_no_totals);
  if (!self->filtered)
    return ms_trace_get_stack_totals (self->trace, stack, domain);
  return find_domain (self, domain) ? &self->domains[domain].stacks[stack] : &ms_no_totals;
}

guint
ms_view_get_n_leaking_stacks (MsView *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS, 0);
  if (self->filtered)
    return self->domains[domain].n_leaking_stacks;
  return self->trace->domains[domain] ? self->trace->domains[domain]->n_leaking_stacks : 0;
}

const MsThreadStack *
ms_view_get_thread_stacks (MsView *self, MsThread *thread, MsDomain domain, guint *n_stacks)
{
  const MsThreadStack *stacks = NULL;
  guint index;

  g_return_val_if_fail (MS_IS_VIEW (self) && MS_IS_THREAD (thread) && domain < MS_N_DOMAINS, NULL);
  if (!self->filtered)
    return ms_trace_get_thread_stacks (self->trace, thread, domain, n_stacks);
  *n_stacks = 0;
  index = ms_view_index_of_thread (self, thread);
  g_return_val_if_fail (index != G_MAXUINT, NULL);
  if (find_domain (self, domain) == NULL)
    return NULL;
  g_mutex_lock (&self->lock);
  stacks = ms_view_list_thread_stacks (self, index, domain, n_stacks);
  g_mutex_unlock (&self->lock);
  return stacks;
}

/* --- over time ----------------------------------------------------------------------------------- */

void
ms_view_get_live_series (MsView *self,
                         MsThread *thread,
                         MsDomain domain,
                         guint n_bins,
                         guint64 *max,
                         guint64 *min)
{
  g_return_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS && max != NULL);
  if (self->filtered)
    ms_view_get_series (self, thread, domain, n_bins, max, min, NULL);
  else
    ms_trace_get_live_series (self->trace, thread, domain, n_bins, max, min);
}

void
ms_view_get_allocated_series (MsView *self,
                              MsThread *thread,
                              MsDomain domain,
                              guint n_bins,
                              guint64 *bytes)
{
  g_return_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS && bytes != NULL);
  if (self->filtered)
    ms_view_get_series (self, thread, domain, n_bins, NULL, NULL, bytes);
  else
    ms_trace_get_allocated_series (self->trace, thread, domain, n_bins, bytes);
}

void
ms_view_get_peak (MsView *self, MsDomain domain, guint64 *low, guint64 *high)
{
  g_return_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS && low != NULL && high != NULL);
  *low = *high = ms_trace_get_totals (self->trace, domain)->peak_bytes;
  if (!self->filtered || ms_trace_why_no_live (self->trace) != NULL)
    return;
  g_mutex_lock (&self->lock);
  if (!self->domains[domain].bounded)
    ms_view_bound_peak (self, domain);
  *low = self->domains[domain].peak_low;
  *high = self->domains[domain].peak_high;
  g_mutex_unlock (&self->lock);
}

/* What each of @n had; *@errors stays NULL where that is exact. */
static guint64 *
list_shares (MsView *self,
             guint n,
             const MsTotals *(*get_totals) (MsView *, guint, MsDomain),
             MsDomain domain,
             const double **errors)
{
  gboolean is_sampled = ms_trace_is_sampled (self->trace) && domain != MS_DOMAIN_MAPPING;
  double *of_parts = is_sampled ? g_new0 (double, n + 1) : NULL;
  guint64 *bytes = g_new0 (guint64, n + 1);

  for (guint i = 0; i < n; i++)
    {
      const MsTotals *totals = get_totals (self, i, domain);

      bytes[i] = totals->bytes_at_process_peak;
      if (is_sampled)
        of_parts[i] = totals->standard_errors.bytes_at_process_peak;
    }
  *errors = of_parts;
  return bytes;
}

static void
fill_whole_peak (MsView *self, MsDomain domain, MsPeak *peak)
{
  const MsTotals *totals = ms_trace_get_totals (self->trace, domain);

  peak->bytes = totals->peak_bytes;
  peak->standard_error = totals->standard_errors.peak_bytes;
  peak->time_ns = totals->peak_time_ns;
  peak->n_threads = ms_trace_get_n_threads (self->trace);
  peak->n_stacks = ms_trace_get_n_stacks (self->trace);
  peak->thread_bytes =
      list_shares (self, peak->n_threads, ms_view_get_thread_totals, domain, &peak->thread_errors);
  peak->stack_bytes =
      list_shares (self, peak->n_stacks, ms_view_get_stack_totals, domain, &peak->stack_errors);
}

const MsPeak *
ms_view_find_peak (MsView *self, MsDomain domain, GCancellable *cancellable, GError **error)
{
  gboolean found = TRUE;
  MsPeak *peak;

  g_return_val_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS, NULL);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (ms_trace_why_no_live (self->trace) != NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           ms_trace_why_no_live (self->trace));
      return NULL;
    }
  peak = &self->domains[domain].peak;
  g_mutex_lock (&self->lock);
  if (peak->thread_bytes == NULL && self->filtered)
    found = ms_view_scan_peak (self, domain, cancellable, error);
  else if (peak->thread_bytes == NULL)
    fill_whole_peak (self, domain, peak);
  g_mutex_unlock (&self->lock);
  return found ? peak : NULL;
}

/* --- who frees, how large, how long, how often moved --------------------------------------------- */

const MsInteraction *
ms_view_get_interactions (MsView *self, MsDomain domain, guint *n_interactions)
{
  g_return_val_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS && n_interactions != NULL, NULL);
  if (!self->filtered)
    return ms_trace_get_interactions (self->trace, domain, n_interactions);
  *n_interactions = 0;
  if (find_domain (self, domain) == NULL)
    return NULL;
  g_mutex_lock (&self->lock);
  need_interactions (self, domain);
  g_mutex_unlock (&self->lock);
  *n_interactions = self->domains[domain].n_interactions;
  return self->domains[domain].interactions;
}

/* Behind those before: of @thread, or of all, which come last. */
static gsize
find_bins (const MsView *self, MsThread *thread)
{
  guint index =
      thread ? ms_view_index_of_thread (self, thread) : ms_trace_get_n_threads (self->trace);

  return (gsize) index * MS_SIZE_BINS;
}

/* NULL: there are none. */
static const MsViewDomain *
need_histograms (MsView *self, MsThread *thread, MsDomain domain)
{
  if (find_domain (self, domain) == NULL)
    return NULL;
  g_return_val_if_fail (thread == NULL || ms_view_index_of_thread (self, thread) != G_MAXUINT,
                        NULL);
  g_mutex_lock (&self->lock);
  if (self->domains[domain].size_bins == NULL)
    ms_view_scan_histograms (self, domain);
  g_mutex_unlock (&self->lock);
  return &self->domains[domain];
}

const guint64 *
ms_view_get_size_histogram (MsView *self, MsThread *thread, MsDomain domain)
{
  const MsViewDomain *found;

  g_return_val_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS, NULL);
  if (!self->filtered)
    return thread ? ms_thread_get_size_histogram (thread, domain)
                  : ms_trace_get_size_histogram (self->trace, domain);
  found = need_histograms (self, thread, domain);
  return found ? found->size_bins + find_bins (self, thread) : NULL;
}

const guint64 *
ms_view_get_lifetime_histogram (MsView *self, MsThread *thread, MsDomain domain)
{
  const MsViewDomain *found;

  g_return_val_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS, NULL);
  if (!self->filtered)
    return thread ? ms_thread_get_lifetime_histogram (thread, domain)
                  : ms_trace_get_lifetime_histogram (self->trace, domain);
  if (domain == MS_DOMAIN_MAPPING)
    return NULL;
  found = need_histograms (self, thread, domain);
  return found ? found->lifetime_bins + find_bins (self, thread) : NULL;
}

const double *
ms_view_get_size_histogram_errors (MsView *self, MsThread *thread, MsDomain domain)
{
  const MsViewDomain *found;

  g_return_val_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS, NULL);
  if (!self->filtered)
    return thread ? ms_thread_get_size_histogram_errors (thread, domain)
                  : ms_trace_get_size_histogram_errors (self->trace, domain);
  found = need_histograms (self, thread, domain);
  return found && found->size_errors ? found->size_errors + find_bins (self, thread) : NULL;
}

const double *
ms_view_get_lifetime_histogram_errors (MsView *self, MsThread *thread, MsDomain domain)
{
  const MsViewDomain *found;

  g_return_val_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS, NULL);
  if (!self->filtered)
    return thread ? ms_thread_get_lifetime_histogram_errors (thread, domain)
                  : ms_trace_get_lifetime_histogram_errors (self->trace, domain);
  found = need_histograms (self, thread, domain);
  return found && found->lifetime_errors ? found->lifetime_errors + find_bins (self, thread) : NULL;
}

const MsGrowthChains *
ms_view_get_growth_chains (MsView *self, MsDomain domain, guint *n_chains)
{
  g_return_val_if_fail (MS_IS_VIEW (self) && domain < MS_N_DOMAINS && n_chains != NULL, NULL);
  if (!self->filtered || ms_trace_why_no_growth_chains (self->trace) != NULL)
    return ms_trace_get_growth_chains (self->trace, domain, n_chains);
  g_mutex_lock (&self->lock);
  if (self->domains[domain].growth == NULL)
    ms_view_scan_growth (self, domain);
  g_mutex_unlock (&self->lock);
  *n_chains = self->domains[domain].n_growth;
  return self->domains[domain].growth;
}
