/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-lens.h"
#include "ms-display-name.h"
#include "ms-display-units.h"
#include "ms-lens-names.h"
#include "ms-lens-view.h"
#include "ms-request.h"
#include "ms-site-text.h"
#include "ms-symbolizer.h"

struct _MsLens {
  GObject parent_instance;

  MsDocument *document;
  MsDocument *next; /* takes its place once it is built; or NULL */
  MsFocus *focus;
  MsAnalysisSettings settings;

  MsView *whole, *view;
  MsView *wide; /* of all threads */
  GPtrArray *whole_rows, *rows;
  MsResourceJoin *part;  /* of wide where that is not whole, or NULL */
  gboolean has_old_rows; /* they were made with other settings */
  char *problem;
  /* One view is built at a time: of a drag, whatever came while one was built is of no interest but
   * for the last. */
  GCancellable *building;
  gboolean is_stale; /* the focus changed since that began */
  gboolean awaits_history, is_waiting;

  MsNameResolver *resolver;
  MsFrameNames *names;
  gboolean has_names;
  GCancellable *naming;
};

G_DEFINE_FINAL_TYPE (MsLens, ms_lens, G_TYPE_OBJECT)

enum { PROP_0, PROP_BUSY, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];
static guint changed_signal, names_changed_signal, document_changed_signal;

/* --- views --- */

static void
view_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (ms_lens_view_build (task_data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Takes @problem. */
static void
show_view (MsLens *self, MsView *view, MsView *wide, GPtrArray *rows, char *problem)
{
  g_set_object (&self->view, view);
  g_set_object (&self->wide, wide);
  if (rows != NULL)
    g_ptr_array_ref (rows);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  self->rows = rows;
  g_free (self->problem);
  self->problem = problem;
  g_signal_emit (self, changed_signal, 0);
}

static void begin_view (MsLens *self);
static void begin_names (MsLens *self, MsNameResolver *resolver);

/* Everything of the document before goes at once. */
static void
adopt_next (MsLens *self, MsLensView *building)
{
  if (building->stack_map != NULL)
    ms_focus_renumber_stacks (self->focus, building->stack_map,
                              ms_trace_get_n_stacks (ms_lens_get_trace (self)));
  g_set_object (&self->document, building->document);
  if (self->next == building->document)
    g_clear_object (&self->next);
  g_set_object (&self->whole, building->whole);
  g_clear_pointer (&self->whole_rows, g_ptr_array_unref);
  self->whole_rows = g_ptr_array_ref (ms_document_get_rows (building->document));
  self->has_old_rows = !ms_document_has_settings (building->document, &self->settings);
  g_clear_pointer (&self->names, ms_frame_names_unref);
  self->names = g_steal_pointer (&building->names);
  g_clear_pointer (&self->part, ms_resource_join_free);
}

static void
view_built_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsLens) self = ms_request_ticket_redeem (user_data);
  MsLensView *building = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean built = g_task_propagate_boolean (G_TASK (result), &error);

  /* The lens is gone, or everything is looked at again. */
  if (self == NULL || g_task_get_cancellable (G_TASK (result)) != self->building)
    return;
  g_clear_object (&self->building);
  if (self->is_stale)
    {
      begin_view (self);
      return;
    }
  if (built && building->is_next)
    adopt_next (self, building);
  else if (building->is_next)
    g_clear_object (&self->next);
  if (built && building->wide == self->whole && building->rows != self->whole_rows)
    {
      g_ptr_array_unref (self->whole_rows);
      self->whole_rows = g_ptr_array_ref (building->rows);
      self->has_old_rows = FALSE;
    }
  if (built && building->part != NULL)
    {
      g_clear_pointer (&self->part, ms_resource_join_free);
      self->part = g_steal_pointer (&building->part);
    }
  if (built && building->is_next)
    g_signal_emit (self, document_changed_signal, 0);
  if (built && building->problem != NULL)
    show_view (self, NULL, building->wide, building->wide != NULL ? building->rows : NULL,
               g_steal_pointer (&building->problem));
  else if (built)
    show_view (self, building->view, building->wide, building->rows, NULL);
  else
    show_view (self, NULL, NULL, NULL, g_strdup (error->message));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
  if (self->next != NULL && self->building == NULL && !self->is_waiting)
    begin_view (self);
}

/* What is there already is not built again: of all threads, when only the thread changed. */
static void
give_what_is_there (MsLens *self, MsLensView *building)
{
  if (building->wide_filter == NULL)
    {
      building->wide = g_object_ref (self->whole);
      building->rows = self->has_old_rows ? NULL : g_ptr_array_ref (self->whole_rows);
    }
  else if (self->wide != NULL && !self->has_old_rows
           && ms_filter_equal (ms_view_get_filter (self->wide), building->wide_filter))
    {
      building->wide = g_object_ref (self->wide);
      building->rows = g_ptr_array_ref (self->rows);
    }
}

static void
begin_view (MsLens *self)
{
  g_autoptr (GTask) task = NULL;
  MsLensView *building;

  MsDocument *document = self->next != NULL ? self->next : self->document;
  MsTrace *trace = ms_document_get_trace (document);

  self->is_stale = FALSE;
  self->is_waiting =
      self->awaits_history && !ms_focus_is_clear (self->focus) && !ms_trace_has_history (trace);
  if (self->is_waiting)
    {
      g_clear_object (&self->next);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
      return;
    }
  if (self->next == NULL && ms_focus_is_clear (self->focus) && !self->has_old_rows)
    {
      show_view (self, self->whole, self->whole, self->whole_rows, NULL);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
      return;
    }
  self->building = g_cancellable_new ();
  building = g_new0 (MsLensView, 1);
  building->trace = g_object_ref (trace);
  building->is_next = self->next != NULL;
  if (building->is_next && ms_focus_remembers_stacks (self->focus))
    building->before = g_object_ref (ms_lens_get_trace (self));
  if (building->is_next && self->has_names)
    building->resolver = g_object_ref (self->resolver);
  building->filter = ms_lens_view_new_filter (self->focus, FALSE);
  building->wide_filter = ms_lens_view_new_filter (self->focus, TRUE);
  building->settings = self->settings;
  building->document = g_object_ref (document);
  building->whole_resources = ms_document_get_resources (document);
  if (!building->is_next)
    give_what_is_there (self, building);
  task = g_task_new (NULL, self->building, view_built_cb, ms_request_ticket_new (self));
  g_task_set_task_data (task, building, ms_lens_view_free);
  g_task_run_in_thread (task, view_worker);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

/* Or the settings. */
static void
focus_changed_cb (MsLens *self)
{
  /* Everything is there already. */
  if (self->next == NULL && ms_focus_is_clear (self->focus) && !self->has_old_rows)
    {
      ms_request_cancel (&self->building);
      begin_view (self);
      return;
    }
  if (self->building == NULL)
    {
      begin_view (self);
      return;
    }
  self->is_stale = TRUE;
  g_cancellable_cancel (self->building);
}

/* The same figures in other words, as pages take those of a later document: nobody loses their place. */
static void
units_changed_cb (MsLens *self)
{
  g_signal_emit (self, document_changed_signal, 0);
  g_signal_emit (self, changed_signal, 0);
}

/* --- names --- */

static void
names_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  MsTrace *trace;
  gboolean has_names;
  g_autoptr (MsFrameNames) names = ms_lens_names_find_finish (result, &trace, &has_names, &error);
  g_autoptr (MsLens) self = ms_request_ticket_redeem (user_data);

  if (self == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  /* Of a document that was replaced meanwhile; what was looked up is known to the resolver. */
  if (trace != ms_lens_get_trace (self))
    {
      begin_names (self, self->resolver);
      return;
    }
  if (names != NULL)
    {
      g_clear_pointer (&self->names, ms_frame_names_unref);
      self->names = g_steal_pointer (&names);
    }
  self->has_names = has_names;
  if (!self->has_names)
    begin_names (self, self->resolver);
  g_signal_emit (self, names_changed_signal, 0);
}

static void
begin_names (MsLens *self, MsNameResolver *resolver)
{
  ms_lens_names_find_async (ms_document_get_trace (self->document), resolver, self->naming,
                            names_found_cb, ms_request_ticket_new (self));
}

/* --- the object --- */

static void
ms_lens_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_BUSY)
    g_value_set_boolean (value, ms_lens_get_busy (MS_LENS (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ms_lens_dispose (GObject *object)
{
  MsLens *self = MS_LENS (object);

  ms_request_cancel (&self->building);
  ms_request_cancel (&self->naming);
  if (self->focus != NULL)
    g_signal_handlers_disconnect_by_data (self->focus, self);
  g_clear_object (&self->focus);
  g_clear_object (&self->view);
  g_clear_object (&self->wide);
  g_clear_object (&self->whole);
  g_clear_object (&self->resolver);
  g_clear_object (&self->next);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (ms_lens_parent_class)->dispose (object);
}

static void
ms_lens_finalize (GObject *object)
{
  MsLens *self = MS_LENS (object);

  g_clear_pointer (&self->names, ms_frame_names_unref);
  g_clear_pointer (&self->part, ms_resource_join_free);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->whole_rows, g_ptr_array_unref);
  g_free (self->problem);
  G_OBJECT_CLASS (ms_lens_parent_class)->finalize (object);
}

static void
ms_lens_class_init (MsLensClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ms_lens_get_property;
  object_class->dispose = ms_lens_dispose;
  object_class->finalize = ms_lens_finalize;
  properties[PROP_BUSY] =
      g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  changed_signal = g_signal_new ("changed", MS_TYPE_LENS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
  document_changed_signal = g_signal_new ("document-changed", MS_TYPE_LENS, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  names_changed_signal = g_signal_new ("names-changed", MS_TYPE_LENS, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 0);
}

static void
ms_lens_init (MsLens *self)
{
  self->naming = g_cancellable_new ();
  ms_analysis_settings_init (&self->settings);
}

MsLens *
ms_lens_new (MsDocument *document,
             MsFocus *focus,
             MsNameResolver *resolver,
             const MsAnalysisSettings *settings)
{
  MsLens *self = g_object_new (MS_TYPE_LENS, NULL);

  self->document = g_object_ref (document);
  self->focus = g_object_ref (focus);
  self->resolver =
      resolver != NULL ? g_object_ref (resolver) : MS_NAME_RESOLVER (ms_symbolizer_new_for_user ());
  if (settings != NULL)
    self->settings = *settings;
  /* Of everything: cannot fail, and costs nothing. */
  self->whole = ms_view_new (ms_document_get_trace (document), NULL, NULL, NULL);
  self->view = g_object_ref (self->whole);
  self->wide = g_object_ref (self->whole);
  self->whole_rows = g_ptr_array_ref (ms_document_get_rows (document));
  self->rows = g_ptr_array_ref (self->whole_rows);
  g_signal_connect_swapped (focus, "changed", G_CALLBACK (focus_changed_cb), self);
  ms_display_units_watch (self, G_CALLBACK (units_changed_cb));
  if (!ms_focus_is_clear (focus))
    begin_view (self);
  begin_names (self, NULL);
  return self;
}

void
ms_lens_set_document (MsLens *self, MsDocument *document)
{
  g_return_if_fail (MS_IS_LENS (self));
  g_return_if_fail (MS_IS_DOCUMENT (document));

  g_set_object (&self->next, document);
  if (self->building == NULL)
    begin_view (self);
}

void
ms_lens_set_awaits_history (MsLens *self, gboolean awaits)
{
  g_return_if_fail (MS_IS_LENS (self));

  self->awaits_history = awaits;
  if (self->is_waiting && !awaits)
    begin_view (self);
}

gboolean
ms_lens_awaits_history (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), FALSE);

  return self->awaits_history && !ms_trace_has_history (ms_lens_get_trace (self));
}

gboolean
ms_lens_is_waiting (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), FALSE);

  return self->is_waiting;
}

MsDocument *
ms_lens_get_document (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return self->document;
}

MsTrace *
ms_lens_get_trace (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return ms_document_get_trace (self->document);
}

MsDomain
ms_lens_get_domain (MsLens *self)
{
  return ms_trace_get_main_domain (ms_lens_get_trace (self));
}

MsFocus *
ms_lens_get_focus (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return self->focus;
}

MsView *
ms_lens_get_view (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return self->view;
}

MsView *
ms_lens_get_whole_view (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return self->whole;
}

gboolean
ms_lens_get_busy (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), FALSE);

  return self->building != NULL || self->is_waiting;
}

MsView *
ms_lens_get_all_threads_view (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return self->wide;
}

GPtrArray *
ms_lens_get_rows (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return self->rows;
}

const MsResourceJoin *
ms_lens_get_resources (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  if (self->wide == NULL)
    return NULL;
  return ms_view_is_filtered (self->wide) ? self->part : ms_document_get_resources (self->document);
}

MsThreadRow *
ms_lens_find_row (MsLens *self, guint id)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return self->rows != NULL ? ms_thread_rows_find (self->rows, id) : NULL;
}

const char *
ms_lens_get_problem (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return self->problem;
}

MsNameResolver *
ms_lens_get_resolver (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return self->resolver;
}

MsFrameNames *
ms_lens_get_frame_names (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return self->names;
}

gboolean
ms_lens_has_names (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), FALSE);

  return self->has_names;
}

char *
ms_lens_dup_site (MsLens *self, guint stack)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  if (self->names == NULL || stack >= ms_frame_names_get_n_stacks (self->names))
    return g_strdup ("…");

  g_autofree char *site = ms_site_text_new (self->names, stack);
  return ms_display_text (site, MS_DISPLAY_NAME_MAX);
}

const MsAnalysisSettings *
ms_lens_get_settings (MsLens *self)
{
  g_return_val_if_fail (MS_IS_LENS (self), NULL);

  return &self->settings;
}

void
ms_lens_set_settings (MsLens *self, const MsAnalysisSettings *settings)
{
  g_return_if_fail (MS_IS_LENS (self));

  self->settings = *settings;
  self->has_old_rows = TRUE;
  focus_changed_cb (self);
}
