/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Watchers that are killed, stop, or do not read, on a private session bus:
 * test-tracker-watchers MEMSCOPE MEMSCOPE-AGENT.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tracker-fixture.h"

/* Whoever watches is killed: its place is free again, and nothing changes for the program. */
/* Those of a bus who were there once, by their unique names. */
typedef struct {
  GDBusConnection *bus;
  GPtrArray *names;
} Gone;

/* The bus told the agent before it answers us. */
static gboolean
are_gone (gpointer data)
{
  const Gone *self = data;

  for (guint i = 0; i < self->names->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) reply =
          g_dbus_connection_call_sync (self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "NameHasOwner",
                                       g_variant_new ("(s)", g_ptr_array_index (self->names, i)),
                                       G_VARIANT_TYPE ("(b)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                       &error);
      gboolean is_there = FALSE;

      g_assert_no_error (error);
      g_variant_get (reply, "(b)", &is_there);
      if (is_there)
        return FALSE;
    }
  return TRUE;
}

static void
test_watchers_killed (Fixture *f, gconstpointer data)
{
  for (guint round = 0; round < 3; round++)
    {
      g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
      GDBusConnection *watchers[16];
      Gone gone = { f->bus, names };

      for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
        {
          g_autofree char *refused = NULL;
          g_autoptr (GVariant) reply = NULL;

          watchers[i] = fixture_connect (f);
          g_ptr_array_add (names, g_strdup (g_dbus_connection_get_unique_name (watchers[i])));
          reply = fixture_call (watchers[i], f, "Subscribe", NULL, &refused);
          g_assert_cmpstr (refused, ==, NULL);
        }
      fixture_assert_refused (f, "Subscribe", NULL, "org.memscope.Error.TooMany");
      for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
        {
          GSocketConnection *stream =
              G_SOCKET_CONNECTION (g_dbus_connection_get_stream (watchers[i]));

          /* Without a word, as one that is killed.  Not closed: GDBus's thread still reads from it. */
          g_socket_shutdown (g_socket_connection_get_socket (stream), TRUE, TRUE, NULL);
          g_object_unref (watchers[i]);
        }
      fixture_iterate_until (are_gone, &gone);
    }
  fixture_assert_accepted (f, "Subscribe", NULL);
  fixture_assert_progress (f);
}

static guint
pid_of (GSubprocess *process)
{
  return (guint) g_ascii_strtoull (g_subprocess_get_identifier (process), NULL, 10);
}

static void
count_sample_cb (MsTrackerClient *client, gpointer figures, guint *n)
{
  (*n)++;
}

static gboolean
are_three (gpointer n)
{
  return *(guint *) n >= 3;
}

/* In a process of its own, which then stops. */
G_NORETURN static void
be_deaf (const char *name)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_sync (bus, name, MS_TRACKER_PATH, MS_TRACKER_INTERFACE, "Subscribe",
                                   NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  if (reply != NULL)
    raise (SIGSTOP);
  _exit (1);
}

static gboolean
is_process_stopped (gpointer process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/stat", pid_of (process));
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, ") T ") != NULL;
}

/* One watcher says Subscribe and reads no more: the others are told as before. */
static void
test_deaf_watcher (Fixture *f, gconstpointer data)
{
  g_autoptr (GSubprocess) deaf =
      g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "/proc/self/exe", "--deaf", f->name, NULL);
  g_autoptr (MsTrackerClient) client = fixture_attach (f);
  guint n_samples = 0;

  fixture_iterate_until (is_process_stopped, deaf);
  g_signal_connect (client, "sample", G_CALLBACK (count_sample_cb), &n_samples);
  for (guint i = 0; i < 3; i++)
    {
      n_samples = 0;
      fixture_iterate_until (are_three, &n_samples);
    }
  fixture_assert_progress (f);
  g_subprocess_force_exit (deaf);
  g_subprocess_wait (deaf, NULL, NULL);
}

/* A watcher whose answers do not come: what the bus asks of it is kept. */
typedef struct {
  GMutex mutex;
  gboolean is_deaf;
  GDBusMessage *asked;
  guint n_samples, n_asked, n_files;
} Deaf;

/* On the connection's thread. (transfer full) (nullable) */
static GDBusMessage *
hear (GDBusConnection *bus, GDBusMessage *message, gboolean is_incoming, gpointer data)
{
  Deaf *self = data;
  const char *member = g_dbus_message_get_member (message);
  gboolean is_kept = FALSE;

  if (!is_incoming || member == NULL)
    return message;
  g_mutex_lock (&self->mutex);
  self->n_samples += g_str_equal (member, "Sample");
  self->n_files += g_str_equal (member, "FilesAdded");
  if (g_str_equal (member, "Ping"))
    {
      self->n_asked++;
      is_kept = self->is_deaf;
    }
  if (is_kept)
    self->asked = message;
  g_mutex_unlock (&self->mutex);
  return is_kept ? NULL : message;
}

static gboolean
is_asked (gpointer data)
{
  Deaf *self = data;

  g_mutex_lock (&self->mutex);
  gboolean is_so = self->asked != NULL;
  g_mutex_unlock (&self->mutex);
  return is_so;
}

static guint
count_samples (Deaf *self)
{
  g_mutex_lock (&self->mutex);
  guint n_samples = self->n_samples;
  g_mutex_unlock (&self->mutex);
  return n_samples;
}

/* For a second nothing came. */
static gboolean
is_left_alone (gpointer data)
{
  guint before = count_samples (data);

  fixture_iterate_for (1000);
  return count_samples (data) == before;
}

static gboolean
has_heard_all (gpointer data)
{
  Deaf *self = data;

  g_mutex_lock (&self->mutex);
  gboolean is_so = self->n_samples > 0 && self->n_files > 0;
  g_mutex_unlock (&self->mutex);
  return is_so;
}

/* Whoever does not read is sent nothing for the bus to keep; when it does again, it is told of the files it missed. */
static void
test_deaf (Fixture *f, gconstpointer data)
{
  g_autofree char *added = g_build_filename (f->folder, "memscope_thread_9-9.bin", NULL);
  g_autoptr (GDBusConnection) watcher = fixture_connect (f);
  g_autoptr (GDBusMessage) reply = NULL;
  g_autofree char *refused = NULL;
  G_GNUC_UNUSED g_autoptr (GVariant) subscribed = NULL;
  Deaf deaf = { .is_deaf = TRUE };
  guint filter;

  g_mutex_init (&deaf.mutex);
  filter = g_dbus_connection_add_filter (watcher, hear, &deaf, NULL);
  subscribed = fixture_call (watcher, f, "Subscribe", NULL, &refused);
  g_assert_cmpstr (refused, ==, NULL);
  fixture_iterate_until (is_asked, &deaf);
  g_assert_cmpuint (count_samples (&deaf), >, 0);
  fixture_iterate_until (is_left_alone, &deaf);
  g_assert_true (g_file_set_contents (added, "x", 1, NULL));
  fixture_iterate_for (500);
  g_mutex_lock (&deaf.mutex);
  g_assert_cmpuint (deaf.n_asked, ==, 1);
  deaf.n_files = deaf.n_samples = 0;
  deaf.is_deaf = FALSE;
  reply = g_dbus_message_new_method_reply (deaf.asked);
  g_mutex_unlock (&deaf.mutex);
  g_assert_true (
      g_dbus_connection_send_message (watcher, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL));
  fixture_iterate_until (has_heard_all, &deaf);
  g_dbus_connection_remove_filter (watcher, filter);
  g_dbus_connection_close_sync (watcher, NULL, NULL);
  g_object_unref (deaf.asked);
  g_mutex_clear (&deaf.mutex);
}

int
main (int argc, char **argv)
{
  if (argc > 2 && g_str_equal (argv[1], "--deaf"))
    be_deaf (argv[2]);
  if (!fixture_begin (&argc, &argv))
    return 77;
#define ADD(name, function) \
  g_test_add ("/tracker-watchers/" name, Fixture, "--busy", fixture_set_up, function, \
              fixture_tear_down)
  ADD ("killed", test_watchers_killed);
  ADD ("stopped", test_deaf_watcher);
  ADD ("deaf", test_deaf);
  return g_test_run ();
}
