/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a snapshot of a flight recorder does: the rings are saved on a worker, and then it is answered. */
#include <fcntl.h>
#include <unistd.h>

#include "ms-ring-saver.h"
#include "ms-tracker-object-private.h"

typedef struct {
  int dir_fd; /* ours */
  char *folder, *name;
  gint64 time_ns;
} Save;

static void
save_free (gpointer data)
{
  Save *save = data;

  close (save->dir_fd);
  g_free (save->folder);
  g_free (save->name);
  g_free (save);
}

static void
save_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Save *save = task_data;
  g_autofree char *name = NULL;
  GError *error = NULL;

  if (ms_ring_saver_save (save->dir_fd, save->name, save->time_ns, &name, &error))
    g_task_return_pointer (task, g_build_filename (save->folder, name, NULL), g_free);
  else
    g_task_return_error (task, error);
}

/* The object may be gone. */
static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  const Save *save = g_task_get_task_data (G_TASK (result));
  gboolean *is_saving = g_object_get_data (G_OBJECT (result), "is-saving");
  g_autofree char *path = g_task_propagate_pointer (G_TASK (result), &error);

  *is_saving = FALSE;
  if (path != NULL)
    g_dbus_method_invocation_return_value (user_data,
                                           g_variant_new ("(x@ay)", save->time_ns,
                                                          g_variant_new_bytestring (path)));
  else
    ms_tracker_object_fail (user_data, error);
}

/* What the rings hold, on a worker: it may be much. */
void
ms_tracker_object_save (MsTrackerObject *self,
                        GDBusMethodInvocation *invocation,
                        const char *name,
                        gint64 time_ns)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, saved_cb, invocation);
  Save *save = g_new0 (Save, 1);

  save->dir_fd = fcntl (self->dir_fd, F_DUPFD_CLOEXEC, 0);
  save->folder = g_strdup (self->folder);
  save->name = g_strdup (name);
  save->time_ns = time_ns;
  *self->is_saving = TRUE;
  g_object_set_data_full (G_OBJECT (task), "is-saving", g_atomic_rc_box_acquire (self->is_saving),
                          g_atomic_rc_box_release);
  g_task_set_task_data (task, save, save_free);
  g_task_run_in_thread (task, save_thread);
}
