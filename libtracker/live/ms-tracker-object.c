/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-tracker-object-private.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-folder-reader.h"
#include "ms-manifest.h"
#include "ms-mark-writer.h"
#include "ms-session-bus.h"
#include "ms-tracker-properties.h"
#include "ms-tracker1-generated.h"
#include "trk-format.h"

#define MAX_CALLS 64
#define MAX_KNOWN_CALLERS 256U
#define MAX_MANIFEST_BYTES (4 << 20)
#define ASK_BUS_MS 2000
/* After the end: so long after its last question a reader is waited for, and so long at most. */
#define READING_US (1 * G_USEC_PER_SEC)
#define LONGEST_READING_US (5 * G_USEC_PER_SEC)
/* A full pool, on a slow disk; and where others wait for the place. */
#define LONGEST_CLOSING_US (60 * G_USEC_PER_SEC)
#define LONGEST_CROWDED_CLOSING_US (5 * G_USEC_PER_SEC)

/* --- who calls ------------------------------------------------------------------------------------ */

/* A call that waits until the bus has said whose it is. */
typedef struct {
  MsTrackerObject *object;
  GDBusMethodInvocation *invocation;
} Call;

static void
refuse_stranger (GDBusMethodInvocation *invocation)
{
  g_dbus_method_invocation_return_dbus_error (invocation, "org.freedesktop.DBus.Error.AccessDenied",
                                              "only the user whose program this is may watch it");
}

static void
caller_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  guint32 uid = (guint32) -1;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_object_unref (call->invocation);
      return;
    }
  if (reply != NULL)
    g_variant_get (reply, "(u)", &uid);
  if (reply == NULL || uid != geteuid ())
    {
      refuse_stranger (call->invocation);
      return;
    }
  if (g_hash_table_size (call->object->callers) >= MAX_KNOWN_CALLERS)
    g_hash_table_remove_all (call->object->callers);
  g_hash_table_add (call->object->callers,
                    g_strdup (g_dbus_method_invocation_get_sender (call->invocation)));
  ms_tracker_object_answer (call->object, call->invocation);
}

/* Unique names are never given out again, so that who was asked once need not be asked again. */
static void
method_call (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *interface,
             const char *method,
             GVariant *parameters,
             GDBusMethodInvocation *invocation,
             gpointer user_data)
{
  MsTrackerObject *self = user_data;
  Call *call;

  if (sender == NULL)
    {
      refuse_stranger (invocation);
      return;
    }
  if (g_hash_table_contains (self->callers, sender))
    {
      ms_tracker_object_answer (self, invocation);
      return;
    }
  call = g_new0 (Call, 1);
  call->object = self;
  call->invocation = invocation;
  g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetConnectionUnixUser",
                          g_variant_new ("(s)", sender), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, ASK_BUS_MS, self->cancellable, caller_cb, call);
}

/* --- how many calls ------------------------------------------------------------------------------- */

/* Takes @call. */
static GDBusMessage *
refuse (GDBusConnection *bus, GDBusMessage *call, const char *name, const char *text)
{
  g_autoptr (GDBusMessage) reply = g_dbus_message_new_method_error_literal (call, name, text);

  g_dbus_connection_send_message (bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  g_object_unref (call);
  return NULL;
}

/* A message that came in is locked. (transfer full) */
static GDBusMessage *
expect_answer (GDBusMessage *call)
{
  const GDBusMessageFlags none = G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED;
  GDBusMessage *copy;

  if (!(g_dbus_message_get_flags (call) & none)
      || (copy = g_dbus_message_copy (call, NULL)) == NULL)
    return call;
  g_dbus_message_set_flags (copy, g_dbus_message_get_flags (copy) & ~none);
  g_object_unref (call);
  return copy;
}

/* On the bus's thread.  Calls wait in a queue of GDBus, which has no end: it is kept short here.  What wants no
 * answer is answered all the same, since answers are what is counted. */
static GDBusMessage *
filter (GDBusConnection *bus, GDBusMessage *message, gboolean is_incoming, gpointer user_data)
{
  gint *n_calls = user_data;
  GDBusMessageType type = g_dbus_message_get_message_type (message);
  gboolean is_first;

  if (is_incoming && type == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    {
      is_first = g_atomic_int_add (n_calls, 1) < MAX_CALLS;
      /* Which would stay open until it is answered: where that is some seconds, no descriptor would be left for us. */
      if (g_dbus_message_get_unix_fd_list (message) != NULL)
        return refuse (bus, message, MS_TRACKER_ERROR "InvalidArgument",
                       "no method takes descriptors");
      message = expect_answer (message);
      if (!is_first)
        return refuse (bus, message, MS_TRACKER_ERROR "TooMany",
                       "too many calls at once: try again later");
    }
  else if (!is_incoming
           && (type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN || type == G_DBUS_MESSAGE_TYPE_ERROR))
    g_atomic_int_add (n_calls, -1);
  return message;
}

/* --- the bus -------------------------------------------------------------------------------------- */

static void
leave_bus (MsTrackerObject *self)
{
  ms_tracker_object_forget_callers (self);
  if (self->bus == NULL)
    return;
  g_clear_signal_handler (&self->closed_id, self->bus);
  if (self->registration_id != 0)
    g_dbus_connection_unregister_object (self->bus, self->registration_id);
  self->registration_id = 0;
  g_dbus_connection_close (self->bus, NULL, NULL, NULL);
  g_clear_object (&self->bus);
  self->is_flushing = self->owes_flush = FALSE;
}

static void
closed_cb (GDBusConnection *bus, gboolean remote_peer_vanished, GError *error, gpointer user_data)
{
  leave_bus (user_data);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  static const GDBusInterfaceVTable table = { .method_call = method_call };
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_for_address_finish (result, &error);
  MsTrackerObject *self = user_data;
  g_autofree char *name = NULL;
  gint *n_calls;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->is_joining = FALSE;
  if (bus == NULL)
    {
      g_debug ("no session bus: %s", error->message);
      return;
    }
  self->bus = bus;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  self->closed_id = g_signal_connect (bus, "closed", G_CALLBACK (closed_cb), self);
  n_calls = g_new0 (gint, 1);
  g_dbus_connection_add_filter (bus, filter, n_calls, g_free);
  self->registration_id =
      g_dbus_connection_register_object (bus, MS_TRACKER_PATH, ms_bus_tracker1_interface_info (),
                                         &table, self, NULL, NULL);
  name = ms_tracker_name_of_pid ((guint) self->pid);
  /* In the queue: an exec'd program has the name of the one before it, for a moment.  Whether it is ours is
   * for those who look for it. */
  g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "RequestName", g_variant_new ("(su)", name, 0U),
                          NULL, G_DBUS_CALL_FLAGS_NONE, ASK_BUS_MS, NULL, NULL, NULL);
}

void
ms_tracker_object_join (MsTrackerObject *self, const char *address)
{
  if (self->bus != NULL || self->is_joining)
    return;
  self->is_joining = TRUE;
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, self->cancellable, connected_cb, self);
}

/* --- what is sent --------------------------------------------------------------------------------- */

/* @to NULL: to all who listen. Takes @arguments. */
void
ms_tracker_object_send (MsTrackerObject *self,
                        const char *to,
                        const char *name,
                        GVariant *arguments)
{
  g_autoptr (GVariant) owned = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;

  if (self->bus != NULL)
    g_dbus_connection_emit_signal (self->bus, to, MS_TRACKER_PATH, MS_TRACKER_INTERFACE, name,
                                   owned, NULL);
}

static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result, &error);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    ((MsTrackerObject *) user_data)->is_flushing = FALSE;
}

/* Until it is done nothing more is sampled: a bus that does not read does not make us grow. */
static void
flush (MsTrackerObject *self)
{
  self->is_flushing = TRUE;
  self->owes_flush = FALSE;
  g_dbus_connection_flush (self->bus, self->cancellable, flushed_cb, self);
}

static void
send_sample (MsTrackerObject *self)
{
  GVariantDict dict;
  MsLiveFigures figures;
  guint32 n_threads = self->figures.n_threads;

  if (!ms_live_figures_read (&self->figures, self->dir_fd, &figures))
    return;
  g_variant_dict_init (&dict, NULL);
  if (self->start_ns > 0)
    g_variant_dict_insert (&dict, "time-ns", "x", figures.time_ns - self->start_ns);
  if (figures.has_cpu)
    g_variant_dict_insert (&dict, "cpu-percent", "d", figures.cpu_percent);
  if (figures.has_process)
    {
      g_variant_dict_insert (&dict, "resident-bytes", "t", figures.resident_bytes);
      g_variant_dict_insert (&dict, "threads", "u", figures.n_threads);
      g_variant_dict_insert (&dict, "suspended", "b", figures.is_suspended);
    }
  if (figures.has_recorded)
    g_variant_dict_insert (&dict, "recorded-bytes", "t", figures.recorded_bytes);
  ms_tracker_object_send_to_watchers (self, "Sample",
                                      g_variant_new ("(@a{sv})", g_variant_dict_end (&dict)));
  if (figures.has_process && figures.n_threads != n_threads)
    ms_tracker_object_send_to_watchers (self, "ThreadsChanged", NULL);
}

void
ms_tracker_object_tick (MsTrackerObject *self)
{
  gboolean is_sent = FALSE;

  if (!self->has_ended)
    {
      ms_tracker_object_look_at_changes (self);
      ms_tracker_object_look_at_page (self);
    }
  if (self->bus == NULL || self->is_flushing)
    return;
  if (g_hash_table_size (self->subscribers) > 0)
    {
      is_sent = ms_tracker_object_look_at_watchers (self);
      is_sent |= ms_tracker_object_send_new_files (self);
      if (!self->has_ended && ms_tracker_object_is_heard (self))
        {
          send_sample (self);
          is_sent = TRUE;
        }
    }
  /* One that has ended is done with when nothing is under way: who only listens does not keep it. */
  if (is_sent || self->owes_flush)
    flush (self);
}

void
ms_tracker_object_end (MsTrackerObject *self, int wait_status)
{
  const char *state = "killed", *left;
  gint status = -1;

  if (self->has_ended)
    return;
  self->has_ended = TRUE;
  self->ended_us = self->asked_us = g_get_monotonic_time ();
  if (wait_status != -1 && WIFSIGNALED (wait_status))
    status = 128 + WTERMSIG (wait_status);
  else if (wait_status != -1 && WIFEXITED (wait_status))
    {
      state = "exited";
      status = WEXITSTATUS (wait_status);
    }
  else if ((left = ms_tracker_files_read_end (&self->files, &status)) != NULL)
    state = left;
  ms_tracker_object_tell_changed (self);
  ms_tracker_object_send (self, NULL, "Ended", g_variant_new ("(si)", state, status));
  self->owes_flush = self->bus != NULL;
}

gboolean
ms_tracker_object_is_over (MsTrackerObject *self, gboolean is_crowded)
{
  gint64 longest_us = is_crowded ? LONGEST_CROWDED_CLOSING_US : LONGEST_CLOSING_US;

  if (!self->has_ended)
    return FALSE;
  if (!self->is_closed && ms_tracker_files_is_closed (&self->files))
    {
      self->is_closed = TRUE;
      self->asked_us = self->closed_us = g_get_monotonic_time ();
    }
  return (self->is_closed && ms_tracker_object_is_idle (self))
         || g_get_monotonic_time () - self->ended_us > longest_us;
}

gboolean
ms_tracker_object_is_being_read (MsTrackerObject *self)
{
  gint64 now_us = g_get_monotonic_time ();

  return self->bus != NULL && g_hash_table_size (self->subscribers) > 0
         && now_us - self->asked_us < READING_US
         && now_us - MAX (self->ended_us, self->closed_us) < LONGEST_READING_US;
}

gboolean
ms_tracker_object_is_idle (MsTrackerObject *self)
{
  return self->bus == NULL || !(self->is_flushing || self->owes_flush);
}

/* --- life ----------------------------------------------------------------------------------------- */

/* What the recorder has written once and for all. */
static void
read_manifest (MsTrackerObject *self)
{
  gsize n_bytes;
  g_autofree char *text = ms_folder_read_text (self->dir_fd, TRK_MANIFEST_FILE_NAME,
                                               MAX_MANIFEST_BYTES, &n_bytes, NULL);
  g_autoptr (JsonNode) root = text != NULL ? ms_json_parse (text, n_bytes, NULL) : NULL;
  JsonObject *manifest =
      root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  JsonObject *configuration =
      manifest != NULL ? ms_json_get_object (manifest, "configuration") : NULL;

  if (manifest != NULL)
    {
      self->command = ms_json_dup_strings (manifest, "arguments");
      self->start_ns = ms_json_get_int (manifest, "start_ns", 0);
      self->start_wall_us = ms_json_get_int (manifest, "start_wall_us", 0);
    }
  if (configuration != NULL)
    {
      self->stack_depth =
          (guint32) CLAMP (ms_json_get_int (configuration, "stack_depth", 0), 0, 256);
      self->ring_bytes = (guint64) MAX (ms_json_get_int (configuration, "ring_bytes", 0), 0);
    }
  if (self->command == NULL || self->command[0] == NULL)
    {
      g_strfreev (self->command);
      self->command = ms_tracker_dup_command (self->pid);
    }
}

MsTrackerObject *
ms_tracker_object_new (const char *folder, gint pid, guint64 start_ticks)
{
  MsTrackerObject *self;
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

  if (dir_fd < 0)
    return NULL;
  self = g_new0 (MsTrackerObject, 1);
  self->folder = g_strdup (folder);
  self->pid = pid;
  self->dir_fd = dir_fd;
  self->figures = (MsLiveFiguresReader) { .pid = pid, .start_ticks = start_ticks };
  self->is_saving = g_atomic_rc_box_new0 (gboolean);
  self->cancellable = g_cancellable_new ();
  self->callers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->subscribers = ms_tracker_object_new_watchers ();
  self->changes = g_ptr_array_new ();
  ms_tracker_files_init (&self->files, dir_fd);
  read_manifest (self);
  ms_control_peek_at (dir_fd, &self->told);
  return self;
}

void
ms_tracker_object_free (MsTrackerObject *self)
{
  g_cancellable_cancel (self->cancellable);
  ms_tracker_object_drop_changes (self);
  leave_bus (self);
  g_hash_table_unref (self->callers);
  g_hash_table_unref (self->subscribers);
  g_ptr_array_unref (self->changes);
  ms_tracker_files_clear (&self->files);
  g_object_unref (self->cancellable);
  g_strfreev (self->command);
  g_atomic_rc_box_release (self->is_saving);
  g_clear_pointer (&self->threads, g_variant_unref);
  close (self->dir_fd);
  g_free (self->folder);
  g_free (self);
}
