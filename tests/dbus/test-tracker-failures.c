/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What goes wrong around a watched program, on a private session bus: somebody is killed, stopped, restarted,
 * or does not read.  In all of it the program goes on:  test-tracker-failures MEMSCOPE MEMSCOPE-AGENT.
 */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-trace.h"
#include "tracker-fixture.h"
#include "trk-format.h"

#define FLOOD 5000

static gboolean
is_off_bus (gpointer client)
{
  return !ms_tracker_client_is_on_bus (client);
}

static gboolean
is_on_bus (gpointer client)
{
  return ms_tracker_client_is_on_bus (client);
}

static gboolean
is_stopped (gpointer client)
{
  return !ms_tracker_client_is_recording (client);
}

static gboolean
has_ended (gpointer client)
{
  return ms_tracker_client_has_ended (client);
}

static gboolean
is_pending (gpointer client)
{
  return ms_tracker_client_is_pending (client);
}

static gboolean
is_noticed (gpointer client)
{
  return !ms_tracker_client_is_pending (client);
}

static gboolean
is_closed (gpointer data)
{
  g_autofree char *pool = g_build_filename (((Fixture *) data)->folder, TRK_POOL_FILE_NAME, NULL);
  struct stat status;

  return lstat (pool, &status) != 0;
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

static guint64
count_allocations (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (f->folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations;
}

static guint
pid_of (GSubprocess *process)
{
  return (guint) g_ascii_strtoull (g_subprocess_get_identifier (process), NULL, 10);
}

/* --- somebody is killed --------------------------------------------------------------------------- */

/* The program goes on, what can be done through its folder still can, and the next agent takes over: the same
 * client is on the bus again, and the folder is closed at the end. */
static void
test_agent_killed (Fixture *f, gconstpointer data)
{
  g_autoptr (MsTrackerClient) client = fixture_attach (f);
  guint n_samples = 0;

  g_subprocess_force_exit (f->agent);
  fixture_iterate_until (is_off_bus, client);
  g_signal_connect (client, "sample", G_CALLBACK (count_sample_cb), &n_samples);
  fixture_iterate_until (are_three, &n_samples);
  fixture_assert_progress (f);
  g_assert_cmpuint (count_allocations (f), >, 0);
  ms_tracker_client_set_recording_async (client, FALSE, NULL, NULL, NULL);
  fixture_iterate_until (is_stopped, client);
  g_object_unref (f->agent);
  f->agent = fixture_start_agent (f);
  fixture_iterate_until (is_on_bus, client);
  ms_tracker_client_set_recording_async (client, TRUE, NULL, NULL, NULL);
  fixture_assert_progress (f);
  kill ((pid_t) f->pid, SIGKILL);
  fixture_iterate_until (has_ended, client);
  fixture_iterate_until (is_closed, f);
  /* In every round it allocates once; the counter may have been killed in between. */
  g_assert_cmpuint (count_allocations (f), >, 0);
}

/* memscope record has left; what it leaves behind closes the folder, and shows who lives on. */
static void
test_orphan (Fixture *f, gconstpointer data)
{
  g_autoptr (MsTrackerClient) client = NULL;
  guint n_samples = 0;

  g_assert_true (g_subprocess_wait_check (f->agent, NULL, NULL));
  fixture_wait_for_agent (f);
  client = fixture_attach (f);
  g_assert_true (ms_tracker_client_is_on_bus (client));
  g_signal_connect (client, "sample", G_CALLBACK (count_sample_cb), &n_samples);
  fixture_iterate_until (are_three, &n_samples);
  fixture_assert_accepted (f, "SetThreadRule", g_variant_new ("(s)", "main"));
  fixture_assert_progress (f);
  kill ((pid_t) f->pid, SIGKILL);
  fixture_iterate_until (has_ended, client);
  fixture_iterate_until (is_closed, f);
}

static void
test_target_killed (Fixture *f, gconstpointer data)
{
  g_autoptr (MsTrackerClient) client = fixture_attach (f);

  fixture_assert_progress (f);
  kill ((pid_t) f->pid, SIGKILL);
  fixture_iterate_until (has_ended, client);
  g_assert_cmpint (ms_tracker_client_get_exit_status (client), ==, 128 + SIGKILL);
  /* Once a round, but for the round in which it was killed. */
  g_assert_cmpuint (count_allocations (f) + 1, >=, *f->progress);
}

static void
test_bus_restarted (Fixture *f, gconstpointer data)
{
  g_autoptr (MsTrackerClient) client = fixture_attach (f);
  guint n_samples = 0;

  fixture_stop_bus (f);
  fixture_iterate_until (is_off_bus, client);
  g_signal_connect (client, "sample", G_CALLBACK (count_sample_cb), &n_samples);
  fixture_iterate_until (are_three, &n_samples);
  fixture_start_bus (f);
  fixture_wait_for_agent (f);
  fixture_iterate_until (is_on_bus, client);
  n_samples = 0;
  fixture_iterate_until (are_three, &n_samples);
  fixture_assert_progress (f);
}

/* --- somebody is stopped -------------------------------------------------------------------------- */

/* A program that does not run does not notice; nobody waits for it, and the last wish counts. */
static void
test_suspended (Fixture *f, gconstpointer data)
{
  g_autoptr (MsTrackerClient) client = fixture_attach (f);
  g_autofree char *refused = NULL;
  g_autoptr (GVariant) reply = NULL;
  gboolean noticed = TRUE;
  guint n_samples = 0;

  kill ((pid_t) f->pid, SIGSTOP);
  reply = fixture_call (f->bus, f, "SetThreadRule", g_variant_new ("(s)", "main"), &refused);
  g_assert_cmpstr (refused, ==, NULL);
  g_variant_get (reply, "(b)", &noticed);
  g_assert_false (noticed);
  fixture_iterate_until (is_pending, client);
  g_signal_connect (client, "sample", G_CALLBACK (count_sample_cb), &n_samples);
  fixture_iterate_until (are_three, &n_samples);
  ms_tracker_client_set_recording_async (client, FALSE, NULL, NULL, NULL);
  fixture_iterate_until (is_stopped, client);
  kill ((pid_t) f->pid, SIGCONT);
  fixture_iterate_until (is_noticed, client);
  g_assert_cmpstr (ms_tracker_client_get_thread_rule (client), ==, "main");
  g_assert_false (ms_tracker_client_is_recording (client));
  fixture_assert_progress (f);
}

/* What waits until the program wakes is bounded: none of it is kept but the last. */
static void
test_suspended_wishes (Fixture *f, gconstpointer data)
{
  guint n_busy = 0;

  kill ((pid_t) f->pid, SIGSTOP);
  for (guint i = 0; i < 100; i++)
    g_dbus_connection_call (f->bus, f->name, MS_TRACKER_PATH, MS_TRACKER_INTERFACE,
                            i % 2 ? "Start" : "Stop", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                            NULL, NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *refused = NULL;
      G_GNUC_UNUSED g_autoptr (GVariant) reply = fixture_call (f->bus, f, "Stop", NULL, &refused);

      n_busy += g_strcmp0 (refused, "org.memscope.Error.TooMany") == 0;
      fixture_iterate_for (2500);
    }
  g_assert_cmpuint (n_busy, ==, 1);
  kill ((pid_t) f->pid, SIGCONT);
  fixture_assert_accepted (f, "Start", NULL);
}

/* --- somebody does not read ----------------------------------------------------------------------- */

/* All threads of it: the signal takes its time. */
static gboolean
is_process_stopped (gpointer process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/task", pid_of (process));
  g_autoptr (GDir) tasks = g_dir_open (path, 0, NULL);
  gboolean is_so = TRUE;
  const char *name;

  while (tasks != NULL && (name = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *leaf = g_build_filename (path, name, "stat", NULL);
      g_autofree char *text = NULL;

      if (g_file_get_contents (leaf, &text, NULL, NULL))
        is_so &= strstr (text, ") T ") != NULL;
    }
  return is_so;
}

static void
stop (GSubprocess *process)
{
  g_subprocess_send_signal (process, SIGSTOP);
  fixture_iterate_until (is_process_stopped, process);
}

static gboolean
is_ready (gpointer programs)
{
  return ms_running_programs_is_ready (programs);
}

/* Who connects while the bus does not answer does without it, as where there is none, until it does. */
static void
test_silent_bus (Fixture *f, gconstpointer data)
{
  g_autoptr (MsTrackerClient) client = NULL;
  g_autoptr (MsRunningPrograms) programs = NULL;

  stop (f->daemon);
  programs = ms_running_programs_new ();
  fixture_iterate_until (is_ready, programs);
  g_assert_nonnull (ms_running_programs_find (programs, f->pid));
  client = fixture_attach (f);
  g_assert_false (ms_tracker_client_is_on_bus (client));
  ms_tracker_client_set_recording_async (client, FALSE, NULL, NULL, NULL);
  fixture_iterate_until (is_stopped, client);
  fixture_assert_progress (f);
  g_subprocess_send_signal (f->daemon, SIGCONT);
  fixture_iterate_until (is_on_bus, client);
}

static void
silence_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_assert_false (ms_tracker_client_change_finish (MS_TRACKER_CLIENT (source), result, data));
}

static gboolean
is_error (gpointer error)
{
  return *(GError **) error != NULL;
}

/* So does who connects while the agent does not; who was connected is told that it does not. */
static void
test_silent_agent (Fixture *f, gconstpointer data)
{
  g_autoptr (MsTrackerClient) before = fixture_attach (f), client = NULL;
  g_autoptr (GError) error = NULL;

  stop (f->agent);
  client = fixture_attach (f);
  g_assert_false (ms_tracker_client_is_on_bus (client));
  ms_tracker_client_set_recording_async (before, FALSE, NULL, silence_cb, &error);
  fixture_iterate_until (is_error, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "the agent of test-tracker-failures does not answer"));
  g_subprocess_send_signal (f->agent, SIGCONT);
  fixture_iterate_until (is_on_bus, client);
  fixture_assert_progress (f);
}

typedef struct {
  guint n;
} Count;

static void
count_cb (GDBusConnection *bus,
          const char *sender,
          const char *path,
          const char *interface,
          const char *signal,
          GVariant *arguments,
          gpointer data)
{
  ((Count *) data)->n++;
}

/* The bus itself reads nothing for five seconds, in which 16 watchers are owed 800 samples.  What the agent
 * wrote lies in the socket; the rest was never made. */
static void
test_stopped_bus (Fixture *f, gconstpointer data)
{
  GDBusConnection *watchers[16];
  guint agent = pid_of (f->agent);
  Count count = { 0 };
  guint64 before;

  for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
    {
      g_autofree char *refused = NULL;
      g_autoptr (GVariant) reply = NULL;

      watchers[i] = fixture_connect (f);
      g_dbus_connection_signal_subscribe (watchers[i], f->name, MS_TRACKER_INTERFACE, "Sample",
                                          MS_TRACKER_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, count_cb,
                                          &count, NULL);
      reply = fixture_call (watchers[i], f, "Subscribe", NULL, &refused);
      g_assert_cmpstr (refused, ==, NULL);
    }
  fixture_iterate_for (1000);
  before = fixture_resident_bytes (agent);
  g_subprocess_send_signal (f->daemon, SIGSTOP);
  g_usleep (200000); /* what is on its way */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  fixture_assert_progress (f);
  g_usleep (5 * G_USEC_PER_SEC);
  fixture_assert_progress (f);
  g_assert_cmpuint (fixture_resident_bytes (agent), <, before + (2 << 20));
  count.n = 0;
  g_subprocess_send_signal (f->daemon, SIGCONT);
  fixture_iterate_for (200);
  g_assert_cmpuint (count.n, >, 0);
  g_assert_cmpuint (count.n, <, 600);
  fixture_assert_accepted (f, "Mark", g_variant_new ("(s)", "after"));
  for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
    {
      g_dbus_connection_close_sync (watchers[i], NULL, NULL);
      g_object_unref (watchers[i]);
    }
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  G_GNUC_UNUSED g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  (*(guint *) data)++;
}

static gboolean
is_all_answered (gpointer data)
{
  return *(guint *) data == FLOOD;
}

/* Every call is answered, most of them with a refusal; what it answers afterwards is as before. */
static void
test_flood (Fixture *f, gconstpointer data)
{
  guint agent = pid_of (f->agent), n_answered = 0;
  guint64 before = fixture_resident_bytes (agent);

  for (guint i = 0; i < FLOOD; i++)
    {
      g_dbus_connection_call (f->bus, f->name, MS_TRACKER_PATH, "org.freedesktop.DBus.Properties",
                              "GetAll", g_variant_new ("(s)", MS_TRACKER_INTERFACE), NULL,
                              G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, answered_cb, &n_answered);
      /* And those that want no answer. */
      g_dbus_connection_call (f->bus, f->name, MS_TRACKER_PATH, MS_TRACKER_INTERFACE, "OpenTrace",
                              NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
    }
  fixture_iterate_until (is_all_answered, &n_answered);
  fixture_assert_accepted (f, "SetThreadRule", g_variant_new ("(s)", "main"));
  g_assert_cmpuint (fixture_resident_bytes (agent), <, before + (24 << 20));
  fixture_assert_progress (f);
}

/* --- five hundred threads a second ---------------------------------------------------------------- */

static guint
count_files (Fixture *f)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  guint n_files = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n_files++;
  return n_files;
}

static gboolean
has_had_threads (gpointer progress)
{
  return *(volatile guint64 *) progress >= 1500;
}

static void
test_many_threads (Fixture *f, gconstpointer data)
{
  g_autoptr (MsTrackerClient) client = fixture_attach (f);
  guint agent = pid_of (f->agent);
  guint64 before;
  guint n_files;

  fixture_iterate_for (1500);
  before = fixture_resident_bytes (agent);
  n_files = count_files (f);
  *f->progress = 0;
  fixture_iterate_until (has_had_threads, f->progress);
  g_assert_cmpuint (fixture_resident_bytes (agent), <, before + (8 << 20));
  g_assert_cmpuint (count_files (f), <=, n_files + 2);
  g_assert_true (ms_tracker_client_is_on_bus (client));
}

int
main (int argc, char **argv)
{
  if (!fixture_begin (&argc, &argv))
    return 77;
#define ADD(name, program, function) \
  g_test_add ("/tracker-failures/" name, Fixture, program, fixture_set_up, function, \
              fixture_tear_down)
  ADD ("agent-killed", "--busy", test_agent_killed);
  ADD ("orphan", FIXTURE_ORPHAN, test_orphan);
  ADD ("target-killed", "--busy", test_target_killed);
  ADD ("bus-restarted", "--busy", test_bus_restarted);
  ADD ("suspended", "--busy", test_suspended);
  ADD ("suspended-wishes", "--busy", test_suspended_wishes);
  ADD ("silent-bus", "--busy", test_silent_bus);
  ADD ("silent-agent", "--busy", test_silent_agent);
  ADD ("stopped-bus", "--busy", test_stopped_bus);
  ADD ("flood", "--busy", test_flood);
  ADD ("many-threads", "--threads", test_many_threads);
  return g_test_run ();
}
