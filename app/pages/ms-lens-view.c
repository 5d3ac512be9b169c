/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-lens-view.h"
#include "ms-stack-map.h"

MsFilter *
ms_lens_view_new_filter (MsFocus *focus, gboolean of_all_threads)
{
  MsFilter *filter = NULL;
  gint64 start_ns, end_ns;
  guint id, n;
  const guint *stacks = ms_focus_get_stacks (focus, &n);

  if (!of_all_threads && ms_focus_get_thread (focus, &id))
    filter = ms_filter_with_threads (NULL, &id, 1);
  if (ms_focus_get_range (focus, &start_ns, &end_ns))
    {
      g_autoptr (MsFilter) before = filter;

      filter = ms_filter_with_range (before, start_ns, end_ns);
    }
  if (stacks != NULL)
    {
      g_autoptr (MsFilter) before = filter;

      filter = ms_filter_with_stacks (before, stacks, n);
    }
  return filter;
}

void
ms_lens_view_free (gpointer data)
{
  MsLensView *building = data;

  g_object_unref (building->trace);
  g_clear_pointer (&building->filter, ms_filter_unref);
  g_clear_pointer (&building->wide_filter, ms_filter_unref);
  g_clear_object (&building->view);
  g_clear_object (&building->wide);
  g_clear_pointer (&building->rows, g_ptr_array_unref);
  g_clear_pointer (&building->part, ms_resource_join_free);
  g_object_unref (building->document);
  g_clear_object (&building->before);
  g_free (building->stack_map);
  g_clear_object (&building->whole);
  g_clear_object (&building->resolver);
  g_clear_pointer (&building->names, ms_frame_names_unref);
  g_free (building->problem);
  g_free (building);
}

static gboolean
build_part (MsLensView *building, GCancellable *cancellable, GError **error)
{
  if (building->wide == NULL)
    building->wide = ms_view_new (building->trace, building->wide_filter, cancellable, error);
  if (building->wide == NULL)
    return FALSE;
  if (building->rows == NULL && ms_view_is_filtered (building->wide))
    building->part = ms_resource_join_new (building->wide);
  if (building->rows == NULL)
    building->rows =
        ms_thread_rows_new (building->wide,
                            building->part != NULL ? building->part : building->whole_resources,
                            building->whole_resources, &building->settings, cancellable);
  if (ms_filter_equal (building->filter, building->wide_filter))
    building->view = g_object_ref (building->wide);
  else
    building->view = ms_view_new (building->trace, building->filter, cancellable, error);
  if (building->view == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  /* What pages ask for on the main thread is known by then. */
  for (guint domain = 0; domain < MS_N_DOMAINS; domain++)
    if (ms_trace_has_domain (building->trace, domain)
        && ms_trace_get_n_threads (building->trace) > 0)
      ms_view_get_thread_totals (building->view, 0, domain);
  return TRUE;
}

/* The same stacks by their numbers in a later trace. */
static void
renumber (MsFilter **filter, const guint *map)
{
  static const guint none = 0;
  guint n = 0;
  const guint *stacks = *filter != NULL ? ms_filter_get_stacks (*filter, &n) : NULL;

  if (stacks == NULL)
    return;

  g_autoptr (MsFilter) before = g_steal_pointer (filter);
  g_autoptr (GArray) mapped = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < n; i++)
    if (map[stacks[i]] != G_MAXUINT)
      g_array_append_val (mapped, map[stacks[i]]);
  /* Not NULL, which means all. */
  *filter =
      ms_filter_with_stacks (before,
                             mapped->len > 0 ? (const guint *) (gpointer) mapped->data : &none,
                             mapped->len);
}

/* What is the same for every focus.  Then a focus that cannot be shown takes nothing else away. */
static gboolean
build_next (MsLensView *building, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (building->before != NULL)
    {
      building->stack_map = ms_stack_map_new (building->before, building->trace);
      renumber (&building->filter, building->stack_map);
      renumber (&building->wide_filter, building->stack_map);
    }
  building->names = ms_frame_names_new (building->trace, building->resolver, cancellable, error);
  if (building->names == NULL)
    return FALSE;
  building->whole = ms_view_new (building->trace, NULL, NULL, NULL);
  if (building->wide_filter == NULL)
    building->wide = g_object_ref (building->whole);
  if (building->wide_filter == NULL
      && ms_document_has_settings (building->document, &building->settings))
    building->rows = g_ptr_array_ref (ms_document_get_rows (building->document));
  if (build_part (building, cancellable, &problem))
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  building->problem = g_strdup (problem != NULL ? problem->message : "");
  return TRUE;
}

gboolean
ms_lens_view_build (MsLensView *building, GCancellable *cancellable, GError **error)
{
  return building->is_next ? build_next (building, cancellable, error)
                           : build_part (building, cancellable, error);
}
