/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-trace-private.h"

#include "ms-process-state.h"

#include "ms-diagnostic.h"

#include <string.h>

#include "ms-estimate.h"

G_DEFINE_FINAL_TYPE (MsTrace, ms_trace, G_TYPE_OBJECT)
G_DEFINE_QUARK (ms_error, ms_error)

static void
clear_loss (gpointer data)
{
  g_free (((MsLoss *) data)->reason);
}

static void
ms_trace_finalize (GObject *object)
{
  MsTrace *self = MS_TRACE (object);

  for (guint d = 0; d < MS_N_DOMAINS; d++)
    ms_thread_domain_free (self->forgotten[d]);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    if (self->domains[d] != NULL)
      {
        ms_live_series_clear (&self->domains[d]->series);
        g_free (self->domains[d]->stack_totals);
        g_array_unref (self->domains[d]->interactions);
        g_array_unref (self->domains[d]->growth);
        g_free (self->domains[d]->bin_errors);
        g_free (self->domains[d]);
      }
  g_clear_pointer (&self->resources, ms_resources_unref);
  g_clear_pointer (&self->marks, g_array_unref);
  ms_manifest_clear (&self->manifest);
  ms_stack_table_clear (&self->stack_table);
  ms_module_table_clear (&self->module_table);
  g_clear_pointer (&self->threads, g_ptr_array_unref);
  g_clear_pointer (&self->diagnostics, g_ptr_array_unref);
  g_clear_pointer (&self->arguments, g_strfreev);
  g_array_unref (self->losses);
  g_free (self->stacks);
  g_free (self->stack_mapping_kinds);
  g_free (self->folder);
  g_free (self->program);
  g_free (self->executable);
  g_clear_pointer (&self->history, ms_history_unref);

  G_OBJECT_CLASS (ms_trace_parent_class)->finalize (object);
}

static void
ms_trace_class_init (MsTraceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_trace_finalize;
}

static void
ms_trace_init (MsTrace *self)
{
  self->exit_status = -1;
  self->threads = g_ptr_array_new_with_free_func (g_object_unref);
  self->losses = g_array_new (FALSE, FALSE, sizeof (MsLoss));
  g_array_set_clear_func (self->losses, clear_loss);
  ms_stack_table_init (&self->stack_table);
  ms_module_table_init (&self->module_table);
}

gboolean
ms_trace_adopt_history (MsTrace *self, MsHistory *history)
{
  const MsHistoryShape shape = { self->threads->len, self->n_stacks, self->duration_ns };

  if (history == NULL)
    return FALSE;
  if (ms_history_fits (history, &shape))
    self->history = history;
  else
    ms_history_unref (history);
  return self->history == history;
}

/* --- what was recorded -------------------------------------------------------------------------- */

const char *
ms_trace_get_folder (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  return self->folder;
}

gboolean
ms_trace_has_history (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), FALSE);
  return self->history != NULL;
}

gboolean
ms_trace_is_closed (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), FALSE);
  return self->manifest.closed;
}

gboolean
ms_trace_ends_early (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), FALSE);
  return ms_state_may_go_on (self->state) || self->manifest.ends_early
         || ms_trace_was_replaced (self);
}

gboolean
ms_trace_was_replaced (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), FALSE);
  return self->manifest.was_replaced && self->state == MS_STATE_EXITED;
}

gboolean
ms_trace_is_part (MsTrace *self, gint64 *from_ns, gint64 *to_ns)
{
  g_return_val_if_fail (MS_IS_TRACE (self), FALSE);
  if (from_ns != NULL)
    *from_ns = self->manifest.part_from_ns;
  if (to_ns != NULL)
    *to_ns = self->manifest.part_to_ns;
  return self->manifest.is_part;
}

gboolean
ms_trace_get_sampling (MsTrace *self, double *rate, guint64 *interval_bytes)
{
  g_return_val_if_fail (MS_IS_TRACE (self), FALSE);
  *rate = self->manifest.sampling_rate;
  *interval_bytes = self->manifest.sample_interval_bytes;
  return (*rate > 0 && *rate < 1) || *interval_bytes > 0;
}

const char *
ms_trace_get_imported_from (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  return self->manifest.imported_from;
}

gint
ms_trace_get_pid (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->pid;
}

gint
ms_trace_get_parent_pid (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->manifest.parent_pid;
}

const char *
ms_trace_get_program (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  return self->program;
}

const char *
ms_trace_get_executable (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  return self->executable;
}

const char *const *
ms_trace_get_arguments (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  return (const char *const *) self->arguments;
}

MsState
ms_trace_get_state (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), MS_STATE_KILLED);
  return self->state;
}

gint
ms_trace_get_exit_status (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), -1);
  return self->exit_status;
}

gint64
ms_trace_get_start_wall_us (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->manifest.start_wall_us;
}

gint64
ms_trace_get_duration_ns (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->duration_ns;
}

guint64
ms_trace_get_n_events (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->n_events;
}

guint64
ms_trace_get_dropped_events (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->dropped_events;
}

const MsLoss *
ms_trace_get_losses (MsTrace *self, guint *n)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  *n = self->losses->len;
  return (const MsLoss *) (gconstpointer) self->losses->data;
}

gboolean
ms_trace_is_forked (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), FALSE);
  return self->manifest.forked;
}

gboolean
ms_trace_is_sampled (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), FALSE);
  return self->sampled;
}

double
ms_trace_get_keep_probability (MsTrace *self, guint64 size)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 1);
  return ms_keep_probability (self->manifest.sampling_rate, self->manifest.sample_interval_bytes,
                              size);
}

const char *
ms_trace_get_thread_rule (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  return self->manifest.thread_rule ? self->manifest.thread_rule : "all";
}

guint
ms_trace_get_stack_depth (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->manifest.stack_depth;
}

guint64
ms_trace_get_truncated_stacks (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->stack_table.n_truncated;
}

guint64
ms_trace_get_deep_stacks (MsTrace *self)
{
  const GArray *stacks;
  guint64 n = 0;

  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  stacks = self->stack_table.stacks;
  for (guint i = 0; i < stacks->len && self->manifest.stack_depth > 0; i++)
    {
      const MsStack *stack = &g_array_index (stacks, MsStack, i);

      n += stack->truncated && stack->depth >= self->manifest.stack_depth;
    }
  return n;
}

GPtrArray *
ms_trace_get_diagnostics (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  return self->diagnostics;
}

/* --- figures ------------------------------------------------------------------------------------ */

gboolean
ms_trace_has_mappings (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), FALSE);
  return self->manifest.mappings || self->domains[MS_DOMAIN_MAPPING] != NULL;
}

const MsMappingTotals *
ms_trace_get_mapping_totals (MsTrace *self, MsMappingKind kind)
{
  static const MsMappingTotals none;

  g_return_val_if_fail (MS_IS_TRACE (self) && kind < MS_N_MAPPING_KINDS, &none);
  return &self->mappings[kind];
}

guint
ms_trace_get_stack_mapping_kinds (MsTrace *self, guint stack)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && stack < self->n_stacks, 0);
  return self->stack_mapping_kinds ? self->stack_mapping_kinds[stack] : 0;
}

MsDomain
ms_trace_get_main_domain (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), MS_DOMAIN_HEAP);
  return self->main_domain;
}

gboolean
ms_trace_has_domain (MsTrace *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && domain < MS_N_DOMAINS, FALSE);
  return self->domains[domain] != NULL;
}

const MsTotals *
ms_trace_get_totals (MsTrace *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && domain < MS_N_DOMAINS, &ms_no_totals);
  return self->domains[domain] ? &self->domains[domain]->totals : &ms_no_totals;
}

MsResources *
ms_trace_get_resources (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  return self->resources;
}

guint
ms_trace_get_n_threads (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->threads->len;
}

guint64
ms_trace_get_n_forgotten_threads (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->n_forgotten_threads;
}

MsThread *
ms_trace_get_thread (MsTrace *self, guint index)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && index < self->threads->len, NULL);
  return g_ptr_array_index (self->threads, index);
}

MsThread *
ms_trace_find_thread (MsTrace *self, guint id)
{
  guint low = 0, high;

  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  high = self->threads->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      MsThread *thread = g_ptr_array_index (self->threads, middle);

      if (thread->id == id)
        return thread;
      if (thread->id < id)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

static const MsLiveSeries *
find_series (MsTrace *self, MsThread *thread, MsDomain domain)
{
  if (thread != NULL)
    return thread->domains[domain] ? &thread->domains[domain]->series : NULL;
  return self->domains[domain] ? &self->domains[domain]->series : NULL;
}

void
ms_trace_get_live_series (MsTrace *self,
                          MsThread *thread,
                          MsDomain domain,
                          guint n_bins,
                          guint64 *max,
                          guint64 *min)
{
  const MsLiveSeries none = { 0 }, *series;

  g_return_if_fail (MS_IS_TRACE (self) && domain < MS_N_DOMAINS && max != NULL);
  series = find_series (self, thread, domain);
  ms_live_series_resample (series ? series : &none, self->n_bins, n_bins, max, min, NULL);
}

void
ms_trace_get_allocated_series (MsTrace *self,
                               MsThread *thread,
                               MsDomain domain,
                               guint n_bins,
                               guint64 *bytes)
{
  const MsLiveSeries none = { 0 }, *series;

  g_return_if_fail (MS_IS_TRACE (self) && domain < MS_N_DOMAINS && bytes != NULL);
  series = find_series (self, thread, domain);
  ms_live_series_resample (series ? series : &none, self->n_bins, n_bins, NULL, NULL, bytes);
}

const guint64 *
ms_trace_get_size_histogram (MsTrace *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && domain < MS_N_DOMAINS, NULL);
  return self->domains[domain] ? self->domains[domain]->size_bins : NULL;
}

const guint64 *
ms_trace_get_lifetime_histogram (MsTrace *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && domain < MS_N_DOMAINS, NULL);
  return self->domains[domain] && domain != MS_DOMAIN_MAPPING ? self->domains[domain]->lifetime_bins
                                                              : NULL;
}

const double *
ms_trace_get_size_histogram_errors (MsTrace *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && domain < MS_N_DOMAINS, NULL);
  return self->domains[domain] && self->domains[domain]->bin_errors
             ? self->domains[domain]->bin_errors->sizes
             : NULL;
}

const double *
ms_trace_get_lifetime_histogram_errors (MsTrace *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && domain < MS_N_DOMAINS, NULL);
  return self->domains[domain] && self->domains[domain]->bin_errors
             ? self->domains[domain]->bin_errors->lifetimes
             : NULL;
}

/* --- call stacks -------------------------------------------------------------------------------- */

guint
ms_trace_get_n_stacks (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->n_stacks;
}

const MsTotals *
ms_trace_get_stack_totals (MsTrace *self, guint stack, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && stack < self->n_stacks && domain < MS_N_DOMAINS,
                        &ms_no_totals);
  return self->domains[domain] ? &self->domains[domain]->stack_totals[stack] : &ms_no_totals;
}

const guint64 *
ms_trace_get_stack_frames (MsTrace *self, guint stack, guint *depth, gboolean *truncated)
{
  const MsStack *entry;

  g_return_val_if_fail (MS_IS_TRACE (self) && stack < self->n_stacks, NULL);
  entry = &g_array_index (self->stack_table.stacks, MsStack, self->stacks[stack]);
  *depth = entry->depth;
  if (truncated != NULL)
    *truncated = entry->truncated;
  return (const guint64 *) (gpointer) self->stack_table.frames->data + entry->first_frame;
}

const MsThreadStack *
ms_trace_get_thread_stacks (MsTrace *self, MsThread *thread, MsDomain domain, guint *n_stacks)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && MS_IS_THREAD (thread) && domain < MS_N_DOMAINS, NULL);
  *n_stacks = thread->domains[domain] ? thread->domains[domain]->n_stacks : 0;
  return thread->domains[domain] ? thread->domains[domain]->stacks : NULL;
}

int
ms_interaction_compare (gconstpointer a, gconstpointer b)
{
  const MsInteraction *x = a, *y = b;

  if (x->bytes != y->bytes)
    return x->bytes > y->bytes ? -1 : 1;
  if (x->frees != y->frees)
    return x->frees > y->frees ? -1 : 1;
  if (x->alloc_thread != y->alloc_thread)
    return x->alloc_thread < y->alloc_thread ? -1 : 1;
  return x->free_thread < y->free_thread ? -1 : x->free_thread > y->free_thread;
}

const MsInteraction *
ms_trace_get_interactions (MsTrace *self, MsDomain domain, guint *n_interactions)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && domain < MS_N_DOMAINS, NULL);
  *n_interactions = self->domains[domain] ? self->domains[domain]->interactions->len : 0;
  return self->domains[domain]
             ? (const MsInteraction *) (gpointer) self->domains[domain]->interactions->data
             : NULL;
}

const char *
ms_trace_why_no_growth_chains (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), NULL);
  return self->sampled
             ? "allocations were sampled, and of a block that realloc made larger the old one "
               "and the new one are each kept or not"
             : NULL;
}

const MsGrowthChains *
ms_trace_get_growth_chains (MsTrace *self, MsDomain domain, guint *n_chains)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && domain < MS_N_DOMAINS, NULL);
  *n_chains = self->domains[domain] ? self->domains[domain]->growth->len : 0;
  return *n_chains > 0
             ? (const MsGrowthChains *) (gconstpointer) self->domains[domain]->growth->data
             : NULL;
}

/* --- modules ------------------------------------------------------------------------------------ */

const MsModule *
ms_trace_find_module (MsTrace *self, guint stack, guint frame, guint64 *address)
{
  const MsModule *module;
  const MsStack *entry;
  guint64 return_address;

  g_return_val_if_fail (MS_IS_TRACE (self) && stack < self->n_stacks, NULL);
  entry = &g_array_index (self->stack_table.stacks, MsStack, self->stacks[stack]);
  g_return_val_if_fail (frame < entry->depth, NULL);
  return_address = g_array_index (self->stack_table.frames, guint64, entry->first_frame + frame);
  /* The call lies before its return address, which may be one past the module's last byte. */
  module = ms_module_table_find (&self->module_table, entry->generation, return_address - 1);
  if (address != NULL)
    *address = return_address - (module ? module->bias : 0);
  return module;
}

guint
ms_trace_get_n_modules (MsTrace *self)
{
  g_return_val_if_fail (MS_IS_TRACE (self), 0);
  return self->module_table.modules->len;
}

const MsModule *
ms_trace_get_module (MsTrace *self, guint index)
{
  g_return_val_if_fail (MS_IS_TRACE (self) && index < self->module_table.modules->len, NULL);
  return g_ptr_array_index (self->module_table.modules, index);
}

MsTrace *
ms_trace_new (const char *folder)
{
  MsTrace *self = g_object_new (MS_TYPE_TRACE, NULL);

  self->folder = g_strdup (folder);
  self->diagnostics = ms_diagnostics_new ();
  return self;
}
