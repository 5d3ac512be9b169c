/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How many processes an agent shows, and for how long, on a private session bus: the processes are children that
 * wait, and their trace folders hold a manifest
 * and nothing else.
 */
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-manifest.h"
#include "ms-registry.h"
#include "ms-session-bus.h"
#include "ms-tracker-client.h"
#include "ms-tracker-service.h"
#include "test-folder.h"
#include "trk-format.h"
#include "trk-process-identity.h"

#define PATIENCE_US (60 * G_USEC_PER_SEC)

typedef struct {
  pid_t pid;
  char *folder, *name;
} Shown;

typedef struct {
  GTestDBus *daemon;
  GDBusConnection *bus;
  MsTrackerService *service;
  char *runtime;
  GPtrArray *shown; /* of Shown */
} Fixture;

static void
shown_free (gpointer data)
{
  Shown *self = data;

  if (self->pid > 0)
    {
      kill (self->pid, SIGKILL);
      waitpid (self->pid, NULL, 0);
    }
  g_free (self->folder);
  g_free (self->name);
  g_free (self);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->runtime = test_folder_new ();
  f->daemon = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (f->daemon);
  g_setenv ("XDG_RUNTIME_DIR", f->runtime, TRUE);
  f->bus =
      g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (f->daemon),
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                  | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (f->bus, FALSE);
  f->service = ms_tracker_service_new ();
  f->shown = g_ptr_array_new_with_free_func (shown_free);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ms_tracker_service_free (f->service);
  g_ptr_array_unref (f->shown);
  g_dbus_connection_close_sync (f->bus, NULL, NULL);
  g_object_unref (f->bus);
  g_test_dbus_down (f->daemon);
  g_object_unref (f->daemon);
  test_folder_remove (f->runtime);
  g_free (f->runtime);
}

/* @start_wall_us: of the trace. */
static void
write_manifest (const Shown *shown,
                guint64 start_ticks,
                guint64 pid_namespace,
                gint64 start_wall_us)
{
  g_autofree char *path = g_build_filename (shown->folder, TRK_MANIFEST_FILE_NAME, NULL);
  g_autofree char *text = NULL;
  char boot_id[TRK_BOOT_ID_BYTES];

  g_assert_cmpint (trk_boot_id_read (boot_id), ==, 0);
  text = g_strdup_printf ("{\"format\":\"memscope-trace\",\"version\":1,\"pid\":%d,"
                          "\"process_start_ticks\":%" G_GUINT64_FORMAT
                          ",\"pid_namespace\":%" G_GUINT64_FORMAT
                          ",\"boot_id\":\"%s\",\"start_wall_us\":%" G_GINT64_FORMAT
                          ",\"arguments\":[\"program-%" G_GINT64_FORMAT "\"]}",
                          shown->pid, start_ticks, pid_namespace, boot_id, start_wall_us,
                          start_wall_us);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* @pid_namespace: of the one that its folder is of. */
static Shown *
add_process_of (Fixture *f, guint64 pid_namespace)
{
  Shown *self = g_new0 (Shown, 1);
  TrkProcess process;

  self->pid = fork ();
  if (self->pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody */
      for (;;)
        pause ();
    }
  g_assert_cmpint (trk_process_read (self->pid, &process), ==, 0);
  self->folder = g_strdup_printf ("%s/%u-x.%d", f->runtime, f->shown->len, self->pid);
  g_assert_cmpint (g_mkdir_with_parents (self->folder, 0700), ==, 0);
  write_manifest (self, process.start_ticks, pid_namespace, 1);
  self->name = ms_tracker_name_of_pid ((guint) self->pid);
  ms_tracker_service_add (f->service, self->folder, self->pid, process.start_ticks);
  g_ptr_array_add (f->shown, self);
  return self;
}

static Shown *
add_process (Fixture *f)
{
  return add_process_of (f, trk_pid_namespace_read (0));
}

static void
end_process (Fixture *f, Shown *shown)
{
  int status;

  kill (shown->pid, SIGKILL);
  g_assert_cmpint (waitpid (shown->pid, &status, 0), ==, shown->pid);
  shown->pid = 0;
  ms_tracker_service_remove (f->service, shown->folder, status);
}

static gboolean
call (Fixture *f, const Shown *shown, const char *method)
{
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_sync (f->bus, shown->name, MS_TRACKER_PATH, MS_TRACKER_INTERFACE,
                                   method, NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  return reply != NULL;
}

static gboolean
is_shown (Fixture *f, const Shown *shown)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_sync (f->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                   "org.freedesktop.DBus", "NameHasOwner",
                                   g_variant_new ("(s)", shown->name), G_VARIANT_TYPE ("(b)"),
                                   G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  gboolean has_owner = FALSE;

  g_assert_no_error (error);
  g_variant_get (reply, "(b)", &has_owner);
  return has_owner;
}

static void
wait_until_shown (Fixture *f, const Shown *shown, gboolean wanted)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;

  while (is_shown (f, shown) != wanted)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_usleep (20000);
    }
}

/* Who only stays subscribed, as one that was forgotten, keeps nothing. */
static void
test_subscriber_stays (Fixture *f, gconstpointer data)
{
  Shown *one = add_process (f);

  wait_until_shown (f, one, TRUE);
  g_assert_true (call (f, one, "Subscribe"));
  end_process (f, one);
  wait_until_shown (f, one, FALSE);
}

/* Who is still asking for files gets them, however many questions that takes. */
static void
test_reader_is_served (Fixture *f, gconstpointer data)
{
  Shown *one = add_process (f);

  wait_until_shown (f, one, TRUE);
  g_assert_true (call (f, one, "Subscribe"));
  end_process (f, one);
  for (guint i = 0; i < 30; i++)
    {
      g_assert_true (call (f, one, "OpenTrace"));
      g_usleep (100000);
    }
  wait_until_shown (f, one, FALSE);
}

/* And not for ever. */
static void
test_reader_without_end (Fixture *f, gconstpointer data)
{
  Shown *one = add_process (f);
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;

  wait_until_shown (f, one, TRUE);
  g_assert_true (call (f, one, "Subscribe"));
  end_process (f, one);
  while (call (f, one, "OpenTrace"))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_usleep (100000);
    }
}

#define SLOW_CLOSE_US (6 * G_USEC_PER_SEC) /* longer than any wait but that for an agent at work */

/* Who watches a process whose folder takes long to close is not told that it is as it will stay before it is. */
static void
test_slow_close (Fixture *f, gconstpointer data)
{
  Shown *one = add_process (f);
  g_autofree char *pool = g_build_filename (one->folder, TRK_POOL_FILE_NAME, NULL);
  gint64 ended_us;

  g_assert_true (g_file_set_contents (pool, "", 0, NULL));
  wait_until_shown (f, one, TRUE);
  g_assert_true (call (f, one, "Subscribe"));
  end_process (f, one);
  ended_us = g_get_monotonic_time ();
  while (g_get_monotonic_time () - ended_us < SLOW_CLOSE_US)
    {
      g_assert_true (is_shown (f, one));
      g_usleep (100000);
    }
  g_assert_cmpint (g_remove (pool), ==, 0);
  /* Its last files can be had. */
  g_assert_true (call (f, one, "OpenTrace"));
  wait_until_shown (f, one, FALSE);
}

/* As many as are shown have ended and are watched: the next come in. */
static void
test_crowd (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < MS_MAX_TRACKED_PROCESSES; i++)
    add_process (f);
  for (guint i = 0; i < MS_MAX_TRACKED_PROCESSES; i++)
    {
      wait_until_shown (f, f->shown->pdata[i], TRUE);
      g_assert_true (call (f, f->shown->pdata[i], "Subscribe"));
    }
  for (guint i = 0; i < MS_MAX_TRACKED_PROCESSES; i++)
    end_process (f, f->shown->pdata[i]);
  for (guint i = 0; i < MS_MAX_TRACKED_PROCESSES; i++)
    wait_until_shown (f, add_process (f), TRUE);
}

/* A folder from a container, whose process has the number of a stranger here. */
static void
test_other_namespace (Fixture *f, gconstpointer data)
{
  Shown *contained = add_process_of (f, trk_pid_namespace_read (0) + 1);
  Shown *own = add_process (f);

  wait_until_shown (f, own, TRUE);
  g_usleep (500000);
  g_assert_false (is_shown (f, contained));
}

static gboolean
is_json (const char *string)
{
  g_autofree char *text = g_strdup_printf ("{\"a\":\"%s\"}", string);
  g_autoptr (JsonNode) node = ms_json_parse (text, strlen (text), NULL);

  return node != NULL;
}

/* Half a character, which JSON can spell and the bus does not take: what has one is no manifest. */
static void
test_half_character (Fixture *f, gconstpointer data)
{
  Shown *one = add_process (f), *other;
  g_autofree char *path = g_build_filename (one->folder, TRK_MANIFEST_FILE_NAME, NULL);
  g_autofree char *text = NULL, *joined = NULL;
  g_auto (GStrv) parts = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  parts = g_strsplit (text, "program-1", 2);
  joined = g_strjoinv ("\\ud800x", parts);
  g_assert_true (g_file_set_contents (path, joined, -1, NULL));
  other = add_process (f);
  wait_until_shown (f, other, TRUE);
  g_usleep (500000);
  g_assert_false (is_shown (f, one));
  g_assert_true (is_json ("\\ud83d\\ude00 \\u00e4 \\\\ud800"));
  g_assert_false (is_json ("\\ude00"));
  g_assert_false (is_json ("\\ud83d\\u0041"));
  g_assert_false (is_json ("\\ud83d\\\\ude00"));
}

/* --- many files ----------------------------------------------------------------------------------- */

#define N_FILES 2500
#define LOW_LIMIT 1024

static char *
name_of_file (guint i)
{
  return g_strdup_printf ("memscope_thread_%u-%u.bin", i, i);
}

static void
write_files (const char *folder)
{
  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *name = name_of_file (i);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_true (g_file_set_contents (path, name, -1, NULL));
    }
}

typedef struct {
  GDBusConnection *watchers[16];
} Full;

/* As many as may watch it do. */
static void
fill (Fixture *f, const Shown *shown, Full *full)
{
  for (guint i = 0; i < G_N_ELEMENTS (full->watchers); i++)
    {
      g_autoptr (GError) error = NULL;
      G_GNUC_UNUSED g_autoptr (GVariant) reply = NULL;

      full->watchers[i] = g_dbus_connection_new_for_address_sync (
          g_test_dbus_get_bus_address (f->daemon),
          G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
              | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
          NULL, NULL, &error);
      g_assert_no_error (error);
      reply = g_dbus_connection_call_sync (full->watchers[i], shown->name, MS_TRACKER_PATH,
                                           MS_TRACKER_INTERFACE, "Subscribe", NULL, NULL,
                                           G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
      g_assert_no_error (error);
    }
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  *(MsTrackerClient **) data = ms_tracker_client_connect_finish (result, &error);
  g_assert_no_error (error);
}

static void
iterate_until_nonnull (const gpointer *pointer)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;

  while (*pointer == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_main_context_iteration (NULL, TRUE);
    }
}

static MsRunningProgram *
find_program (MsRunningPrograms *programs, guint pid)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;
  MsRunningProgram *program;

  while ((program = ms_running_programs_find (programs, pid)) == NULL
         || ms_running_program_get_bus_name (program) == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_main_context_iteration (NULL, TRUE);
    }
  return program;
}

/* One that cannot see the folder of @shown, which it gets the files of from the bus. (transfer full) */
static MsTrackerClient *
attach_mirrored (Fixture *f, const Shown *shown)
{
  g_autofree char *hidden = g_strconcat (shown->folder, ".hidden", NULL);
  g_autoptr (MsRunningPrograms) programs = NULL;
  MsTrackerClient *client = NULL;

  wait_until_shown (f, shown, TRUE);
  g_assert_cmpint (rename (shown->folder, hidden), ==, 0);
  programs = ms_running_programs_new ();
  ms_tracker_client_connect_async (find_program (programs, (guint) shown->pid), NULL, connected_cb,
                                   &client);
  iterate_until_nonnull ((gpointer *) &client);
  g_assert_true (ms_tracker_client_is_mirrored (client));
  return client;
}

static void
iterate_while (gboolean (*is_so) (MsTrackerClient *client), MsTrackerClient *client)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;

  while (is_so (client))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_main_context_iteration (NULL, TRUE);
    }
}

static gboolean
lives (MsTrackerClient *client)
{
  return !ms_tracker_client_has_ended (client);
}

/* The process goes on as another program, whose agent waits for the same name: what was watched ends, and nothing of
 * the other program is taken for it. */
static void
test_exec (Fixture *f, gconstpointer data)
{
  Shown *one = add_process (f), *other = g_new0 (Shown, 1);
  g_autoptr (MsTrackerClient) client = attach_mirrored (f, one);
  TrkProcess process;

  g_assert_cmpstr (ms_tracker_client_get_program (client), ==, "program-1");
  other->pid = one->pid;
  other->name = g_strdup (one->name);
  other->folder = g_strconcat (f->runtime, "/other", NULL);
  g_ptr_array_add (f->shown, other);
  g_assert_cmpint (g_mkdir (other->folder, 0700), ==, 0);
  g_assert_cmpint (trk_process_read (one->pid, &process), ==, 0);
  write_manifest (other, process.start_ticks, trk_pid_namespace_read (0), 2);
  one->pid = 0; /* it is the other's now */
  ms_tracker_service_add (f->service, other->folder, other->pid, process.start_ticks);
  /* The other is in the queue for the name when the first leaves it. */
  g_usleep (500000);
  ms_tracker_service_remove (f->service, one->folder, -1);
  iterate_while (lives, client);
  g_assert_cmpstr (ms_tracker_client_get_program (client), ==, "program-1");
  g_assert_true (is_shown (f, other));
}

static gboolean
has_no_new_file (MsTrackerClient *client)
{
  g_autofree char *path =
      g_build_filename (ms_tracker_client_get_folder (client), "memscope_thread_1-1.bin", NULL);

  return !g_file_test (path, G_FILE_TEST_EXISTS);
}

/* As many watch it as may: who comes after them is told nothing, and everything when there is a place. */
static void
test_full (Fixture *f, gconstpointer data)
{
  Shown *one = add_process (f);
  g_autofree char *path = g_strconcat (one->folder, ".hidden/memscope_thread_1-1.bin", NULL);
  g_autoptr (MsTrackerClient) client = NULL;
  Full full;

  wait_until_shown (f, one, TRUE);
  fill (f, one, &full);
  client = attach_mirrored (f, one);
  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (full.watchers); i++)
    {
      g_dbus_connection_close_sync (full.watchers[i], NULL, NULL);
      g_object_unref (full.watchers[i]);
    }
  iterate_while (has_no_new_file, client);
  end_process (f, one);
  iterate_while (lives, client);
}

/* A client that cannot see the folder gets the files of all threads as descriptors, of which it may have fewer by
 * default. */
static void
test_many_files (Fixture *f, gconstpointer data)
{
  Shown *one = add_process (f);
  g_autofree char *hidden = g_strconcat (f->runtime, "/hidden", NULL);
  g_autoptr (MsRunningPrograms) programs = NULL;
  g_autoptr (MsTrackerClient) client = NULL;
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  if (limit.rlim_max < 2 * N_FILES)
    {
      g_test_skip ("too few descriptors may be open here");
      return;
    }
  limit.rlim_cur = LOW_LIMIT;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  wait_until_shown (f, one, TRUE);
  write_files (one->folder);
  g_assert_cmpint (rename (one->folder, hidden), ==, 0);
  programs = ms_running_programs_new ();
  ms_tracker_client_connect_async (find_program (programs, (guint) one->pid), NULL, connected_cb,
                                   &client);
  iterate_until_nonnull ((gpointer *) &client);
  g_assert_true (ms_tracker_client_is_mirrored (client));
  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *name = name_of_file (i);
      g_autofree char *copy = g_build_filename (ms_tracker_client_get_folder (client), name, NULL);
      g_autofree char *text = NULL;

      while (!g_file_get_contents (copy, &text, NULL, NULL))
        {
          g_assert_cmpint (g_get_monotonic_time (), <, until_us);
          g_main_context_iteration (NULL, TRUE);
        }
      g_assert_cmpstr (text, ==, name);
    }
  end_process (f, one);
}

/* --- many programs -------------------------------------------------------------------------------- */

#define N_PROGRAMS 200

/* All at once when the list is made; then a few of them at a time are looked at again. */
static void
test_many_programs (Fixture *f, gconstpointer data)
{
  g_autoptr (MsRunningPrograms) programs = NULL;
  gint64 since_us;

  for (guint i = 0; i < N_PROGRAMS; i++)
    {
      g_autoptr (GError) error = NULL;
      Shown *one = add_process (f);
      TrkProcess process;

      g_assert_cmpint (trk_process_read (one->pid, &process), ==, 0);
      (void) ms_registry_add (one->pid, process.start_ticks, one->folder, &error);
      g_assert_no_error (error);
    }
  since_us = g_get_monotonic_time ();
  programs = ms_running_programs_new ();
  g_test_message ("a list of %d programs: %" G_GINT64_FORMAT " us", N_PROGRAMS,
                  g_get_monotonic_time () - since_us);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (programs)), ==, N_PROGRAMS);
  for (guint i = 0; i < N_PROGRAMS / 2; i++)
    end_process (f, f->shown->pdata[i]);
  while (g_list_model_get_n_items (G_LIST_MODEL (programs)) > N_PROGRAMS / 2)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");

  g_test_init (&argc, &argv, NULL);
  if (daemon == NULL)
    return 77;
#define ADD(name, function) \
  g_test_add ("/tracker-service/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("subscriber-stays", test_subscriber_stays);
  ADD ("reader-is-served", test_reader_is_served);
  ADD ("reader-without-end", test_reader_without_end);
  ADD ("slow-close", test_slow_close);
  ADD ("crowd", test_crowd);
  ADD ("half-character", test_half_character);
  ADD ("exec", test_exec);
  ADD ("full", test_full);
  ADD ("many-files", test_many_files);
  ADD ("many-programs", test_many_programs);
  ADD ("other-namespace", test_other_namespace);
  return g_test_run ();
}
