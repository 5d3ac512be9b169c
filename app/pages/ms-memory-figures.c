/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-memory-figures.h"

#include <glib/gi18n-lib.h>
#include <math.h>

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

/* A figure of each stack, and its standard error. */
typedef struct {
  guint64 *values;
  double *errors;     /* NULL: exact */
  double whole_error; /* of the sum of all; NaN: by the errors */
} Column;

static void
column_clear (Column *self)
{
  g_free (self->values);
  g_free (self->errors);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Column, column_clear)

static gboolean
fill_leaked (const Job *job,
             MsView *view,
             Column *column,
             MsLeakReport **report,
             GCancellable *cancellable,
             GError **error)
{
  guint n_stacks = ms_frame_names_get_n_stacks (job->names);
  g_autoptr (MsLeakReport) leaks = ms_leak_report_new (view, job->domain, NULL, job->resolver,
                                                       &job->settings, cancellable, error);

  if (leaks == NULL)
    return FALSE;
  column->whole_error = NAN;
  column->values = g_new0 (guint64, n_stacks + 1);
  if (ms_trace_is_sampled (ms_view_get_trace (view)))
    column->errors = g_new0 (double, n_stacks + 1);
  for (guint i = 0; i < leaks->leaks->len; i++)
    {
      const MsLeak *leak = &g_array_index (leaks->leaks, MsLeak, i);

      column->values[leak->stack] = leak->sum.bytes;
      if (column->errors != NULL)
        column->errors[leak->stack] = leak->sum.bytes_standard_error;
    }
  if (report != NULL)
    *report = g_steal_pointer (&leaks);
  return TRUE;
}

static gboolean
fill_kind (const Job *job,
           MsView *view,
           MsFigureKind kind,
           Column *column,
           GCancellable *cancellable,
           GError **error)
{
  const MsPeak *peak = NULL;

  column->values = ms_stack_values_new (view, job->domain, kind, cancellable, error);
  if (column->values == NULL)
    return FALSE;
  column->errors = ms_stack_errors_new (view, job->domain, kind, cancellable);
  if (kind == MS_FIGURE_BYTES_AT_PROCESS_PEAK && column->errors != NULL)
    peak = ms_view_find_peak (view, job->domain, cancellable, NULL);
  column->whole_error = peak != NULL ? peak->standard_error : NAN;
  return TRUE;
}

/* @report: (nullable) of leaks. */
static gboolean
fill_values (const Job *job,
             MsView *view,
             Column *column,
             MsLeakReport **report,
             GCancellable *cancellable,
             GError **error)
{
  if (job->measure == MS_MEASURE_LEAKED)
    return fill_leaked (job, view, column, report, cancellable, error);
  return fill_kind (job, view, KINDS[job->measure], column, cancellable, error);
}

/* Allocations of the stacks that have a value: the others have no place in a tree of it. */
static gboolean
fill_calls (const Job *job,
            MsView *view,
            const guint64 *values,
            Column *column,
            GCancellable *cancellable,
            GError **error)
{
  if (!fill_kind (job, view, MS_FIGURE_ALLOCATIONS, column, cancellable, error))
    return FALSE;
  for (guint s = 0; s < ms_frame_names_get_n_stacks (job->names); s++)
    if (values[s] == 0)
      {
        column->values[s] = 0;
        if (column->errors != NULL)
          column->errors[s] = 0;
      }
  return TRUE;
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

/* @tree: just made. */
static MsCallTree *
take_errors (MsCallTree *tree, const double *value_errors, const double *call_errors)
{
  const double *errors[N_COLUMNS] = { value_errors, call_errors };

  if (value_errors != NULL || call_errors != NULL)
    ms_call_tree_set_errors (tree, errors);
  return tree;
}

static MsCallTree *
grow_tree (const Job *job, MsCallTreeDirection direction, const Column *values, const Column *calls)
{
  const guint64 *columns[N_COLUMNS] = { values->values, calls->values };
  MsCallTree *tree = take_errors (ms_call_tree_new (job->names, direction, columns, N_COLUMNS),
                                  values->errors, calls->errors);

  if (values->errors != NULL && !isnan (values->whole_error))
    ms_call_tree_set_root_error (tree, 0, values->whole_error);
  return tree;
}

static void
grow_trees (const Job *job, MsMemoryFigures *self, double whole_error, GCancellable *cancellable)
{
  const Column own_values = { self->values, self->value_errors, whole_error };
  const Column own_calls = { self->calls, self->call_errors, NAN };
  g_autoptr (MsView) whole = new_without_stacks (job->view, cancellable);
  g_auto (Column) values = { 0 };
  g_auto (Column) calls = { 0 };

  self->top_down = grow_tree (job, MS_CALL_TREE_TOP_DOWN, &own_values, &own_calls);
  self->bottom_up = grow_tree (job, MS_CALL_TREE_BOTTOM_UP, &own_values, &own_calls);
  if (whole == NULL || !fill_values (job, whole, &values, NULL, cancellable, NULL)
      || !fill_kind (job, whole, MS_FIGURE_ALLOCATIONS, &calls, cancellable, NULL))
    {
      self->whole_top_down = ms_call_tree_ref (self->top_down);
      self->whole_bottom_up = ms_call_tree_ref (self->bottom_up);
      return;
    }
  self->whole_top_down = grow_tree (job, MS_CALL_TREE_TOP_DOWN, &values, &calls);
  self->whole_bottom_up = grow_tree (job, MS_CALL_TREE_BOTTOM_UP, &values, &calls);
}

static void
load_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Job *job = task_data;
  g_autoptr (MsMemoryFigures) self = g_new0 (MsMemoryFigures, 1);
  g_auto (Column) values = { 0 };
  g_auto (Column) calls = { 0 };
  GError *error = NULL;

  g_atomic_ref_count_init (&self->n_refs);
  self->measure = job->measure;
  self->domain = job->domain;
  self->view = g_object_ref (job->view);
  self->names = ms_frame_names_ref (job->names);
  self->ends_early = ms_leaks_are_in_use (ms_view_get_trace (job->view));
  if (!fill_values (job, job->view, &values, &self->leaks, cancellable, &error)
      || !fill_calls (job, job->view, values.values, &calls, cancellable, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  self->values = g_steal_pointer (&values.values);
  self->value_errors = g_steal_pointer (&values.errors);
  self->calls = g_steal_pointer (&calls.values);
  self->call_errors = g_steal_pointer (&calls.errors);
  rank_stacks (self);
  self->functions = ms_function_totals_new (self->names, self->values, MS_FUNCTIONS_BY_SELF, 0);
  if (self->value_errors != NULL)
    ms_function_totals_set_errors (self->functions, self->names, self->values, self->value_errors);
  grow_trees (job, self, values.whole_error, cancellable);
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

  around->callers = take_errors (ms_call_tree_new_callers (job->figures->names, job->function,
                                                           columns, N_COLUMNS),
                                 job->figures->value_errors, job->figures->call_errors);
  around->callees = take_errors (ms_call_tree_new_callees (job->figures->names, job->function,
                                                           columns, N_COLUMNS),
                                 job->figures->value_errors, job->figures->call_errors);
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
  g_free (self->value_errors);
  g_free (self->call_errors);
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
