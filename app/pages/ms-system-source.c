/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-system-source.h"

typedef struct {
  MsView *wide; /* of all threads, as the lens has it */
  MsAnalysisSettings settings;
  gboolean has_thread, has_stacks;
  guint thread;
} Query;

static void
query_free (gpointer data)
{
  Query *query = data;

  g_object_unref (query->wide);
  g_free (query);
}

/* Of the process whatever the call stacks: a part of the heap does not compare with resident memory. */
static MsView *
dup_view_of_all (const Query *query, GCancellable *cancellable, GError **error)
{
  g_autoptr (MsFilter) filter = NULL;

  if (!query->has_stacks)
    return g_object_ref (query->wide);
  filter = ms_filter_with_range (NULL, ms_view_get_start_ns (query->wide),
                                 ms_view_get_end_ns (query->wide));
  return ms_view_new (ms_view_get_trace (query->wide), filter, cancellable, error);
}

static guint
find_thread (MsTrace *trace, guint id)
{
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    if (ms_thread_get_id (ms_trace_get_thread (trace, i)) == id)
      return i;
  return G_MAXUINT;
}

/* Anomalies come with the thread that they are of. */
static void
keep_those_of (GPtrArray *anomalies, guint thread)
{
  for (guint i = anomalies->len; i > 0; i--)
    {
      const MsAnomaly *anomaly = g_ptr_array_index (anomalies, i - 1);

      if (anomaly->thread_id != (gint) thread)
        g_ptr_array_remove_index (anomalies, i - 1);
    }
}

static void
fill_verdicts (MsSystemFigures *self, const Query *query)
{
  MsDomain domain = ms_trace_get_main_domain (ms_view_get_trace (self->view));

  self->bottlenecks =
      self->has_thread
          ? ms_bottlenecks_of_thread (self->view, self->thread_index,
                                      &self->join->threads[self->thread_index], &query->settings)
          : ms_bottlenecks_of_process (self->view, &self->join->process, &self->join->system,
                                       self->join->threads, &query->settings);
  self->anomalies = ms_anomalies_new (query->wide, domain, self->join->threads, &query->settings);
  if (self->has_thread)
    keep_those_of (self->anomalies, self->thread);
}

static void
load_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Query *query = task_data;
  g_autoptr (MsSystemFigures) self = g_new0 (MsSystemFigures, 1);
  GError *error = NULL;

  self->view = dup_view_of_all (query, cancellable, &error);
  if (self->view == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  self->thread = query->thread;
  self->thread_index =
      query->has_thread ? find_thread (ms_view_get_trace (self->view), query->thread) : G_MAXUINT;
  self->has_thread = self->thread_index != G_MAXUINT;
  self->join = ms_resource_join_new (self->view);
  fill_verdicts (self, query);
  ms_memory_split_init (&self->split, self->view, &self->join->process_at_end);
  self->coverage = ms_resource_coverage_new (self->view);
  g_task_return_pointer (task, g_steal_pointer (&self), (GDestroyNotify) ms_system_figures_free);
}

void
ms_system_figures_load_async (MsLens *lens,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  MsFocus *focus = ms_lens_get_focus (lens);
  Query *query = g_new0 (Query, 1);
  guint n_stacks;

  query->wide = g_object_ref (ms_lens_get_all_threads_view (lens));
  query->settings = *ms_lens_get_settings (lens);
  query->has_thread = ms_focus_get_thread (focus, &query->thread);
  query->has_stacks = ms_focus_get_stacks (focus, &n_stacks) != NULL;
  g_task_set_task_data (task, query, query_free);
  g_task_run_in_thread (task, load_worker);
}

MsSystemFigures *
ms_system_figures_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ms_system_figures_free (MsSystemFigures *self)
{
  g_clear_pointer (&self->join, ms_resource_join_free);
  g_clear_pointer (&self->bottlenecks, ms_bottleneck_report_free);
  g_clear_pointer (&self->anomalies, g_ptr_array_unref);
  g_clear_pointer (&self->coverage, ms_resource_coverage_free);
  g_clear_object (&self->view);
  g_free (self);
}
