/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Filled by ms-trace-build.c before anybody else sees it; immutable from then on. */
#include "ms-thread-private.h"

G_DEFINE_FINAL_TYPE (MsThread, ms_thread, G_TYPE_OBJECT)

const MsTotals ms_no_totals = { .peak_time_ns = MS_TIME_NONE };

void
ms_thread_domain_free (MsThreadDomain *self)
{
  if (self == NULL)
    return;
  ms_live_series_clear (&self->series);
  g_free (self->stacks);
  g_free (self->bin_errors);
  g_free (self);
}

static void
ms_thread_finalize (GObject *object)
{
  MsThread *self = MS_THREAD (object);

  for (guint d = 0; d < MS_N_DOMAINS; d++)
    ms_thread_domain_free (self->domains[d]);
  g_clear_pointer (&self->names, g_array_unref);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->event_file, g_free);

  G_OBJECT_CLASS (ms_thread_parent_class)->finalize (object);
}

static void
ms_thread_class_init (MsThreadClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_thread_finalize;
}

static void
ms_thread_init (MsThread *self)
{
  self->end_ns = MS_TIME_NONE;
  self->cpu_ns = -1;
}

guint
ms_thread_get_id (MsThread *self)
{
  g_return_val_if_fail (MS_IS_THREAD (self), 0);
  return self->id;
}

gint
ms_thread_get_tid (MsThread *self)
{
  g_return_val_if_fail (MS_IS_THREAD (self), 0);
  return self->tid;
}

const char *
ms_thread_get_name (MsThread *self)
{
  g_return_val_if_fail (MS_IS_THREAD (self), NULL);
  if (self->names->len == 0)
    return self->name;
  return g_array_index (self->names, MsNameSpan, self->names->len - 1).name;
}

const MsNameSpan *
ms_thread_get_names (MsThread *self, guint *n_spans)
{
  g_return_val_if_fail (MS_IS_THREAD (self), NULL);
  *n_spans = self->names->len;
  return (const MsNameSpan *) (gpointer) self->names->data;
}

gboolean
ms_thread_is_tracked (MsThread *self)
{
  g_return_val_if_fail (MS_IS_THREAD (self), FALSE);
  return self->tracked;
}

gboolean
ms_thread_has_events (MsThread *self)
{
  g_return_val_if_fail (MS_IS_THREAD (self), FALSE);
  return !self->is_sampled_only;
}

gint64
ms_thread_get_start_ns (MsThread *self)
{
  g_return_val_if_fail (MS_IS_THREAD (self), 0);
  return self->start_ns;
}

gint64
ms_thread_get_kept_from_ns (MsThread *self)
{
  g_return_val_if_fail (MS_IS_THREAD (self), 0);
  return self->kept_from_ns;
}

gint64
ms_thread_get_end_ns (MsThread *self)
{
  g_return_val_if_fail (MS_IS_THREAD (self), MS_TIME_NONE);
  return self->end_ns;
}

gint64
ms_thread_get_cpu_ns (MsThread *self)
{
  g_return_val_if_fail (MS_IS_THREAD (self), -1);
  return self->cpu_ns;
}

const MsExitFigures *
ms_thread_get_exit_figures (MsThread *self)
{
  g_return_val_if_fail (MS_IS_THREAD (self), NULL);
  return self->exit_figures.known ? &self->exit_figures : NULL;
}

gboolean
ms_thread_get_exit_figure (MsThread *self, MsExitFigure figure, guint64 *value)
{
  g_return_val_if_fail (MS_IS_THREAD (self) && figure < MS_N_EXIT_FIGURES, FALSE);
  *value = self->exit_figures.values[figure];
  return self->exit_figures.known >> figure & 1;
}

gboolean
ms_thread_get_parent (MsThread *self, guint *parent_id)
{
  g_return_val_if_fail (MS_IS_THREAD (self), FALSE);
  *parent_id = self->parent_id;
  return self->has_parent;
}

guint64
ms_thread_get_start_routine (MsThread *self)
{
  g_return_val_if_fail (MS_IS_THREAD (self), 0);
  return self->start_routine;
}

const MsTotals *
ms_thread_get_totals (MsThread *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_THREAD (self) && domain < MS_N_DOMAINS, &ms_no_totals);
  return self->domains[domain] ? &self->domains[domain]->totals : &ms_no_totals;
}

const guint64 *
ms_thread_get_size_histogram (MsThread *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_THREAD (self) && domain < MS_N_DOMAINS, NULL);
  return self->domains[domain] ? self->domains[domain]->size_bins : NULL;
}

const guint64 *
ms_thread_get_lifetime_histogram (MsThread *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_THREAD (self) && domain < MS_N_DOMAINS, NULL);
  return self->domains[domain] && domain != MS_DOMAIN_MAPPING ? self->domains[domain]->lifetime_bins
                                                              : NULL;
}

const double *
ms_thread_get_size_histogram_errors (MsThread *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_THREAD (self) && domain < MS_N_DOMAINS, NULL);
  return self->domains[domain] && self->domains[domain]->bin_errors
             ? self->domains[domain]->bin_errors->sizes
             : NULL;
}

const double *
ms_thread_get_lifetime_histogram_errors (MsThread *self, MsDomain domain)
{
  g_return_val_if_fail (MS_IS_THREAD (self) && domain < MS_N_DOMAINS, NULL);
  return self->domains[domain] && self->domains[domain]->bin_errors
             ? self->domains[domain]->bin_errors->lifetimes
             : NULL;
}
