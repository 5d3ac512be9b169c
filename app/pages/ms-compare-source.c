/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-compare-source.h"
#include "ms-display-name.h"
#include "ms-figures.h"
#include "ms-language.h"
#include "ms-leaks.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  MsCompareChoice choice; /* with references of its own */
  MsDocument *document;
  MsView *view; /* what is looked at */
  MsFrameNames *names;
  MsNameResolver *resolver;
  char *thread_name; /* NULL: all threads */
} Query;

static void
query_free (gpointer data)
{
  Query *query = data;

  g_clear_object (&query->choice.other);
  g_clear_pointer (&query->choice.other_names, ms_frame_names_unref);
  g_object_unref (query->document);
  g_object_unref (query->view);
  ms_frame_names_unref (query->names);
  g_object_unref (query->resolver);
  g_free (query->thread_name);
  g_free (query);
}

/* --- sides -------------------------------------------------------------------------------------- */

typedef struct {
  MsComparisonSide side; /* the view is owned, the names are not */
  char *words;
} Side;

static void
side_clear (Side *self)
{
  g_clear_object (&self->side.view);
  g_free (self->words);
}

/* "python3 (run-2), 0.0–0.3 s": of two recordings the program is often the same. */
static char *
describe_side (const Query *query, MsDocument *document, MsView *view)
{
  gint64 start_ns = ms_view_get_start_ns (view), end_ns = ms_view_get_end_ns (view);
  gboolean has_range = end_ns - start_ns < ms_trace_get_duration_ns (ms_view_get_trace (view));
  g_autofree char *range = ms_figure_range (start_ns, end_ns);
  g_autoptr (GString) words = g_string_new (NULL);

  if (query->choice.what == MS_COMPARE_RECORDINGS)
    {
      g_autofree char *folder =
          g_path_get_basename (ms_recording_get_path (ms_document_get_recording (document)));
      g_autofree char *name = ms_display_name (folder);

      g_string_append_printf (words, "%s (%s)", ms_document_get_title (document), name);
      if (!has_range)
        return g_string_free (g_steal_pointer (&words), FALSE);
      g_string_append (words, ms_language_get_comma ());
    }
  g_string_append (words, range);
  return g_string_free (g_steal_pointer (&words), FALSE);
}

/* The threads and stacks that are looked at, in another stretch of time. */
static gboolean
init_range (Side *self,
            const Query *query,
            gint64 start_ns,
            gint64 end_ns,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (MsFilter) filter =
      ms_filter_with_range (ms_view_get_filter (query->view), start_ns, end_ns);

  self->side.names = query->names;
  self->side.view = ms_view_new (ms_view_get_trace (query->view), filter, cancellable, error);
  if (self->side.view == NULL)
    return FALSE;
  self->words = describe_side (query, query->document, self->side.view);
  return TRUE;
}

static gboolean
init_this (Side *self, const Query *query)
{
  self->side.view = g_object_ref (query->view);
  self->side.names = query->names;
  self->words = describe_side (query, query->document, query->view);
  return TRUE;
}

/* NULL with an error: it has no such thread.  *@filter NULL: all. */
static gboolean
find_threads (MsTrace *trace, const char *name, MsFilter **filter, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint));

  if (name == NULL)
    return TRUE;
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      MsThread *thread = ms_trace_get_thread (trace, i);
      guint id = ms_thread_get_id (thread);

      if (strcmp (ms_thread_get_name (thread), name) == 0)
        g_array_append_val (ids, id);
    }
  if (ids->len == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           _ ("The other recording has no thread of this name"));
      return FALSE;
    }
  *filter = ms_filter_with_threads (NULL, (const guint *) (gpointer) ids->data, ids->len);
  return TRUE;
}

static gboolean
init_other (Side *self, Query *query, GCancellable *cancellable, GError **error)
{
  MsTrace *trace = ms_document_get_trace (query->choice.other);
  g_autoptr (MsFilter) filter = NULL;

  if (!find_threads (trace, query->thread_name, &filter, error))
    return FALSE;
  if (query->choice.other_names == NULL)
    query->choice.other_names = ms_frame_names_new (trace, query->resolver, cancellable, error);
  if (query->choice.other_names == NULL)
    return FALSE;
  self->side.names = query->choice.other_names;
  self->side.view = ms_view_new (trace, filter, cancellable, error);
  if (self->side.view == NULL)
    return FALSE;
  self->words = describe_side (query, query->choice.other, self->side.view);
  return TRUE;
}

static gboolean
init_sides (Side *sides, Query *query, GCancellable *cancellable, GError **error)
{
  gint64 start_ns = ms_view_get_start_ns (query->view);
  gint64 end_ns = ms_view_get_end_ns (query->view);
  gint64 middle_ns = start_ns + (end_ns - start_ns) / 2;

  switch (query->choice.what)
    {
    case MS_COMPARE_RANGES:
      return init_range (&sides[0], query, query->choice.kept_start_ns, query->choice.kept_end_ns,
                         cancellable, error)
             && init_range (&sides[1], query, start_ns, end_ns, cancellable, error);
    case MS_COMPARE_RECORDINGS:
      return init_other (&sides[0], query, cancellable, error) && init_this (&sides[1], query);
    case MS_COMPARE_HALVES:
    default:
      return init_range (&sides[0], query, start_ns, middle_ns, cancellable, error)
             && init_range (&sides[1], query, middle_ns, end_ns, cancellable, error);
    }
}

/* --- the worker --------------------------------------------------------------------------------- */

static gboolean
has_leaks (MsView *view)
{
  MsTrace *trace = ms_view_get_trace (view);

  return !ms_leaks_are_in_use (trace)
         && ms_view_get_end_ns (view) >= ms_trace_get_duration_ns (trace);
}

static MsCompareResult *
compare (Query *query, Side *sides, GCancellable *cancellable, GError **error)
{
  guint first = query->choice.is_swapped ? 1 : 0;
  MsDomain domain = ms_trace_get_main_domain (ms_view_get_trace (query->view));
  MsComparison *comparison = ms_comparison_new (&sides[first].side, &sides[1 - first].side, domain,
                                                MS_COMPARE_BY_FUNCTIONS, cancellable, error);
  MsCompareResult *self;

  if (comparison == NULL)
    return NULL;
  self = g_new0 (MsCompareResult, 1);
  self->comparison = comparison;
  self->figure = query->choice.figure;
  self->tree = ms_difference_tree_new (comparison, query->choice.figure);
  self->has_leaks = has_leaks (sides[0].side.view) && has_leaks (sides[1].side.view);
  self->before = g_steal_pointer (&sides[first].words);
  self->after = g_steal_pointer (&sides[1 - first].words);
  if (query->choice.other_names != NULL)
    self->other_names = ms_frame_names_ref (query->choice.other_names);
  return self;
}

static void
load_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Side sides[2] = { 0 };
  GError *error = NULL;
  MsCompareResult *result = NULL;

  if (init_sides (sides, task_data, cancellable, &error))
    result = compare (task_data, sides, cancellable, &error);
  side_clear (&sides[0]);
  side_clear (&sides[1]);
  if (result != NULL)
    g_task_return_pointer (task, result, (GDestroyNotify) ms_compare_result_free);
  else
    g_task_return_error (task, error);
}

static char *
dup_thread_name (MsLens *lens)
{
  MsTrace *trace = ms_lens_get_trace (lens);
  guint id;

  if (ms_focus_get_thread (ms_lens_get_focus (lens), &id))
    for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
      if (ms_thread_get_id (ms_trace_get_thread (trace, i)) == id)
        return g_strdup (ms_thread_get_name (ms_trace_get_thread (trace, i)));
  return NULL;
}

void
ms_compare_load_async (MsLens *lens,
                       const MsCompareChoice *choice,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Query *query = g_new0 (Query, 1);

  query->choice = *choice;
  if (choice->other != NULL)
    g_object_ref (choice->other);
  if (choice->other_names != NULL)
    ms_frame_names_ref (choice->other_names);
  query->document = g_object_ref (ms_lens_get_document (lens));
  query->view = g_object_ref (ms_lens_get_view (lens));
  query->names = ms_frame_names_ref (ms_lens_get_frame_names (lens));
  query->resolver = g_object_ref (ms_lens_get_resolver (lens));
  query->thread_name = dup_thread_name (lens);
  g_task_set_task_data (task, query, query_free);
  g_task_run_in_thread (task, load_worker);
}

MsCompareResult *
ms_compare_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ms_compare_result_free (MsCompareResult *self)
{
  ms_difference_tree_unref (self->tree);
  ms_comparison_unref (self->comparison);
  g_clear_pointer (&self->other_names, ms_frame_names_unref);
  g_free (self->before);
  g_free (self->after);
  g_free (self);
}
