/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "ms-running-program-private.h"
#include "ms-session-bus.h"
#include "ms-traced-process.h"
#include "ms-tracker-client-private.h"

#define ANSWER_MS 5000
/* Whoever connects waits no longer: a bus or an agent that does not answer is none, until it does. */
#define CONNECT_MS 3000
#define MAX_FILES_AT_ONCE 16U
#define MAX_NAMES_AT_ONCE 64U
/* As many names as somebody may make us keep. */
#define MAX_WANTED 16384U

/* One way from the bus to the agent's files.  The task, if it is the first one, has the client; else nobody
 * has, and an answer that was cancelled touches nothing. */
typedef struct _Step {
  MsTrackerClient *client;
  GTask *task; /* NULL: again, after the bus or the agent was gone, or has not answered in time */
} Step;

static void
step_free (Step *step)
{
  g_clear_object (&step->task);
  g_free (step);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

/* TRUE: the client may be gone. */
static gboolean
is_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void ask_properties (Step *step);
static void open_trace (Step *step);

/* --- the end of the way --------------------------------------------------------------------------- */

/* Whoever connects is about to be answered. */
static void
end_connecting (MsTrackerClient *self)
{
  g_clear_handle_id (&self->late_id, g_source_remove);
  self->first = NULL;
}

static void
succeed (Step *step)
{
  MsTrackerClient *self = step->client;

  if (step->task == NULL)
    return;
  ms_tracker_client_ensure_agent (self);
  end_connecting (self);
  ms_tracker_client_start_ticks (self);
  g_task_return_pointer (step->task, g_object_ref (self), g_object_unref);
}

/* Without an agent on the bus, its folder may do. */
static void
go_on_without_agent (Step *step, const GError *why)
{
  MsTrackerClient *self = step->client;
  g_autoptr (MsTrackerProperties) properties = NULL;

  if (step->task == NULL)
    return;
  end_connecting (self);
  if (self->is_own_folder && self->start_ticks != 0)
    properties = ms_tracker_properties_read ((gint) self->pid, self->start_ticks, self->folder);
  if (properties != NULL)
    {
      ms_tracker_client_take (self, properties);
      succeed (step);
    }
  else if (why != NULL)
    g_task_return_error (step->task, g_error_copy (why));
  else
    g_task_return_new_error (step->task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                             "process %u has ended, or is not being recorded", self->pid);
}

/* What is under way goes on, without anybody who waits for it. */
static gboolean
late_cb (gpointer user_data)
{
  MsTrackerClient *self = user_data;
  Step *step = self->first;
  G_GNUC_UNUSED g_autoptr (GTask) task = g_object_ref (step->task);
  g_autoptr (GError) error =
      g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                   "neither the session bus nor the agent of process %u answers, and its folder "
                   "cannot be read from here: try again later",
                   self->pid);

  self->late_id = 0;
  go_on_without_agent (step, error);
  g_clear_object (&step->task);
  return G_SOURCE_REMOVE;
}

/* --- files ---------------------------------------------------------------------------------------- */

/* Names that the agent has told and was not asked for. */
static void
keep_names (MsTrackerClient *self, const char *const *names)
{
  for (; *names != NULL && self->wanted->len < MAX_WANTED; names++)
    g_ptr_array_add (self->wanted, g_strdup (*names));
}

static void
files_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) files = NULL;
  g_autoptr (GUnixFDList) descriptors = NULL;
  MsTrackerClient *self = user_data;
  gboolean is_answered = ms_bus_tracker1_call_open_files_finish (MS_BUS_TRACKER1 (source), &files,
                                                                 &descriptors, result, &error);

  if (is_cancelled (error))
    return;
  /* Of an agent that is gone: the next one tells everything anew, and was perhaps asked already. */
  if (self->agent != MS_BUS_TRACKER1 (source))
    return;
  self->is_asking = FALSE;
  if (is_answered)
    {
      g_ptr_array_remove_range (self->wanted, 0, self->n_asked);
      if (self->mirror != NULL && ms_trace_mirror_add (self->mirror, files, descriptors) > 0)
        ms_tracker_client_emit_changed (self, TRUE);
      ms_tracker_client_ask_files (self);
    }
}

/* As many at a time as the agent answers, and no more before it has: each is a descriptor on both sides, and on the
 * way.  After a refusal again with the next tick. */
void
ms_tracker_client_ask_files (MsTrackerClient *self)
{
  const char *some[MAX_FILES_AT_ONCE + 1] = { NULL };

  if (self->is_asking || self->wanted->len == 0 || self->agent == NULL || self->mirror == NULL)
    return;
  self->n_asked = MIN (self->wanted->len, MAX_FILES_AT_ONCE);
  for (guint i = 0; i < self->n_asked; i++)
    some[i] = g_ptr_array_index (self->wanted, i);
  self->is_asking = TRUE;
  ms_bus_tracker1_call_open_files (self->agent, some, NULL, self->cancellable, files_cb, self);
}

static void
trace_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) files = NULL;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_auto (GStrv) more = NULL;
  MsTrackerClient *self = step->client;

  if (!ms_bus_tracker1_call_open_trace_finish (MS_BUS_TRACKER1 (source), &files, &more,
                                               &descriptors, result, &error)
      || (self->mirror == NULL && (self->mirror = ms_trace_mirror_new (&error)) == NULL))
    {
      if (!is_cancelled (error) || step->task != NULL)
        go_on_without_agent (step, error);
      return;
    }
  ms_trace_mirror_add (self->mirror, files, descriptors);
  if (self->folder == NULL)
    self->folder = g_strdup (ms_trace_mirror_get_folder (self->mirror));
  g_ptr_array_set_size (self->wanted, 0);
  self->n_asked = 0; /* what is being asked is none of these */
  keep_names (self, (const char *const *) more);
  ms_tracker_client_ask_files (self);
  if (step->task == NULL)
    ms_tracker_client_emit_changed (self, TRUE);
  succeed (step);
}

static void
open_trace (Step *step)
{
  MsTrackerClient *self = step->client;

  if (self->is_own_folder)
    {
      succeed (step);
      step_free (step);
    }
  else
    ms_bus_tracker1_call_open_trace (self->agent, NULL, self->cancellable, trace_opened_cb, step);
}

/* --- what the agent sends ------------------------------------------------------------------------- */

static void
sample_cb (MsBusTracker1 *agent, GVariant *sampled, MsTrackerClient *self)
{
  MsLiveFigures figures = { .time_ns = g_get_monotonic_time () * 1000 };

  figures.has_cpu = g_variant_lookup (sampled, "cpu-percent", "d", &figures.cpu_percent)
                    && isfinite (figures.cpu_percent) && figures.cpu_percent >= 0;
  figures.has_process = g_variant_lookup (sampled, "resident-bytes", "t", &figures.resident_bytes)
                        && g_variant_lookup (sampled, "threads", "u", &figures.n_threads);
  g_variant_lookup (sampled, "suspended", "b", &figures.is_suspended);
  figures.has_recorded = g_variant_lookup (sampled, "recorded-bytes", "t", &figures.recorded_bytes);
  ms_tracker_client_emit_sample (self, &figures);
}

static void
threads_changed_cb (MsBusTracker1 *agent, MsTrackerClient *self)
{
  ms_tracker_client_emit_changed (self, FALSE);
}

static void
files_added_cb (MsBusTracker1 *agent, const char *const *names, MsTrackerClient *self)
{
  if (self->mirror != NULL && g_strv_length ((GStrv) names) <= MAX_NAMES_AT_ONCE)
    {
      keep_names (self, names);
      ms_tracker_client_ask_files (self);
    }
  else if (self->mirror == NULL)
    ms_tracker_client_emit_changed (self, TRUE);
}

static void
ended_cb (MsBusTracker1 *agent, const char *state, gint status, MsTrackerClient *self)
{
  if (g_str_equal (state, "exited") || g_str_equal (state, "killed"))
    self->end_state = g_intern_string (state);
  ms_tracker_client_begin_ending (self, status);
  /* A mirror still wants the files as they were closed: with it the agent waits a moment. */
  if (self->mirror == NULL)
    ms_bus_tracker1_call_unsubscribe (agent, NULL, NULL, NULL);
}

/* However often it says so: of what changes while it is asked it is asked once more. */
static void
ask_properties_again (MsTrackerClient *self)
{
  Step *step;

  self->asks_properties_again = self->is_asking_properties;
  if (self->is_asking_properties)
    return;
  step = g_new0 (Step, 1);
  step->client = self;
  ask_properties (step);
}

/* Whatever it is that changed: all of them are few. */
static void
properties_changed_cb (MsBusTracker1 *agent,
                       GVariant *changed,
                       const char *const *invalidated,
                       MsTrackerClient *self)
{
  ask_properties_again (self);
}

/* One may follow the other at once, as it waited for the name: it knows nothing of us, and may be that of another
 * trace, if the program has begun another one (exec). */
static void
owner_changed_cb (MsBusTracker1 *agent, GParamSpec *pspec, MsTrackerClient *self)
{
  g_autofree char *owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (agent));

  self->is_subscribed = FALSE;
  ms_tracker_client_set_on_bus (self, FALSE);
  if (owner != NULL)
    ask_properties_again (self);
}

/* --- the agent ------------------------------------------------------------------------------------ */

/* Where it was refused before, files came that we were not told of. */
static void
subscribed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  MsTrackerClient *self = user_data;
  gboolean is_subscribed =
      ms_bus_tracker1_call_subscribe_finish (MS_BUS_TRACKER1 (source), result, &error);
  Step *step;

  if (is_cancelled (error) || self->agent != MS_BUS_TRACKER1 (source))
    return;
  self->is_subscribing = FALSE;
  self->is_subscribed = is_subscribed && self->is_on_bus;
  if (!is_subscribed)
    {
      g_debug ("no samples from the agent: %s", error->message);
      self->was_refused = TRUE;
    }
  else if (self->was_refused && self->mirror != NULL)
    {
      self->was_refused = FALSE;
      step = g_new0 (Step, 1);
      step->client = self;
      open_trace (step);
    }
}

/* As many may watch as the agent serves: where those are others, we try again. */
static void
subscribe (MsTrackerClient *self)
{
  if (!self->is_on_bus || self->is_subscribed || self->is_subscribing)
    return;
  self->is_subscribing = TRUE;
  ms_bus_tracker1_call_subscribe (self->agent, self->cancellable, subscribed_cb, self);
}

/* What has the number by now, or a container's, has begun at another time. */
static gboolean
is_of_another_trace (MsTrackerClient *self, const MsTrackerProperties *properties)
{
  return self->trace_start_us != 0 && properties->start_wall_us != 0
         && properties->start_wall_us != self->trace_start_us;
}

static gboolean
check_answer (MsTrackerClient *self, const MsTrackerProperties *properties, GError **error)
{
  if (!properties->is_known_version)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 "process %u is recorded by a newer version of Memscope", self->pid);
  else if (properties->pid != self->pid || is_of_another_trace (self, properties)
           || (self->is_own_folder && ms_tracker_folders_differ (self->folder, properties->folder)))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "what answers for process %u is another process", self->pid);
  else
    return TRUE;
  return FALSE;
}

/* In a sandbox that was granted the folder its process is still another namespace's: who reads the folder there
 * cannot know that it lives, which of a mirror is said. */
static gboolean
take_own_folder (MsTrackerClient *self, const char *folder)
{
  MsTracedProcess process;

  if (folder == NULL || self->folder != NULL)
    return self->is_own_folder;
  self->dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->dir_fd < 0)
    return FALSE;
  ms_traced_process_read (self->dir_fd, &process);
  if (process.is_known && !process.is_here)
    {
      close (self->dir_fd);
      self->dir_fd = -1;
      return FALSE;
    }
  self->folder = g_strdup (folder);
  self->is_own_folder = TRUE;
  return TRUE;
}

static void
properties_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  g_autoptr (MsTrackerProperties) properties = NULL;
  MsTrackerClient *self = step->client;

  if (is_cancelled (error) && step->task == NULL)
    return;
  self->is_asking_properties = FALSE;
  properties = reply != NULL ? ms_tracker_properties_new (reply, &error) : NULL;
  if (properties == NULL || !check_answer (self, properties, &error))
    {
      if (error != NULL)
        g_dbus_error_strip_remote_error (error);
      /* Nobody but its agent could say of a mirror's that it has ended. */
      if (properties != NULL && self->mirror != NULL && is_of_another_trace (self, properties))
        ms_tracker_client_begin_ending (self, -1);
      /* Not there yet, or no more: the folder may do.  Another version: it will not. */
      go_on_without_agent (step, error);
      return;
    }
  if (properties->start_wall_us != 0)
    self->trace_start_us = properties->start_wall_us;
  ms_tracker_client_take (self, properties);
  take_own_folder (self, properties->folder);
  if (self->agent != MS_BUS_TRACKER1 (source))
    {
      go_on_without_agent (step, NULL); /* its bus is gone */
      return;
    }
  if (self->asks_properties_again)
    ask_properties_again (self);
  if (self->is_on_bus)
    return;
  ms_tracker_client_set_on_bus (self, TRUE);
  subscribe (self);
  open_trace (g_steal_pointer (&step));
}

/* Takes @step. */
static void
ask_properties (Step *step)
{
  step->client->is_asking_properties = TRUE;
  g_dbus_proxy_call (G_DBUS_PROXY (step->client->agent), "org.freedesktop.DBus.Properties.GetAll",
                     g_variant_new ("(s)", MS_TRACKER_INTERFACE), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                     ANSWER_MS, step->client->cancellable, properties_cb, step);
}

static void
agent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsBusTracker1) agent = ms_bus_tracker1_proxy_new_finish (result, &error);
  MsTrackerClient *self = step->client;

  if (agent == NULL && is_cancelled (error) && step->task == NULL)
    return;
  /* A bus that is gone by now: we are to join another, or have. */
  if (agent == NULL || g_dbus_proxy_get_connection (G_DBUS_PROXY (agent)) != self->bus)
    {
      go_on_without_agent (step, error);
      return;
    }
  self->agent = g_object_ref (agent);
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (agent), ANSWER_MS);
  g_signal_connect (agent, "sample", G_CALLBACK (sample_cb), self);
  g_signal_connect (agent, "threads-changed", G_CALLBACK (threads_changed_cb), self);
  g_signal_connect (agent, "files-added", G_CALLBACK (files_added_cb), self);
  g_signal_connect (agent, "ended", G_CALLBACK (ended_cb), self);
  g_signal_connect (agent, "g-properties-changed", G_CALLBACK (properties_changed_cb), self);
  g_signal_connect (agent, "notify::g-name-owner", G_CALLBACK (owner_changed_cb), self);
  ask_properties (g_steal_pointer (&step));
}

/* --- the bus -------------------------------------------------------------------------------------- */

void
ms_tracker_client_leave_bus (MsTrackerClient *self)
{
  if (self->agent != NULL)
    g_signal_handlers_disconnect_by_data (self->agent, self);
  g_clear_object (&self->agent);
  self->is_asking = self->is_asking_properties = self->asks_properties_again = FALSE;
  self->is_subscribing = self->is_subscribed = FALSE;
  if (self->bus != NULL)
    g_clear_signal_handler (&self->closed_id, self->bus);
  g_clear_object (&self->bus);
}

static void
closed_cb (GDBusConnection *bus, gboolean remote_peer_vanished, GError *error, gpointer user_data)
{
  MsTrackerClient *self = user_data;

  ms_tracker_client_leave_bus (self);
  ms_tracker_client_set_on_bus (self, FALSE);
}

static void
bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_for_address_finish (result, &error);
  MsTrackerClient *self = step->client;
  g_autofree char *name = NULL;

  if (bus == NULL && is_cancelled (error) && step->task == NULL)
    return;
  self->is_joining = FALSE;
  if (bus == NULL)
    {
      go_on_without_agent (step, error);
      return;
    }
  self->bus = bus;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  self->closed_id = g_signal_connect (bus, "closed", G_CALLBACK (closed_cb), self);
  name = ms_tracker_name_of_pid (self->pid);
  ms_bus_tracker1_proxy_new (bus,
                             /* With its properties: without, a proxy hears of no change. */
                             G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, name, MS_TRACKER_PATH,
                             self->cancellable, agent_cb, g_steal_pointer (&step));
}

/* Takes @task. */
static void
join_bus (MsTrackerClient *self, GTask *task)
{
  g_autofree char *address = ms_session_bus_dup_address ();
  g_autoptr (Step) step = g_new0 (Step, 1);

  step->client = self;
  step->task = task;
  if (task != NULL)
    {
      self->first = step;
      self->late_id = g_timeout_add (CONNECT_MS, late_cb, self);
    }
  if (address == NULL)
    {
      go_on_without_agent (step, NULL);
      return;
    }
  self->is_joining = TRUE;
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, self->cancellable, bus_cb, g_steal_pointer (&step));
}

void
ms_tracker_client_rejoin_bus (MsTrackerClient *self)
{
  g_autofree char *owner =
      self->agent != NULL ? g_dbus_proxy_get_name_owner (G_DBUS_PROXY (self->agent)) : NULL;

  if (self->bus == NULL && !self->is_joining)
    join_bus (self, NULL);
  else if (owner != NULL && !self->is_on_bus && !self->is_asking_properties)
    ask_properties_again (self);
  else
    subscribe (self);
}

/* --- beginning ------------------------------------------------------------------------------------ */

/* 0: it is none that can be looked for here.  A folder that can be read may yet come from a container, and its
 * process have another number here. */
static guint64
find_start_ticks (MsTrackerClient *self, MsRunningProgram *program)
{
  guint64 start_ticks = ms_running_program_get_start_ticks (program);
  MsTracedProcess process;

  if (start_ticks != 0 || !self->is_own_folder)
    return start_ticks;
  ms_traced_process_read (self->dir_fd, &process);
  return ms_traced_process_is (&process, (gint) self->pid, process.start_ticks)
             ? process.start_ticks
             : 0;
}

void
ms_tracker_client_connect_async (MsRunningProgram *program,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  MsTrackerClient *self = g_object_new (MS_TYPE_TRACKER_CLIENT, NULL);

  g_task_set_source_tag (task, ms_tracker_client_connect_async);
  g_task_set_task_data (task, self, g_object_unref);
  self->pid = ms_running_program_get_pid (program);
  take_own_folder (self, ms_running_program_get_folder (program));
  self->start_ticks = find_start_ticks (self, program);
  join_bus (self, task);
}

MsTrackerClient *
ms_tracker_client_connect_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, ms_tracker_client_connect_async), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
