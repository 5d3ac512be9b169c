/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <string.h>

#include "ms-control-page.h"
#include "ms-mark-writer.h"
#include "ms-ring-saver.h"
#include "ms-thread-rule.h"
#include "ms-tracker-client-private.h"

/* The agent waits for the process for less. */
#define ANSWER_MS 5000
#define NOTICE_MS 2000
/* Rings of a thousand threads are a gigabyte. */
#define SNAPSHOT_MS 120000

/* What is wanted, for a worker that says it to the page itself. */
typedef struct {
  int dir_fd;
  char *folder;
  enum { RECORDING, RULE, SAMPLING, MARK } what;
  gboolean flag; /* on; a snapshot */
  char *text;    /* a rule, a name */
  double rate;
  guint64 interval_bytes;
} Wish;

static void
wish_free (Wish *wish)
{
  g_free (wish->folder);
  g_free (wish->text);
  g_free (wish);
}

/* --- without an agent ----------------------------------------------------------------------------- */

static void
apply (const Wish *wish, MsControl *control)
{
  switch (wish->what)
    {
    case RECORDING:
      control->is_on = wish->flag;
      break;
    case RULE:
      g_strlcpy (control->rule, wish->text, sizeof control->rule);
      break;
    case SAMPLING:
      control->sampling_rate = wish->rate;
      control->sample_interval_bytes = wish->interval_bytes;
      break;
    case MARK:
    default:
      break;
    }
}

/* What came of a mark. */
typedef struct {
  gint64 time_ns;
  char *path; /* NULL: nothing had to be saved */
} Marked;

static void
marked_free (gpointer data)
{
  Marked *marked = data;

  g_free (marked->path);
  g_free (marked);
}

static gboolean
save_ring (const Wish *wish, Marked *marked, GError **error)
{
  g_autofree char *name = NULL;

  if (!wish->flag || !ms_ring_saver_is_ring (wish->dir_fd))
    return TRUE;
  if (!ms_ring_saver_save (wish->dir_fd, wish->text, marked->time_ns, &name, error))
    return FALSE;
  marked->path = g_build_filename (wish->folder, name, NULL);
  return TRUE;
}

static void
mark_thread (GTask *task, const Wish *wish)
{
  Marked *marked = g_new0 (Marked, 1);
  GError *error = NULL;

  if (ms_mark_write_at (wish->dir_fd, wish->flag ? TRK_MARK_SNAPSHOT : TRK_MARK_PLAIN, wish->text,
                        &marked->time_ns, &error)
      && save_ring (wish, marked, &error))
    {
      g_task_return_pointer (task, marked, marked_free);
      return;
    }
  marked_free (marked);
  g_task_return_error (task, error);
}

static void
wish_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Wish *wish = data;
  GError *error = NULL;
  MsControl control, before;

  if (wish->what == MARK)
    {
      mark_thread (task, wish);
      return;
    }
  if (!ms_control_read (wish->folder, &control, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  before = control;
  apply (wish, &control);
  if (ms_control_change (wish->folder, &control, NOTICE_MS, &error))
    {
      ms_control_mark_change_at (wish->dir_fd, &before, &control);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    {
      g_task_return_error (task, error);
      return;
    }
  g_clear_error (&error);
  g_task_return_boolean (task, TRUE);
}

/* --- through the agent ---------------------------------------------------------------------------- */

/* The agent's error as one that a caller can tell from others. */
static GError *
translate (GError *error)
{
  static const struct {
    const char *name;
    GIOErrorEnum code;
  } names[] = { { "org.memscope.Error.InvalidArgument", G_IO_ERROR_INVALID_ARGUMENT },
                { "org.memscope.Error.Ended", G_IO_ERROR_NOT_FOUND },
                { "org.memscope.Error.TooMany", G_IO_ERROR_BUSY },
                { "org.freedesktop.DBus.Error.AccessDenied", G_IO_ERROR_PERMISSION_DENIED } };
  g_autofree char *remote = g_dbus_error_get_remote_error (error);

  for (guint i = 0; remote != NULL && i < G_N_ELEMENTS (names); i++)
    if (strcmp (remote, names[i].name) == 0)
      {
        error->domain = G_IO_ERROR;
        error->code = (gint) names[i].code;
      }
  g_dbus_error_strip_remote_error (error);
  return error;
}

/* One that is suspended, or very busy. */
static gboolean
is_silence (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT);
}

static void
answer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Wish *wish = g_task_get_task_data (task);
  MsTrackerClient *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);

  if (reply == NULL && is_silence (error))
    {
      g_error_free (error);
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                               "the agent of %s does not answer: try again later", self->program);
    }
  else if (reply == NULL)
    g_task_return_error (task, translate (error));
  else if (wish->what == MARK)
    {
      Marked *marked = g_new0 (Marked, 1);

      g_variant_get_child (reply, 0, "x", &marked->time_ns);
      if (wish->flag)
        g_variant_get_child (reply, 1, "^ay", &marked->path);
      if (marked->path != NULL && *marked->path == '\0')
        g_clear_pointer (&marked->path, g_free);
      g_task_return_pointer (task, marked, marked_free);
    }
  else
    g_task_return_boolean (task, TRUE);
}

static void
call_agent (MsTrackerClient *self, GTask *task, const Wish *wish)
{
  const char *method = NULL;
  GVariant *arguments = NULL;

  switch (wish->what)
    {
    case RECORDING:
      method = wish->flag ? "Start" : "Stop";
      break;
    case RULE:
      method = "SetThreadRule";
      arguments = g_variant_new ("(s)", wish->text);
      break;
    case SAMPLING:
      method = "SetSampling";
      arguments = g_variant_new ("(dt)", wish->rate, wish->interval_bytes);
      break;
    case MARK:
    default:
      method = wish->flag ? "Snapshot" : "Mark";
      arguments = g_variant_new ("(s)", wish->text);
    }
  g_dbus_proxy_call (G_DBUS_PROXY (self->agent), method, arguments, G_DBUS_CALL_FLAGS_NONE,
                     wish->what == MARK && wish->flag ? SNAPSHOT_MS : ANSWER_MS,
                     g_task_get_cancellable (task), answer_cb, g_object_ref (task));
}

/* --- both ----------------------------------------------------------------------------------------- */

/* Takes @wish. */
static void
begin (MsTrackerClient *self,
       Wish *wish,
       gpointer tag,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, tag);
  wish->dir_fd = self->dir_fd;
  wish->folder = g_strdup (self->folder);
  g_task_set_task_data (task, wish, (GDestroyNotify) wish_free);
  if (self->has_ended || self->is_ending)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s has ended", self->program);
  else if (wish->text != NULL && !g_utf8_validate (wish->text, -1, NULL))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "this is not UTF-8");
  /* The process would say no more than that it refuses it. */
  else if (wish->what == RULE && !ms_thread_rule_check (wish->text, &error))
    g_task_return_error (task, error);
  else if (self->is_on_bus)
    call_agent (self, task, wish);
  else if (self->is_own_folder)
    g_task_run_in_thread (task, wish_thread);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                             "the agent of %s is not on the bus", self->program);
}

void
ms_tracker_client_set_recording_async (MsTrackerClient *self,
                                       gboolean is_recording,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  Wish *wish = g_new0 (Wish, 1);

  wish->what = RECORDING;
  wish->flag = is_recording;
  begin (self, wish, ms_tracker_client_change_finish, cancellable, callback, user_data);
}

void
ms_tracker_client_set_thread_rule_async (MsTrackerClient *self,
                                         const char *rule,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  Wish *wish = g_new0 (Wish, 1);

  wish->what = RULE;
  wish->text = g_strdup (rule);
  begin (self, wish, ms_tracker_client_change_finish, cancellable, callback, user_data);
}

void
ms_tracker_client_set_sampling_async (MsTrackerClient *self,
                                      double rate,
                                      guint64 interval_bytes,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  Wish *wish = g_new0 (Wish, 1);

  wish->what = SAMPLING;
  wish->rate = rate;
  wish->interval_bytes = interval_bytes;
  begin (self, wish, ms_tracker_client_change_finish, cancellable, callback, user_data);
}

gboolean
ms_tracker_client_change_finish (MsTrackerClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  if (!self->is_on_bus)
    ms_tracker_client_look (self);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ms_tracker_client_mark_async (MsTrackerClient *self,
                              const char *name,
                              gboolean is_snapshot,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  Wish *wish = g_new0 (Wish, 1);

  wish->what = MARK;
  wish->text = g_strdup (name);
  wish->flag = is_snapshot;
  begin (self, wish, ms_tracker_client_mark_finish, cancellable, callback, user_data);
}

gboolean
ms_tracker_client_mark_finish (MsTrackerClient *self,
                               GAsyncResult *result,
                               gint64 *time_ns,
                               char **path,
                               GError **error)
{
  Marked *marked;

  g_return_val_if_fail (g_async_result_is_tagged (result, ms_tracker_client_mark_finish), FALSE);
  marked = g_task_propagate_pointer (G_TASK (result), error);
  if (marked == NULL)
    return FALSE;
  *time_ns = marked->time_ns;
  if (path != NULL)
    *path = g_steal_pointer (&marked->path);
  marked_free (marked);
  return TRUE;
}
