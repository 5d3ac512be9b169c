/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Debug files from the network, one module after the other.  A module whose file has come is forgotten:
 * its source is closed, finds the file in the client's cache at the next address, and names that an
 * earlier run kept give way, as a place that they depend on has changed.
 */
#include "ms-debuginfod.h"
#include "ms-symbolizer-private.h"

void
ms_symbolizer_set_may_fetch (MsSymbolizer *self, gboolean may_fetch)
{
  g_return_if_fail (MS_IS_SYMBOLIZER (self));
  g_atomic_int_set (&self->may_fetch, may_fetch);
}

gboolean
ms_symbolizer_can_fetch (MsSymbolizer *self)
{
  g_return_val_if_fail (MS_IS_SYMBOLIZER (self), FALSE);
  return g_atomic_int_get (&self->may_fetch) && ms_debuginfod_is_configured ();
}

typedef struct {
  MsFetchProgress progress;
  gpointer user_data;
  GMainContext *context; /* NULL: call from this thread */
  const char *module;
  guint nth, n_modules;
  guint64 done_bytes, total_bytes;
} Fetch;

static gboolean
call_progress (gpointer data)
{
  const Fetch *fetch = data;

  fetch->progress (fetch->module, fetch->nth, fetch->n_modules, fetch->done_bytes,
                   fetch->total_bytes, fetch->user_data);
  return G_SOURCE_REMOVE;
}

static void
fetch_progress_cb (guint64 done_bytes, guint64 total_bytes, gpointer user_data)
{
  Fetch *fetch = user_data;
  g_autoptr (GSource) source = NULL;

  fetch->done_bytes = done_bytes;
  fetch->total_bytes = total_bytes;
  if (fetch->progress == NULL)
    return;
  if (fetch->context == NULL)
    {
      call_progress (fetch);
      return;
    }
  /* Before the task's own callback: that comes to the same context with the same priority, later. */
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, call_progress, g_memdup2 (fetch, sizeof *fetch), g_free);
  g_source_attach (source, fetch->context);
}

/* Nothing was known of @object. */
static void
forget (MsSymbolizer *self, MsSymbolObject *object)
{
  g_mutex_lock (&object->lock);
  ms_symbol_source_save (object->source);
  ms_symbol_source_close (object->source);
  g_mutex_lock (&self->lock);
  g_hash_table_remove_all (object->slices);
  object->reason = NULL;
  g_mutex_unlock (&self->lock);
  g_mutex_unlock (&object->lock);
}

/* (transfer full) (element-type MsSymbolObject) */
static GPtrArray *
list_fetchable (MsSymbolizer *self)
{
  GPtrArray *objects = g_ptr_array_new ();

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->in_order->len; i++)
    {
      MsSymbolObject *object = g_ptr_array_index (self->in_order, i);

      if (object->reason != NULL && object->build_id != NULL
          && ms_debug_places_is_build_id (object->build_id))
        g_ptr_array_add (objects, object);
    }
  g_mutex_unlock (&self->lock);
  return objects;
}

static guint
fetch_all (MsSymbolizer *self, Fetch *fetch, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) objects = list_fetchable (self);
  guint n_fetched = 0;

  if (!ms_symbolizer_can_fetch (self))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           g_atomic_int_get (&self->may_fetch)
                               ? "no debuginfod server is configured"
                               : "fetching debug files is switched off");
      return 0;
    }
  fetch->n_modules = objects->len;
  for (guint i = 0; i < objects->len; i++)
    {
      MsSymbolObject *object = g_ptr_array_index (objects, i);
      g_autoptr (GError) own_error = NULL;

      fetch->module = object->path;
      fetch->nth = i;
      if (ms_debuginfod_fetch (object->build_id, cancellable, fetch_progress_cb, fetch, &own_error))
        {
          forget (self, object);
          n_fetched++;
        }
      else if (g_error_matches (own_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&own_error));
          return n_fetched;
        }
      else
        {
          g_mutex_lock (&self->lock);
          object->fetched = ms_symbolizer_intern (self, own_error->message);
          g_mutex_unlock (&self->lock);
        }
    }
  return n_fetched;
}

guint
ms_symbolizer_fetch (MsSymbolizer *self,
                     GCancellable *cancellable,
                     MsFetchProgress progress,
                     gpointer user_data,
                     GError **error)
{
  Fetch fetch = { .progress = progress, .user_data = user_data };

  g_return_val_if_fail (MS_IS_SYMBOLIZER (self), 0);
  return fetch_all (self, &fetch, cancellable, error);
}

static void
fetch_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  guint n = fetch_all (source, task_data, cancellable, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, n);
}

void
ms_symbolizer_fetch_async (MsSymbolizer *self,
                           GCancellable *cancellable,
                           MsFetchProgress progress,
                           gpointer progress_data,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Fetch *fetch;

  g_return_if_fail (MS_IS_SYMBOLIZER (self));
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ms_symbolizer_fetch_async);
  fetch = g_new0 (Fetch, 1);
  fetch->progress = progress;
  fetch->user_data = progress_data;
  fetch->context = g_task_get_context (task);
  g_task_set_task_data (task, fetch, g_free);
  g_task_run_in_thread (task, fetch_thread);
}

guint
ms_symbolizer_fetch_finish (MsSymbolizer *self, GAsyncResult *result, GError **error)
{
  gssize n;

  g_return_val_if_fail (g_task_is_valid (result, self), 0);
  n = g_task_propagate_int (G_TASK (result), error);
  return n > 0 ? (guint) n : 0;
}
