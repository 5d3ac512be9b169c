/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-figures.h"

#include <glib/gi18n-lib.h>

#define N_COLUMNS 2

static const char *const MEASURES[MS_N_MEASURES] = { "peak", "allocated", "count", "leaked",
                                                     "temporary" };

/* Leaks have a report of their own. */
static const MsFigureKind KINDS[MS_N_MEASURES] = {
  [MS_MEASURE_PEAK] = MS_FIGURE_BYTES_AT_PROCESS_PEAK,
  [MS_MEASURE_ALLOCATED] = MS_FIGURE_ALLOCATED_BYTES,
  [MS_MEASURE_COUNT] = MS_FIGURE_ALLOCATIONS,
  [MS_MEASURE_LEAKED] = MS_FIGURE_LEAKED_BYTES,
  [MS_MEASURE_TEMPORARY] = MS_FIGURE_TEMPORARY_ALLOCATIONS,
};

const char *
ms_memory_measure_to_string (MsMemoryMeasure measure)
{
  return MEASURES[MIN (measure, MS_N_MEASURES - 1)];
}

MsMemoryMeasure
ms_memory_measure_from_string (const char *text)
{
  for (guint i = 0; i < MS_N_MEASURES; i++)
    if (g_strcmp0 (text, MEASURES[i]) == 0)
      return i;
  return MS_MEASURE_PEAK;
}

gboolean
ms_memory_measure_is_bytes (MsMemoryMeasure measure)
{
  return measure != MS_MEASURE_COUNT && measure != MS_MEASURE_TEMPORARY;
}

/* --- on the worker --- */

typedef struct {
  MsView *view;
  MsFrameNames *names;
  MsMemoryMeasure measure;
  MsDomain domain;
  MsNameResolver *resolver; /* NULL: names are not known yet, and would be waited for */
  MsAnalysisSettings settings;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->view);
  ms_frame_names_unref (job->names);
  g_clear_object (&job->resolver);
  g_free (job);
}

static guint64 *
dup_leaked (const Job *job,
            MsView *view,
            MsLeakReport **report,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (MsLeakReport) leaks = ms_leak_report_new (view, job->domain, NULL, job->resolver,
                                                       &job->settings, cancellable, error);
  guint64 *values;

  if (leaks == NULL)
    return NULL;
  values = g_new0 (guint64, ms_frame_names_get_n_stacks (job->names) + 1);
  for (guint i = 0; i < leaks->leaks->len; i++)
    {
      const MsLeak *leak = &g_array_index (leaks->leaks, MsLeak, i);

      values[leak->stack] = leak->sum.bytes;
    }
  if (report != NULL)
    *report = g_steal_pointer (&leaks);
  return values;
}

/* @report: (nullable) of leaks. */
static guint64 *
dup_values (const Job *job,
            MsView *view,
            MsLeakReport **report,
            GCancellable *cancellable,
            GError **error)
{
  if (job->measure == MS_MEASURE_LEAKED)
    return dup_leaked (job, view, report, cancellable, error);
  return ms_stack_values_new (view, job->domain, KINDS[job->measure], cancellable, error);
}

/* Allocations of the stacks that have a value: the others have no place in a tree of it. */
static guint64 *
dup_calls (const Job *job,
           MsView *view,
           const guint64 *values,
           GCancellable *cancellable,
           GError **error)
{
  guint64 *calls =
      ms_stack_values_new (view, job->domain, MS_FIGURE_ALLOCATIONS, cancellable, error);

  for (guint s = 0; calls != NULL && s < ms_frame_names_get_n_stacks (job->names); s++)
    if (values[s] == 0)
      calls[s] = 0;
  return calls;
}

static int
compare_values (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const guint64 *values = user_data;
  guint x = *(const guint *) a, y = *(const guint *) b;

  if (values[x] != values[y])
    return values[x] > values[y] ? -1 : 1;
  return x < y ? -1 : x > y;
}

static void
rank_stacks (MsMemoryFigures *self)
{
  guint n = ms_frame_names_get_n_stacks (self->names);

  self->stacks = g_new (guint, n + 1);
  for (guint s = 0; s < n; s++)
    {
      if (self->values[s] == 0)
        continue;
      self->stacks[self->n_stacks++] = s;
      self->whole += self->values[s];
      self->whole_calls += self->calls[s];
    }
  g_qsort_with_data (self->stacks, (gint) self->n_stacks, sizeof (guint), compare_values,
                     self->values);
}

/* The same view with all stacks.  NULL: @view has them, or it cannot be made. (transfer full) */
static MsView *
new_without_stacks (MsView *view, GCancellable *cancellable)
{
  MsFilter *filter = ms_view_get_filter (view);
  g_autoptr (MsFilter) without = NULL;
  guint n;

  if (filter == NULL || ms_filter_get_stacks (filter, &n) == NULL)
    return NULL;
  without = ms_filter_with_stacks (filter, NULL, 0);
  return ms_view_new (ms_view_get_trace (view), without, cancellable, NULL);
}

static void
grow_trees (const Job *job, MsMemoryFigures *self, GCancellable *cancellable)
{
  const guint64 *columns[N_COLUMNS] = { self->values, self->calls };
  g_autoptr (MsView) whole = new_without_stacks (job->view, cancellable);
  g_autofree guint64 *values =
      whole != NULL ? dup_values (job, whole, NULL, cancellable, NULL) : NULL;
  g_autofree guint64 *calls =
      whole != NULL
          ? ms_stack_values_new (whole, job->domain, MS_FIGURE_ALLOCATIONS, cancellable, NULL)
          : NULL;

  self->top_down = ms_call_tree_new (job->names, MS_CALL_TREE_TOP_DOWN, columns, N_COLUMNS);
  self->bottom_up = ms_call_tree_new (job->names, MS_CALL_TREE_BOTTOM_UP, columns, N_COLUMNS);
  if (values == NULL || calls == NULL)
    {
      self->whole_top_down = ms_call_tree_ref (self->top_down);
      self->whole_bottom_up = ms_call_tree_ref (self->bottom_up);
      return;
    }
  columns[0] = values;
  columns[1] = calls;
  self->whole_top_down = ms_call_tree_new (job->names, MS_CALL_TREE_TOP_DOWN, columns, N_COLUMNS);
  self->whole_bottom_up = ms_call_tree_new (job->names, MS_CALL_TREE_BOTTOM_UP, columns, N_COLUMNS);
}

static void
load_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Job *job = task_data;
  g_autoptr (MsMemoryFigures) self = g_new0 (MsMemoryFigures, 1);
  GError *error = NULL;

  g_atomic_ref_count_init (&self->n_refs);
  self->measure = job->measure;
  self->domain = job->domain;
  self->view = g_object_ref (job->view);
  self->names = ms_frame_names_ref (job->names);
  self->ends_early = ms_leaks_are_in_use (ms_view_get_trace (job->view));
  self->values = dup_values (job, job->view, &self->leaks, cancellable, &error);
  if (self->values != NULL)
    self->calls = dup_calls (job, job->view, self->values, cancellable, &error);
  if (self->calls == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  rank_stacks (self);
  self->functions = ms_function_totals_new (self->names, self->values, MS_FUNCTIONS_BY_SELF, 0);
  grow_trees (job, self, cancellable);
  g_task_return_pointer (task, g_steal_pointer (&self), (GDestroyNotify) ms_memory_figures_unref);
}

/* --- around a function --- */

typedef struct {
  MsMemoryFigures *figures;
  guint function;
} AroundJob;

static void
around_job_free (gpointer data)
{
  AroundJob *job = data;

  ms_memory_figures_unref (job->figures);
  g_free (job);
}

void
ms_memory_around_free (MsMemoryAround *self)
{
  ms_call_tree_unref (self->callers);
  ms_call_tree_unref (self->callees);
  g_free (self);
}

static void
around_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const AroundJob *job = task_data;
  const guint64 *columns[N_COLUMNS] = { job->figures->values, job->figures->calls };
  MsMemoryAround *around = g_new (MsMemoryAround, 1);

  around->callers =
      ms_call_tree_new_callers (job->figures->names, job->function, columns, N_COLUMNS);
  around->callees =
      ms_call_tree_new_callees (job->figures->names, job->function, columns, N_COLUMNS);
  g_task_return_pointer (task, around, (GDestroyNotify) ms_memory_around_free);
}

void
ms_memory_figures_go_around_async (MsMemoryFigures *self,
                                   guint function,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  AroundJob *job = g_new (AroundJob, 1);

  *job = (AroundJob) { ms_memory_figures_ref (self), function };
  g_task_set_task_data (task, job, around_job_free);
  g_task_run_in_thread (task, around_worker);
}

MsMemoryAround *
ms_memory_figures_go_around_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

/* --- the interface --- */

void
ms_memory_figures_load_async (MsLens *lens,
                              MsMemoryMeasure measure,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  job->view = g_object_ref (ms_lens_get_view (lens));
  job->names = ms_frame_names_ref (ms_lens_get_frame_names (lens));
  job->measure = measure;
  job->domain = ms_lens_get_domain (lens);
  job->settings = *ms_lens_get_settings (lens);
  if (ms_lens_has_names (lens))
    job->resolver = g_object_ref (ms_lens_get_resolver (lens));
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, load_worker);
}

MsMemoryFigures *
ms_memory_figures_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

MsMemoryFigures *
ms_memory_figures_ref (MsMemoryFigures *self)
{
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
ms_memory_figures_unref (MsMemoryFigures *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  g_clear_pointer (&self->functions, g_array_unref);
  g_clear_pointer (&self->top_down, ms_call_tree_unref);
  g_clear_pointer (&self->bottom_up, ms_call_tree_unref);
  g_clear_pointer (&self->whole_top_down, ms_call_tree_unref);
  g_clear_pointer (&self->whole_bottom_up, ms_call_tree_unref);
  g_clear_pointer (&self->leaks, ms_leak_report_free);
  g_clear_pointer (&self->names, ms_frame_names_unref);
  g_clear_object (&self->view);
  g_free (self->values);
  g_free (self->calls);
  g_free (self->stacks);
  g_free (self);
}

gboolean
ms_memory_figures_find_frame (MsMemoryFigures *self, guint stack, guint function, guint *frame)
{
  guint depth;
  const guint *frames = ms_frame_names_get_stack (self->names, stack, &depth, NULL);

  for (guint i = 0; i < depth; i++)
    if (ms_frame_names_get_function_of (self->names, frames[i]) == function)
      {
        *frame = frames[i];
        return TRUE;
      }
  return ms_frame_names_find_site (self->names, stack, frame);
}

guint *
ms_memory_figures_dup_stacks_of (MsMemoryFigures *self, guint function, guint *n)
{
  guint *stacks = g_new (guint, self->n_stacks + 1);
  guint frame;

  *n = 0;
  for (guint i = 0; i < self->n_stacks; i++)
    if (ms_memory_figures_find_frame (self, self->stacks[i], function, &frame)
        && ms_frame_names_get_function_of (self->names, frame) == function)
      stacks[(*n)++] = self->stacks[i];
  return stacks;
}

guint
ms_memory_figures_get_heaviest (MsMemoryFigures *self, const guint *stacks, guint n)
{
  guint heaviest = stacks[0];

  for (guint i = 1; i < n; i++)
    if (self->values[stacks[i]] > self->values[heaviest])
      heaviest = stacks[i];
  return heaviest;
}
