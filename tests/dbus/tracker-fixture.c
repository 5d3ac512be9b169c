/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "tracker-fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "test-folder.h"

#define PATIENCE_US (60 * G_USEC_PER_SEC)
#define PROGRESS_VARIABLE "TRACKER_TEST_PROGRESS"
#define TEST_VARIABLE "TRACKER_TEST_PID"
/* Who lives on after a test that failed holds no end of its reader's pipes. */
#define QUIET (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE)
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

static const char *memscope, *agent_path;
static char *self_path;

/* --- the program ---------------------------------------------------------------------------------- */

static void *
short_thread (void *data)
{
  free (malloc (300));
  return data;
}

/* How many times the program allocates in a round, and how long it then waits. */
typedef struct {
  const char *name;
  guint n_blocks, pause_us;
  gboolean has_threads;
} Program;

static const Program recorded[] = {
  /* A block of events is full soon. */
  { "--busy", 20, 500, FALSE },
  /* It never is: one allocation now and then, from the same call stack. */
  { "--idle", 1, 50000, FALSE },
  /* Five hundred threads a second begin and end. */
  { "--threads", 20, 1800, TRUE },
};

/* It ends with the test, however that ends. */
G_NORETURN static void
be_program (const Program *program)
{
  const char *path = getenv (PROGRESS_VARIABLE);
  const char *number = getenv (TEST_VARIABLE);
  pid_t test = number != NULL ? (pid_t) atoi (number) : 0;
  int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
  volatile guint64 *progress =
      fd >= 0 ? mmap (NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
              : MAP_FAILED;

  while (kill (test, 0) == 0)
    {
      pthread_t thread;

      for (guint i = 0; i < program->n_blocks; i++)
        {
          void *volatile block = malloc (3000);

          free (block);
        }
      if (program->has_threads && pthread_create (&thread, NULL, short_thread, NULL) == 0)
        pthread_join (thread, NULL);
      if (progress != MAP_FAILED)
        (*progress)++;
      usleep (program->pause_us);
    }
  _exit (1);
}

static char *
path_of_progress (Fixture *f)
{
  return g_build_filename (f->runtime, "progress", NULL);
}

static void
map_progress (Fixture *f)
{
  g_autofree char *path = path_of_progress (f);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (ftruncate (fd, sizeof *f->progress), ==, 0);
  f->progress = mmap (NULL, sizeof *f->progress, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (f->progress != MAP_FAILED);
  close (fd);
}

/* --- waiting -------------------------------------------------------------------------------------- */

void
fixture_iterate_until (gboolean (*is_so) (gpointer), gpointer data)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;

  while (!is_so (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (5000);
    }
}

void
fixture_iterate_for (guint ms)
{
  gint64 until_us = g_get_monotonic_time () + (gint64) ms * 1000;

  while (g_get_monotonic_time () < until_us)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (5000);
}

typedef struct {
  const volatile guint64 *counter;
  guint64 before;
} Progress;

static gboolean
has_progressed (gpointer data)
{
  const Progress *progress = data;

  return *progress->counter > progress->before + 20;
}

void
fixture_assert_progress (Fixture *f)
{
  Progress progress = { f->progress, *(volatile guint64 *) f->progress };

  g_assert_cmpint (kill ((pid_t) f->pid, 0), ==, 0);
  fixture_iterate_until (has_progressed, &progress);
}

guint64
fixture_resident_bytes (guint pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/statm", pid);
  g_autofree char *text = NULL;
  guint64 size, resident = 0;

  if (g_file_get_contents (path, &text, NULL, NULL))
    g_assert_cmpint (sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &size, &resident),
                     ==, 2);
  return resident * (guint64) sysconf (_SC_PAGESIZE);
}

/* --- the bus -------------------------------------------------------------------------------------- */

static char *
address_of (Fixture *f)
{
  return g_strdup_printf ("unix:path=%s/bus", f->runtime);
}

/* Limits far above the agent's own, so that those are what is met. */
static void
write_bus_configuration (Fixture *f)
{
  g_autofree char *address = address_of (f);
  g_autofree char *path = g_build_filename (f->runtime, "bus.conf", NULL);
  g_autofree char *text = g_strdup_printf (
      "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\""
      " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
      "<busconfig><type>session</type><listen>%s</listen><auth>EXTERNAL</auth>\n"
      "<policy context=\"default\"><allow user=\"*\"/><allow send_destination=\"*\"/>"
      "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>\n"
      "<limit name=\"max_replies_per_connection\">100000</limit>\n"
      "<limit name=\"max_outgoing_bytes\">1000000</limit>\n"
      "<limit name=\"max_message_unix_fds\">253</limit>\n"
      "<limit name=\"max_incoming_unix_fds\">10000</limit>\n"
      "<limit name=\"max_outgoing_unix_fds\">10000</limit>\n"
      "</busconfig>\n",
      address);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static gboolean
connects (gpointer data)
{
  Fixture *f = data;
  g_autofree char *address = address_of (f);

  f->bus =
      g_dbus_connection_new_for_address_sync (address,
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                  | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, NULL);
  return f->bus != NULL;
}

/* In the child. */
static void
end_with_test (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

void
fixture_start_bus (Fixture *f)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (QUIET);
  g_autoptr (GError) error = NULL;
  g_autofree char *option = g_strdup_printf ("--config-file=%s/bus.conf", f->runtime);

  g_subprocess_launcher_set_child_setup (launcher, end_with_test, NULL, NULL);
  f->daemon = g_subprocess_launcher_spawn (launcher, &error, "dbus-daemon", "--nofork",
                                           "--nopidfile", option, NULL);
  g_assert_no_error (error);
  fixture_iterate_until (connects, f);
  g_dbus_connection_set_exit_on_close (f->bus, FALSE);
}

void
fixture_stop_bus (Fixture *f)
{
  g_autofree char *path = g_build_filename (f->runtime, "bus", NULL);

  g_subprocess_force_exit (f->daemon);
  g_subprocess_wait (f->daemon, NULL, NULL);
  g_clear_object (&f->daemon);
  g_dbus_connection_close_sync (f->bus, NULL, NULL);
  g_clear_object (&f->bus);
  unlink (path);
}

GDBusConnection *
fixture_connect (Fixture *f)
{
  GDBusConnection *before = g_steal_pointer (&f->bus);
  GDBusConnection *bus;

  g_assert_true (connects (f));
  bus = f->bus;
  f->bus = before;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  return bus;
}

/* --- calls ---------------------------------------------------------------------------------------- */

GVariant *
fixture_call (GDBusConnection *bus,
              Fixture *f,
              const char *method,
              GVariant *arguments,
              char **refused)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply =
      g_dbus_connection_call_sync (bus, f->name, MS_TRACKER_PATH, MS_TRACKER_INTERFACE, method,
                                   arguments, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  *refused = error != NULL ? g_dbus_error_get_remote_error (error) : NULL;
  return reply;
}

void
fixture_assert_accepted (Fixture *f, const char *method, GVariant *arguments)
{
  g_autofree char *refused = NULL;
  g_autoptr (GVariant) reply = fixture_call (f->bus, f, method, arguments, &refused);

  g_assert_cmpstr (refused, ==, NULL);
  g_assert_nonnull (reply);
}

void
fixture_assert_refused (Fixture *f, const char *method, GVariant *arguments, const char *name)
{
  g_autofree char *refused = NULL;
  g_autoptr (GVariant) reply = fixture_call (f->bus, f, method, arguments, &refused);

  g_assert_null (reply);
  g_assert_cmpstr (refused, ==, name);
}

static GVariant *
try_get (Fixture *f, const char *property, GError **error)
{
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_sync (f->bus, f->name, MS_TRACKER_PATH, PROPERTIES_INTERFACE, "Get",
                                   g_variant_new ("(ss)", MS_TRACKER_INTERFACE, property),
                                   G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
  GVariant *value;

  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(v)", &value);
  return value;
}

GVariant *
fixture_get (Fixture *f, const char *property)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = try_get (f, property, &error);

  g_assert_no_error (error);
  return value;
}

static gboolean
answers (gpointer data)
{
  g_autoptr (GVariant) value = try_get (data, "State", NULL);

  return value != NULL;
}

void
fixture_wait_for_agent (Fixture *f)
{
  fixture_iterate_until (answers, f);
}

/* --- the fixture ---------------------------------------------------------------------------------- */

static gboolean
has_folder (gpointer data)
{
  Fixture *f = data;
  g_autoptr (GDir) dir = g_dir_open (f->recording, 0, NULL);
  const char *name, *dot;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_ascii_isdigit (*name) && strstr (name, "-test-") != NULL
        && (dot = strrchr (name, '.')) != NULL)
      {
        f->folder = g_build_filename (f->recording, name, NULL);
        f->pid = (guint) strtoul (dot + 1, NULL, 10);
      }
  return f->folder != NULL;
}

const char *
fixture_get_memscope (void)
{
  return memscope;
}

const char *
fixture_get_agent (void)
{
  return agent_path;
}

GSubprocess *
fixture_start_agent (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *agent =
      g_subprocess_new (QUIET, &error, agent_path, "--recording", f->recording, NULL);

  g_assert_no_error (error);
  return agent;
}

void
fixture_set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address = NULL, *progress = NULL;
  g_autofree char *test = g_strdup_printf ("%d", getpid ());

  f->runtime = test_folder_new ();
  f->recording = g_build_filename (f->runtime, "recording", NULL);
  address = address_of (f);
  progress = path_of_progress (f);
  map_progress (f);
  g_setenv ("XDG_RUNTIME_DIR", f->runtime, TRUE);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  g_setenv (PROGRESS_VARIABLE, progress, TRUE);
  g_setenv (TEST_VARIABLE, test, TRUE);
  write_bus_configuration (f);
  fixture_start_bus (f);
  if (g_str_equal (data, FIXTURE_ORPHAN))
    f->agent = g_subprocess_new (QUIET, &error, memscope, "record", "-o", f->recording, "--",
                                 "/bin/sh", "-c", "\"$0\" --busy & sleep 1", self_path, NULL);
  else if (g_str_equal (data, FIXTURE_RING))
    f->agent = g_subprocess_new (QUIET, &error, memscope, "record", "--ring", "64K", "-o",
                                 f->recording, "--", self_path, "--busy", NULL);
  else if (g_str_equal (data, FIXTURE_SESSION))
    f->agent = g_subprocess_new (QUIET, &error, self_path, data, f->recording, NULL);
  else
    f->agent = g_subprocess_new (QUIET, &error, memscope, "record", "-o", f->recording, "--",
                                 self_path, data, NULL);
  g_assert_no_error (error);
  if (g_str_equal (data, FIXTURE_SESSION))
    {
      f->folder = g_strdup (f->recording);
      f->pid = (guint) strtoul (g_subprocess_get_identifier (f->agent), NULL, 10);
    }
  fixture_iterate_until (has_folder, f);
  f->name = ms_tracker_name_of_pid (f->pid);
  fixture_wait_for_agent (f);
}

void
fixture_tear_down (Fixture *f, gconstpointer data)
{
  kill ((pid_t) f->pid, SIGCONT);
  kill ((pid_t) f->pid, SIGKILL);
  if (f->agent != NULL)
    g_subprocess_wait (f->agent, NULL, NULL);
  g_clear_object (&f->agent);
  fixture_stop_bus (f);
  munmap (f->progress, sizeof *f->progress);
  test_folder_remove (f->runtime);
  g_free (f->runtime);
  g_free (f->recording);
  g_free (f->folder);
  g_free (f->name);
}

/* --- the client ----------------------------------------------------------------------------------- */

static gboolean
is_found (gpointer data)
{
  gpointer *wanted = data;

  return ms_running_programs_find (wanted[0], ((Fixture *) wanted[1])->pid) != NULL;
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  *(MsTrackerClient **) data = ms_tracker_client_connect_finish (result, &error);
  g_assert_no_error (error);
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

MsTrackerClient *
fixture_attach (Fixture *f)
{
  g_autoptr (MsRunningPrograms) programs = ms_running_programs_new ();
  gpointer wanted[] = { programs, f };
  MsTrackerClient *client = NULL;

  fixture_iterate_until (is_found, wanted);
  ms_tracker_client_connect_async (ms_running_programs_find (programs, f->pid), NULL, connected_cb,
                                   &client);
  fixture_iterate_until (is_set, &client);
  return client;
}

/* --- main ----------------------------------------------------------------------------------------- */

gboolean
fixture_begin (int *argc, char ***argv)
{
  for (guint i = 0; *argc > 1 && i < G_N_ELEMENTS (recorded); i++)
    if (g_str_equal ((*argv)[1], recorded[i].name))
      be_program (&recorded[i]);
  g_test_init (argc, argv, NULL);
  memscope = (*argv)[1];
  agent_path = (*argv)[2];
  self_path = g_file_read_link ("/proc/self/exe", NULL);
  return g_find_program_in_path ("dbus-daemon") != NULL;
}
