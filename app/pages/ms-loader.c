/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-loader.h"

struct _MsLoader {
  GObject parent_instance;

  char *path;
  MsRecording *recording; /* NULL until it is open */
  guint process;
  gint permille; /* written by the worker, read by whoever shows it */
};

G_DEFINE_FINAL_TYPE (MsLoader, ms_loader, G_TYPE_OBJECT)

static void
ms_loader_finalize (GObject *object)
{
  MsLoader *self = MS_LOADER (object);

  g_free (self->path);
  g_clear_object (&self->recording);
  G_OBJECT_CLASS (ms_loader_parent_class)->finalize (object);
}

static void
ms_loader_class_init (MsLoaderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ms_loader_finalize;
}

static void
ms_loader_init (MsLoader *self)
{
}

MsLoader *
ms_loader_new (const char *path)
{
  MsLoader *self = g_object_new (MS_TYPE_LOADER, NULL);

  self->path = g_strdup (path);
  return self;
}

MsLoader *
ms_loader_new_for_process (MsRecording *recording, guint process)
{
  MsLoader *self = ms_loader_new (ms_recording_get_path (recording));

  self->recording = g_object_ref (recording);
  self->process = process;
  return self;
}

const char *
ms_loader_get_path (MsLoader *self)
{
  g_return_val_if_fail (MS_IS_LOADER (self), NULL);

  return self->path;
}

static void
progress_cb (double fraction, gpointer user_data)
{
  MsLoader *self = user_data;

  g_atomic_int_set (&self->permille, (gint) (CLAMP (fraction, 0, 1) * 1000));
}

static MsDocument *
load (MsLoader *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (MsTrace) trace = NULL;

  if (self->recording == NULL)
    {
      self->recording = ms_recording_open (self->path, cancellable, error);
      if (self->recording == NULL)
        return NULL;
      self->process = ms_recording_get_main_process (self->recording);
    }

  const MsProcess *process = ms_recording_get_process (self->recording, self->process);
  trace = ms_trace_load (process->folder, cancellable, progress_cb, self, error);
  if (trace == NULL)
    return NULL;

  MsDocument *document = ms_document_new (self->recording, self->process, trace);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    g_clear_object (&document);
  return document;
}

static void
load_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  MsDocument *document = load (source, cancellable, &error);

  if (document != NULL)
    g_task_return_pointer (task, document, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
ms_loader_load_async (MsLoader *self,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_return_if_fail (MS_IS_LOADER (self));

  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ms_loader_load_async);
  g_task_run_in_thread (task, load_worker);
}

MsDocument *
ms_loader_load_finish (MsLoader *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

double
ms_loader_get_progress (MsLoader *self)
{
  g_return_val_if_fail (MS_IS_LOADER (self), 0);

  return g_atomic_int_get (&self->permille) / 1000.0;
}
