/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An agent that lies, on a private session bus: names, types, sizes, numbers and descriptors are anything that the
 * bus lets through.  A list of programs and a client watch it; neither complains, crashes, shows what cannot be, or
 * keeps a descriptor.
 *
 *   test-hostile-agent [--first SEED] [--seeds N]      for instance with the seed of a round that failed
 *
 * It answers in GDBus's thread, from the message's own bytes on: no introspection data keeps it from sending wrong
 * types.  The watchers live in the test's main loop.
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostile-words.h"
#include "ms-session-bus.h"
#include "ms-tracker-client.h"
#include "test-folder.h"

#define PATIENCE_US (60 * G_USEC_PER_SEC)

static guint32 first_seed = 1;
static gint n_seeds = 40;

typedef struct {
  GTestDBus *daemon;
  GDBusConnection *bus; /* the agent's */
  char *runtime, *name;
  guint filter;
  GMutex mutex; /* random */
  GRand *random;
} Fixture;

/* --- descriptors ---------------------------------------------------------------------------------- */

static int
open_any (Fixture *f)
{
  static const char *const paths[] = { "/dev/zero", "/dev/null", "/proc/self/mem", "/",
                                       "/etc/passwd" };
  g_autofree char *file = g_build_filename (f->runtime, "file", NULL);
  int fd, pipe_fds[2];

  switch (g_rand_int_range (f->random, 0, 6))
    {
    case 0:
      fd = open (file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      break;
    case 1:
      fd = open (file, O_PATH | O_CLOEXEC);
      break;
    case 2:
      g_assert_cmpint (pipe2 (pipe_fds, O_CLOEXEC), ==, 0);
      close (pipe_fds[1]);
      fd = pipe_fds[0];
      break;
    case 3:
      fd =
          open (paths[g_rand_int_range (f->random, 0, G_N_ELEMENTS (paths))], O_RDONLY | O_CLOEXEC);
      break;
    default:
      fd = open (file, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    }
  return fd >= 0 ? fd : open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
add_descriptors (Fixture *f, GDBusMessage *message)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  gint n = g_rand_int_range (f->random, 0, HOSTILE_MAX_DESCRIPTORS + 1);

  for (gint i = 0; i < n; i++)
    {
      int fd = open_any (f);

      g_unix_fd_list_append (descriptors, fd, NULL);
      close (fd);
    }
  if (n > 0)
    g_dbus_message_set_unix_fd_list (message, descriptors);
}

/* --- answers -------------------------------------------------------------------------------------- */

static GVariant *
make_answer (Fixture *f, const char *method)
{
  static const struct {
    const char *method, *type;
  } answers[] = {
    { "OpenTrace", "(a(sh)as)" }, { "OpenFiles", "(a(sh))" }, { "Mark", "(x)" },
    { "Snapshot", "(xay)" },      { "Subscribe", "()" },      { "Unsubscribe", "()" }
  };

  if (hostile_is_one_in (f->random, 20))
    return g_variant_new_tuple ((GVariant *[]) { hostile_make_some (f->random, "s") }, 1);
  if (hostile_is_one_in (f->random, 30))
    return g_variant_new_tuple (NULL, 0);
  if (g_str_equal (method, "GetAll"))
    return g_variant_new ("(@a{sv})", hostile_make_properties (f->random));
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    if (g_str_equal (method, answers[i].method))
      return hostile_make_value (f->random, G_VARIANT_TYPE (answers[i].type));
  return hostile_make_value (f->random, G_VARIANT_TYPE ("(b)"));
}

/* In GDBus's thread. */
static GDBusMessage *
answer_cb (GDBusConnection *bus, GDBusMessage *message, gboolean is_incoming, gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (GDBusMessage) reply = NULL;
  g_autoptr (GError) error = NULL;

  if (!is_incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  g_mutex_lock (&f->mutex);
  if (hostile_is_one_in (f->random, 20))
    {
      reply =
          g_dbus_message_new_method_error (message, "org.memscope.Error.TooMany", "%s", "later");
    }
  else
    {
      reply = g_dbus_message_new_method_reply (message);
      g_dbus_message_set_body (reply, make_answer (f, g_dbus_message_get_member (message)));
      add_descriptors (f, reply);
    }
  g_mutex_unlock (&f->mutex);
  g_dbus_connection_send_message (bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (message);
  return NULL;
}

static void
send_signals (Fixture *f)
{
  static const char *const names[] = { "Sample", "FilesAdded", "ThreadsChanged", "Ended" };

  g_mutex_lock (&f->mutex);
  for (gint i = g_rand_int_range (f->random, 0, 30); i > 0; i--)
    {
      /* After its end nothing more would be looked at. */
      gint which = hostile_is_one_in (f->random, 60) ? 3 : g_rand_int_range (f->random, 0, 3);
      GVariant *body = which == 0   ? hostile_make_sample (f->random)
                       : which == 1 ? hostile_make_value (f->random, G_VARIANT_TYPE ("(as)"))
                       : which == 3 ? hostile_make_value (f->random, G_VARIANT_TYPE ("(si)"))
                                    : NULL;

      if (hostile_is_one_in (f->random, 15))
        {
          g_clear_pointer (&body, g_variant_unref);
          body = hostile_make_value (f->random, G_VARIANT_TYPE ("(sas)"));
        }
      g_dbus_connection_emit_signal (f->bus, NULL, MS_TRACKER_PATH, MS_TRACKER_INTERFACE,
                                     names[which], body, NULL);
    }
  if (hostile_is_one_in (f->random, 3))
    g_dbus_connection_emit_signal (f->bus, NULL, MS_TRACKER_PATH, "org.freedesktop.DBus.Properties",
                                   "PropertiesChanged",
                                   g_variant_new ("(s@a{sv}as)", MS_TRACKER_INTERFACE,
                                                  hostile_make_properties (f->random), NULL),
                                   NULL);
  g_mutex_unlock (&f->mutex);
}

/* --- who watches ---------------------------------------------------------------------------------- */

typedef struct {
  MsTrackerClient *client;
  gboolean is_answered;
  guint n_open; /* questions */
} Watch;

static void
iterate_until (const gboolean *is_so)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  while (!*is_so)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      g_main_context_iteration (NULL, TRUE);
    }
}

static gboolean
stop_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* For what may come, and need not. */
static void
iterate_for (guint ms)
{
  gboolean is_over = FALSE;

  g_timeout_add (ms, stop_cb, &is_over);
  iterate_until (&is_over);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Watch *watch = user_data;
  g_autoptr (GError) error = NULL;

  watch->client = ms_tracker_client_connect_finish (result, &error);
  g_assert_true (watch->client != NULL || error != NULL);
  watch->is_answered = TRUE;
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!ms_tracker_client_change_finish (MS_TRACKER_CLIENT (source), result, &error))
    g_assert_nonnull (error);
  ((Watch *) user_data)->n_open--;
}

static void
marked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  gint64 time_ns;

  if (!ms_tracker_client_mark_finish (MS_TRACKER_CLIENT (source), result, &time_ns, &path, &error))
    g_assert_nonnull (error);
  ((Watch *) user_data)->n_open--;
}

static void
sample_cb (MsTrackerClient *client, const MsLiveFigures *figures, gpointer user_data)
{
  g_assert_true (!figures->has_cpu
                 || (isfinite (figures->cpu_percent) && figures->cpu_percent >= 0));
}

static void
check_program (MsRunningProgram *program)
{
  g_assert_true (g_utf8_validate (ms_running_program_get_command (program), -1, NULL));
  g_assert_true (g_utf8_validate (ms_running_program_get_program (program), -1, NULL));
  g_assert_cmpuint (strlen (ms_running_program_get_command (program)), <, 8192);
  g_assert_cmpint (ms_running_program_get_start_time (program), >=, 0);
}

/* Of a mirror: names of ours alone, each a link to a file that can only be read. */
static void
check_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_true (g_str_has_prefix (name, "memscope_"));
}

static void
check_client (MsTrackerClient *client)
{
  double rate = ms_tracker_client_get_sampling_rate (client);

  g_assert_true (rate > 0 && rate <= 1);
  g_assert_true (g_utf8_validate (ms_tracker_client_get_thread_rule (client), -1, NULL));
  g_assert_nonnull (ms_tracker_client_get_folder (client));
  if (ms_tracker_client_is_mirrored (client))
    check_folder (ms_tracker_client_get_folder (client));
}

static void
ask (Watch *watch)
{
  watch->n_open = 4;
  ms_tracker_client_set_recording_async (watch->client, FALSE, NULL, changed_cb, watch);
  ms_tracker_client_set_thread_rule_async (watch->client, "main", NULL, changed_cb, watch);
  ms_tracker_client_mark_async (watch->client, "a", FALSE, NULL, marked_cb, watch);
  ms_tracker_client_mark_async (watch->client, "b", TRUE, NULL, marked_cb, watch);
}

static void
watch_program (Fixture *f, MsRunningProgram *program)
{
  Watch watch = { 0 };

  ms_tracker_client_connect_async (program, NULL, connected_cb, &watch);
  iterate_until (&watch.is_answered);
  if (watch.client == NULL)
    return;
  g_signal_connect (watch.client, "sample", G_CALLBACK (sample_cb), NULL);
  check_client (watch.client);
  ask (&watch);
  for (guint i = 0; i < 3; i++)
    {
      send_signals (f);
      iterate_for (10);
      check_client (watch.client);
    }
  while (watch.n_open > 0)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (watch.client);
}

/* --- rounds --------------------------------------------------------------------------------------- */

static guint
count_open_files (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  g_assert_nonnull (folder);
  while (g_dir_read_name (folder))
    n++;
  return n;
}

static gboolean
is_listed (MsRunningPrograms *programs)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  while (!ms_running_programs_is_ready (programs))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      g_main_context_iteration (NULL, TRUE);
    }
  return ms_running_programs_find (programs, (guint) getpid ()) != NULL;
}

/* Whoever closes its end of a connection does so in GDBus's thread. */
static void
assert_closed (guint n_files)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  while (count_open_files () > n_files)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      iterate_for (5);
    }
}

static void
play (Fixture *f, guint32 seed)
{
  guint n_files = count_open_files ();
  g_autoptr (MsRunningPrograms) programs = NULL;
  g_autoptr (MsRunningProgram) program = NULL;

  g_test_message ("seed %u", seed);
  g_mutex_lock (&f->mutex);
  g_rand_set_seed (f->random, seed);
  g_mutex_unlock (&f->mutex);
  programs = ms_running_programs_new ();
  if (is_listed (programs))
    {
      program = g_object_ref (ms_running_programs_find (programs, (guint) getpid ()));
      check_program (program);
      watch_program (f, program);
      check_program (program);
    }
  g_clear_object (&program);
  g_clear_object (&programs);
  assert_closed (n_files);
}

/* What GLib itself says of wrong types is not ours, and is no failure. */
static void
pass_over (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
}

static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  return g_strcmp0 (domain, "GLib-GIO") != 0 || (level & G_LOG_LEVEL_WARNING) == 0;
}

static void
set_up (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  f->runtime = test_folder_new ();
  f->daemon = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (f->daemon);
  g_setenv ("XDG_RUNTIME_DIR", f->runtime, TRUE);
  f->random = g_rand_new_with_seed (first_seed);
  g_mutex_init (&f->mutex);
  f->bus =
      g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (f->daemon),
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                  | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (f->bus, FALSE);
  f->filter = g_dbus_connection_add_filter (f->bus, answer_cb, f, NULL);
  f->name = ms_tracker_name_of_pid ((guint) getpid ());
  reply = g_dbus_connection_call_sync (f->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", f->name, 0U), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f)
{
  g_dbus_connection_remove_filter (f->bus, f->filter);
  g_dbus_connection_close_sync (f->bus, NULL, NULL);
  g_object_unref (f->bus);
  g_test_dbus_down (f->daemon);
  g_object_unref (f->daemon);
  g_rand_free (f->random);
  g_mutex_clear (&f->mutex);
  test_folder_remove (f->runtime);
  g_free (f->runtime);
  g_free (f->name);
}

static void
test_answers (void)
{
  Fixture f = { 0 };

  g_test_log_set_fatal_handler (is_fatal, NULL);
  g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, pass_over, NULL);
  set_up (&f);
  for (gint i = 0; i < n_seeds; i++)
    play (&f, first_seed + (guint32) i);
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int i = 1; i + 1 < argc; i += 2)
    {
      if (strcmp (argv[i], "--first") == 0)
        first_seed = (guint32) strtoul (argv[i + 1], NULL, 10);
      else if (strcmp (argv[i], "--seeds") == 0)
        n_seeds = atoi (argv[i + 1]);
    }
  g_test_add_func ("/hostile-agent/answers", test_answers);
  return g_test_run ();
}
