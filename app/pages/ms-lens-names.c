/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-lens-names.h"

typedef struct {
  MsTrace *trace;
  MsNameResolver *resolver; /* NULL: addresses */
} Naming;

static void
naming_free (gpointer data)
{
  Naming *naming = data;

  g_object_unref (naming->trace);
  g_clear_object (&naming->resolver);
  g_free (naming);
}

static void
names_worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Naming *naming = task_data;
  GError *error = NULL;
  MsFrameNames *names = ms_frame_names_new (naming->trace, naming->resolver, cancellable, &error);

  if (names != NULL)
    g_task_return_pointer (task, names, (GDestroyNotify) ms_frame_names_unref);
  else
    g_task_return_error (task, error);
}

void
ms_lens_names_find_async (MsTrace *trace,
                          MsNameResolver *resolver,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Naming *naming = g_new0 (Naming, 1);

  naming->trace = g_object_ref (trace);
  naming->resolver = resolver != NULL ? g_object_ref (resolver) : NULL;
  g_task_set_task_data (task, naming, naming_free);
  g_task_run_in_thread (task, names_worker);
}

MsFrameNames *
ms_lens_names_find_finish (GAsyncResult *result,
                           MsTrace **trace,
                           gboolean *has_names,
                           GError **error)
{
  const Naming *naming = g_task_get_task_data (G_TASK (result));

  *trace = naming->trace;
  *has_names = naming->resolver != NULL;
  return g_task_propagate_pointer (G_TASK (result), error);
}
