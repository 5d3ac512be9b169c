/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-live-bytes.h"
#include "ms-follower.h"
#include "ms-request.h"

#include <glib/gstdio.h>

/* Some ten million events: about a second, as memscope list has it. */
#define MAX_EVENT_BYTES (32U << 20)
#define READ_EVERY_MS 1000

struct _MsLiveBytes {
  GObject parent_instance;

  char *folder;
  MsFollower *follower; /* NULL: a worker has it, or none was made yet */
  GCancellable *cancellable;
  gboolean is_known;
  guint64 bytes;
  guint source;
};

G_DEFINE_FINAL_TYPE (MsLiveBytes, ms_live_bytes, G_TYPE_OBJECT)

static guint changed_signal;

/* --- on a worker ---------------------------------------------------------------------------------------- */

typedef struct {
  char *folder;
  MsFollower *follower;
  guint64 bytes;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->folder);
  g_clear_object (&job->follower);
  g_free (job);
}

static gboolean
is_short (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint64 n_bytes = 0;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf status;

      if (g_str_has_prefix (name, "memscope_thread_") && g_lstat (path, &status) == 0)
        n_bytes += (guint64) status.st_size;
    }
  return dir != NULL && n_bytes <= MAX_EVENT_BYTES;
}

/* Of a dormant program nobody knows, and of one whose events are written over. */
static gboolean
has_live (MsTrace *trace)
{
  if (ms_trace_why_no_live (trace) != NULL)
    return FALSE;
  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    if (ms_thread_is_tracked (ms_trace_get_thread (trace, i)))
      return TRUE;
  return FALSE;
}

static void
worker (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Job *job = task_data;
  g_autoptr (MsTrace) trace = NULL;
  GError *error = NULL;

  /* What has been read once is read on, however long it grows. */
  if (job->follower == NULL && is_short (job->folder))
    job->follower = ms_follower_new (job->folder, NULL);
  if (job->follower != NULL)
    trace = ms_follower_read (job->follower, cancellable, NULL, NULL, &error);
  g_clear_error (&error);
  if (trace != NULL && has_live (trace))
    job->bytes = ms_trace_get_totals (trace, ms_trace_get_main_domain (trace))->live_bytes;
  g_task_return_boolean (task, trace != NULL && has_live (trace));
}

/* --- the object ----------------------------------------------------------------------------------------- */

static void begin (MsLiveBytes *self);

static gboolean
again_cb (gpointer user_data)
{
  MsLiveBytes *self = user_data;

  self->source = 0;
  begin (self);
  return G_SOURCE_REMOVE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MsLiveBytes) self = ms_request_ticket_redeem (user_data);
  Job *job = g_task_get_task_data (G_TASK (result));

  if (self == NULL)
    return;
  self->follower = g_steal_pointer (&job->follower);
  if (g_task_propagate_boolean (G_TASK (result), NULL))
    {
      self->is_known = TRUE;
      self->bytes = job->bytes;
      g_signal_emit (self, changed_signal, 0);
    }
  self->source = g_timeout_add (READ_EVERY_MS, again_cb, self);
}

static void
begin (MsLiveBytes *self)
{
  Job *job = g_new0 (Job, 1);

  job->folder = g_strdup (self->folder);
  job->follower = g_steal_pointer (&self->follower);
  g_autoptr (GTask) task =
      g_task_new (NULL, self->cancellable, read_cb, ms_request_ticket_new (self));
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, worker);
}

static void
ms_live_bytes_dispose (GObject *object)
{
  MsLiveBytes *self = MS_LIVE_BYTES (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_object (&self->follower);
  G_OBJECT_CLASS (ms_live_bytes_parent_class)->dispose (object);
}

static void
ms_live_bytes_finalize (GObject *object)
{
  MsLiveBytes *self = MS_LIVE_BYTES (object);

  g_free (self->folder);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (ms_live_bytes_parent_class)->finalize (object);
}

static void
ms_live_bytes_class_init (MsLiveBytesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ms_live_bytes_dispose;
  G_OBJECT_CLASS (klass)->finalize = ms_live_bytes_finalize;
  changed_signal = g_signal_new ("changed", MS_TYPE_LIVE_BYTES, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ms_live_bytes_init (MsLiveBytes *self)
{
  self->cancellable = g_cancellable_new ();
}

MsLiveBytes *
ms_live_bytes_new (const char *folder)
{
  MsLiveBytes *self = g_object_new (MS_TYPE_LIVE_BYTES, NULL);

  self->folder = g_strdup (folder);
  if (folder != NULL)
    begin (self);
  return self;
}

gboolean
ms_live_bytes_get (MsLiveBytes *self, guint64 *bytes)
{
  g_return_val_if_fail (MS_IS_LIVE_BYTES (self), FALSE);

  *bytes = self->bytes;
  return self->is_known;
}
