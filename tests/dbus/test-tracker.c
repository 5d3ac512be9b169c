/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every method, property and signal of org.memscope.Tracker1 on a private session bus:
 * test-tracker MEMSCOPE MEMSCOPE-AGENT.
 */
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-control-page.h"
#include "ms-read-only-view.h"
#include "ms-trace.h"
#include "tracker-fixture.h"
#include "trk-format.h"

#define ERROR(name) "org.memscope.Error." name

/* --- properties ----------------------------------------------------------------------------------- */

static void
test_properties (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) version = fixture_get (f, "Version"), pid = fixture_get (f, "Pid");
  g_autoptr (GVariant) command = fixture_get (f, "Command"), state = fixture_get (f, "State");
  g_autoptr (GVariant) start = fixture_get (f, "StartTime");
  g_autoptr (GVariant) folder = fixture_get (f, "TraceDirectory");
  g_autoptr (GVariant) configuration = fixture_get (f, "Configuration");
  g_autoptr (GVariant) threads = fixture_get (f, "Threads");
  g_autoptr (GVariant) thread = g_variant_get_child_value (threads, 0);
  g_autofree const char **words = g_variant_get_strv (command, NULL);
  const char *rule, *name;
  gboolean is_pending, is_recorded;
  guint32 id;
  gint32 tid;
  double rate;
  guint64 interval;

  g_assert_cmpstr (g_variant_get_string (version, NULL), ==, "1.0");
  g_assert_cmpuint (g_variant_get_uint32 (pid), ==, f->pid);
  g_assert_cmpstr (words[1], ==, "--busy");
  g_assert_cmpstr (g_variant_get_string (state, NULL), ==, "recording");
  g_assert_cmpint (ABS (g_variant_get_int64 (start) - g_get_real_time ()), <, 120 * G_USEC_PER_SEC);
  g_assert_cmpstr (g_variant_get_bytestring (folder), ==, f->folder);
  g_assert_true (g_variant_lookup (configuration, "threads", "&s", &rule));
  g_assert_cmpstr (rule, ==, "all");
  g_assert_true (g_variant_lookup (configuration, "sampling-rate", "d", &rate));
  g_assert_cmpfloat (rate, ==, 1);
  g_assert_true (g_variant_lookup (configuration, "sample-interval-bytes", "t", &interval));
  g_assert_cmpuint (interval, ==, 0);
  g_assert_true (g_variant_lookup (configuration, "pending", "b", &is_pending));
  g_assert_false (is_pending);
  g_variant_get (thread, "(ui&sb)", &id, &tid, &name, &is_recorded);
  g_assert_cmpuint (id, ==, 0);
  g_assert_cmpint (tid, ==, (gint32) f->pid);
  g_assert_cmpstr (name, ==, "test-tracker");
  g_assert_true (is_recorded);
}

/* --- methods -------------------------------------------------------------------------------------- */

static char *
get_state (Fixture *f)
{
  g_autoptr (GVariant) state = fixture_get (f, "State");

  return g_variant_dup_string (state, NULL);
}

static void
assert_state (Fixture *f, const char *expected)
{
  g_autofree char *state = get_state (f);

  g_assert_cmpstr (state, ==, expected);
}

static void
assert_rule (Fixture *f, const char *expected)
{
  g_autoptr (GVariant) configuration = fixture_get (f, "Configuration");
  const char *rule;

  g_assert_true (g_variant_lookup (configuration, "threads", "&s", &rule));
  g_assert_cmpstr (rule, ==, expected);
}

/* Whoever is refused is told what is wrong with it, also by a program that sleeps and says nothing. */
static void
test_reason (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  kill ((pid_t) f->pid, SIGSTOP);
  reply = g_dbus_connection_call_sync (f->bus, f->name, MS_TRACKER_PATH, MS_TRACKER_INTERFACE,
                                       "SetThreadRule", g_variant_new ("(s)", "every:x"), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_null (reply);
  g_assert_nonnull (strstr (error->message, "every: needs a number above 0"));
}

static void
test_changes (Fixture *f, gconstpointer data)
{
  static const char *const wrong = ERROR ("InvalidArgument");
  g_autofree char *long_rule = g_strnfill (2000, 'a');

  fixture_assert_accepted (f, "Stop", NULL);
  assert_state (f, "dormant");
  fixture_assert_accepted (f, "Start", NULL);
  assert_state (f, "recording");
  fixture_assert_accepted (f, "SetThreadRule", g_variant_new ("(s)", "main"));
  assert_rule (f, "main");
  fixture_assert_refused (f, "SetThreadRule", g_variant_new ("(s)", "every:"), wrong);
  fixture_assert_refused (f, "SetThreadRule", g_variant_new ("(s)", long_rule), wrong);
  assert_rule (f, "main");
  /* What was refused is not said again with the next wish. */
  fixture_assert_accepted (f, "SetSampling",
                           g_variant_new ("(dt)", 1.0, G_GUINT64_CONSTANT (4096)));
  fixture_assert_refused (f, "SetSampling", g_variant_new ("(dt)", 0.0, G_GUINT64_CONSTANT (0)),
                          wrong);
  fixture_assert_refused (f, "SetSampling",
                          g_variant_new ("(dt)", (double) NAN, G_GUINT64_CONSTANT (0)), wrong);
  fixture_assert_refused (f, "SetSampling", g_variant_new ("(dt)", 0.5, G_GUINT64_CONSTANT (9)),
                          wrong);
  fixture_assert_refused (f, "SetSampling", g_variant_new ("(dt)", 1.0, G_MAXUINT64), wrong);
  fixture_assert_refused (f, "Explode", NULL, "org.freedesktop.DBus.Error.UnknownMethod");
}

static void
assert_noticed (Fixture *f, const char *method, GVariant *arguments)
{
  g_autofree char *refused = NULL;
  g_autoptr (GVariant) reply = fixture_call (f->bus, f, method, arguments, &refused);
  g_autoptr (GVariant) configuration = NULL;
  gboolean is_noticed, is_pending;

  g_assert_cmpstr (refused, ==, NULL);
  g_variant_get (reply, "(b)", &is_noticed);
  g_assert_true (is_noticed);
  configuration = fixture_get (f, "Configuration");
  g_assert_true (g_variant_lookup (configuration, "pending", "b", &is_pending));
  g_assert_false (is_pending);
}

static guint64
count_allocations (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (f->folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations;
}

/* A program that allocates now and then notices when it does, and not when it has filled a block of events. */
static void
test_idle (Fixture *f, gconstpointer data)
{
  guint64 n_stopped, n_started;

  fixture_assert_progress (f);
  assert_noticed (f, "Stop", NULL);
  assert_state (f, "dormant");
  /* The event that noticed is recorded, and each other thread's that had begun. */
  fixture_assert_progress (f);
  n_stopped = count_allocations (f);
  g_assert_cmpuint (n_stopped, >, 0);
  fixture_assert_progress (f);
  g_assert_cmpuint (count_allocations (f), ==, n_stopped);
  assert_noticed (f, "Start", NULL);
  assert_state (f, "recording");
  fixture_assert_progress (f);
  assert_noticed (f, "SetThreadRule", g_variant_new ("(s)", "odd"));
  fixture_assert_progress (f);
  n_started = count_allocations (f);
  g_assert_cmpuint (n_started, >=, n_stopped + 20);
  fixture_assert_progress (f);
  g_assert_cmpuint (count_allocations (f), ==, n_started);
  assert_noticed (f, "SetThreadRule", g_variant_new ("(s)", "all"));
  assert_noticed (f, "SetSampling", g_variant_new ("(dt)", 0.5, G_GUINT64_CONSTANT (0)));
}

static gint64
mark (Fixture *f, const char *method, const char *name)
{
  g_autofree char *refused = NULL;
  g_autoptr (GVariant) reply =
      fixture_call (f->bus, f, method, g_variant_new ("(s)", name), &refused);
  gint64 time_ns;

  g_assert_cmpstr (refused, ==, NULL);
  g_variant_get_child (reply, 0, "x", &time_ns);
  return time_ns;
}

static void
test_marks (Fixture *f, gconstpointer data)
{
  static const char *const wrong = ERROR ("InvalidArgument");
  gint64 first_ns = mark (f, "Mark", "here");
  gint64 second_ns = mark (f, "Snapshot", "there");
  g_autofree char *long_name = g_strnfill (101, 'a');

  g_assert_cmpint (first_ns, >, 0);
  g_assert_cmpint (second_ns, >, first_ns);
  fixture_assert_refused (f, "Mark", g_variant_new ("(s)", ""), wrong);
  fixture_assert_refused (f, "Mark", g_variant_new ("(s)", "a\nb"), wrong);
  fixture_assert_refused (f, "Snapshot", g_variant_new ("(s)", long_name), wrong);
}

static void
count_answer_cb (GObject *source, GAsyncResult *result, gpointer n_answers)
{
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  g_assert_no_error (error);
  ++*(guint *) n_answers;
}

static gboolean
are_two (gpointer n)
{
  return *(guint *) n == 2;
}

/* Stop and start, noticed at once: what is marked ends with what is in force. */
static void
test_suspended_marks (Fixture *f, gconstpointer data)
{
  static const char *const methods[] = { "Stop", "Start" };
  g_autofree char *path = g_build_filename (f->folder, TRK_MARKS_FILE_NAME, NULL);
  g_autofree char *bytes = NULL;
  gsize n_bytes, at = sizeof (TrkFileHeader);
  guint8 kinds[3];
  guint n_answers = 0, n_marks = 0;

  kill ((pid_t) f->pid, SIGSTOP);
  for (guint i = 0; i < 2; i++)
    g_dbus_connection_call (f->bus, f->name, MS_TRACKER_PATH, MS_TRACKER_INTERFACE, methods[i],
                            NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, count_answer_cb,
                            &n_answers);
  fixture_iterate_for (200);
  kill ((pid_t) f->pid, SIGCONT);
  fixture_iterate_until (are_two, &n_answers);
  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  while (at < n_bytes && n_marks < G_N_ELEMENTS (kinds))
    {
      TrkBlockHeader header;

      memcpy (&header, bytes + at, sizeof header);
      kinds[n_marks++] = (guint8) bytes[at + TRK_BLOCK_HEADER_BYTES];
      at += TRK_BLOCK_HEADER_BYTES + header.payload_bytes;
    }
  g_assert_cmpuint (n_marks, ==, 2);
  g_assert_cmpuint (kinds[0], ==, TRK_MARK_STOPPED);
  g_assert_cmpuint (kinds[1], ==, TRK_MARK_STARTED);
}

/* --- files ---------------------------------------------------------------------------------------- */

/* Whoever has it can read, and nothing else. */
static void
assert_only_read (int fd)
{
  char byte;

  g_assert_cmpint (fcntl (fd, F_GETFL) & O_ACCMODE, ==, O_RDONLY);
  g_assert_cmpint (pread (fd, &byte, 1, 0), ==, 1);
  g_assert_cmpint (write (fd, "x", 1), ==, -1);
  g_assert_cmpint (ftruncate (fd, 0), ==, -1);
  g_assert_true (mmap (NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
}

/* Nor opens it again, where the system lets an agent see to that. */
static void
assert_not_reopened (int fd, gboolean has_views)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  int again = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (again, >=, 0);
  close (again);
  if (!has_views)
    return;
  g_assert_cmpint (open (path, O_RDWR | O_CLOEXEC), ==, -1);
  g_assert_cmpint (errno, ==, EROFS);
  g_assert_cmpint (fchmod (fd, 0600), ==, -1);
}

static gboolean
can_have_views (const char *folder)
{
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int view = ms_read_only_view_open (folder, dir_fd);

  close (dir_fd);
  if (view < 0)
    g_test_message ("no user namespaces here: descriptors can be opened again");
  else
    close (view);
  return view >= 0;
}

static GVariant *
open_files (Fixture *f, const char *method, GVariant *arguments, GUnixFDList **fds)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply =
      g_dbus_connection_call_with_unix_fd_list_sync (f->bus, f->name, MS_TRACKER_PATH,
                                                     MS_TRACKER_INTERFACE, method, arguments, NULL,
                                                     G_DBUS_CALL_FLAGS_NONE, -1, NULL, fds, NULL,
                                                     &error);

  g_assert_no_error (error);
  return reply;
}

static void
test_open_trace (Fixture *f, gconstpointer data)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply = open_files (f, "OpenTrace", NULL, &fds);
  g_autoptr (GVariant) files = g_variant_get_child_value (reply, 0);
  gboolean has_pool = FALSE, has_views = can_have_views (f->folder);

  g_assert_cmpint (g_unix_fd_list_get_length (fds), ==, (gint) g_variant_n_children (files));
  for (gsize i = 0; i < g_variant_n_children (files); i++)
    {
      const char *name;
      gint32 handle;
      int fd;

      g_variant_get_child (files, i, "(&sh)", &name, &handle);
      g_assert_cmpstr (name, !=, "memscope_control.bin");
      has_pool |= g_str_equal (name, "memscope_pool.bin");
      fd = g_unix_fd_list_get (fds, handle, NULL);
      assert_only_read (fd);
      assert_not_reopened (fd, has_views);
      close (fd);
    }
  g_assert_true (has_pool);
}

static void
test_open_files (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "../../etc/passwd", "memscope_trace.json", "x",
                                       "memscope_control.bin", NULL };
  g_autoptr (GUnixFDList) fds = NULL;
  G_GNUC_UNUSED g_autoptr (GVariant) reply =
      open_files (f, "OpenFiles", g_variant_new ("(^as)", names), &fds);
  const char *many[18] = { NULL };

  g_assert_cmpint (g_unix_fd_list_get_length (fds), ==, 1);
  for (guint i = 0; i < 17; i++)
    many[i] = "memscope_trace.json";
  fixture_assert_refused (f, "OpenFiles", g_variant_new ("(^as)", many), ERROR ("InvalidArgument"));
}

/* --- signals -------------------------------------------------------------------------------------- */

typedef struct {
  guint n_samples, n_threads, n_files, n_ended, n_changed;
  gint status;
  char *state;
} Heard;

static void
signal_cb (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *arguments,
           gpointer data)
{
  Heard *heard = data;

  if (g_str_equal (signal, "Sample"))
    {
      g_autoptr (GVariant) figures = g_variant_get_child_value (arguments, 0);
      guint64 bytes;
      gint64 time_ns;

      g_assert_true (g_variant_lookup (figures, "time-ns", "x", &time_ns));
      g_assert_true (g_variant_lookup (figures, "resident-bytes", "t", &bytes));
      g_assert_cmpuint (bytes, >, 0);
      g_assert_true (g_variant_lookup (figures, "recorded-bytes", "t", &bytes));
      heard->n_samples++;
    }
  else if (g_str_equal (signal, "Ended"))
    {
      g_free (heard->state);
      g_variant_get (arguments, "(si)", &heard->state, &heard->status);
      heard->n_ended++;
    }
  heard->n_threads += g_str_equal (signal, "ThreadsChanged");
  heard->n_files += g_str_equal (signal, "FilesAdded");
  heard->n_changed += g_str_equal (signal, "PropertiesChanged");
}

static gboolean
has_samples (gpointer heard)
{
  return ((Heard *) heard)->n_samples >= 3;
}

static gboolean
has_files (gpointer heard)
{
  return ((Heard *) heard)->n_files > 0;
}

static gboolean
has_changed (gpointer heard)
{
  return ((Heard *) heard)->n_changed > 0;
}

static gboolean
has_ended (gpointer heard)
{
  return ((Heard *) heard)->n_ended > 0;
}

static void
test_signals (Fixture *f, gconstpointer data)
{
  g_autofree char *added = g_build_filename (f->folder, "memscope_thread_9-9.bin", NULL);
  Heard heard = { 0 };
  guint id = g_dbus_connection_signal_subscribe (f->bus, f->name, NULL, NULL, MS_TRACKER_PATH, NULL,
                                                 G_DBUS_SIGNAL_FLAGS_NONE, signal_cb, &heard, NULL);

  fixture_iterate_for (300);
  g_assert_cmpuint (heard.n_samples, ==, 0); /* nobody has asked */
  fixture_assert_accepted (f, "Subscribe", NULL);
  fixture_iterate_until (has_samples, &heard);
  g_assert_true (g_file_set_contents (added, "x", 1, NULL));
  heard.n_files = 0;
  fixture_iterate_until (has_files, &heard);
  unlink (added);
  fixture_assert_accepted (f, "Stop", NULL);
  fixture_iterate_until (has_changed, &heard);
  fixture_assert_accepted (f, "Unsubscribe", NULL);
  fixture_iterate_for (150);
  heard.n_samples = 0;
  fixture_iterate_for (300);
  g_assert_cmpuint (heard.n_samples, ==, 0);
  /* To everybody. */
  kill ((pid_t) f->pid, SIGKILL);
  fixture_iterate_until (has_ended, &heard);
  g_assert_cmpstr (heard.state, ==, "killed");
  g_assert_cmpint (heard.status, ==, 128 + SIGKILL);
  g_dbus_connection_signal_unsubscribe (f->bus, id);
  g_free (heard.state);
}

static void
properties_changed_cb (GDBusConnection *bus,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *signal,
                       GVariant *arguments,
                       gpointer state)
{
  g_autoptr (GVariant) changed = g_variant_get_child_value (arguments, 1);

  g_clear_pointer ((char **) state, g_free);
  g_variant_lookup (changed, "State", "s", state);
}

typedef struct {
  char *state;
  const char *wanted;
} Told;

static gboolean
is_told (gpointer told)
{
  return g_strcmp0 (((Told *) told)->state, ((Told *) told)->wanted) == 0;
}

/* What somebody without a bus says to the process, and its end, are told to everybody. */
static void
test_told (Fixture *f, gconstpointer data)
{
  Told told = { NULL, "dormant" };
  guint id = g_dbus_connection_signal_subscribe (f->bus, f->name, "org.freedesktop.DBus.Properties",
                                                 "PropertiesChanged", MS_TRACKER_PATH,
                                                 MS_TRACKER_INTERFACE, G_DBUS_SIGNAL_FLAGS_NONE,
                                                 properties_changed_cb, &told.state, NULL);
  g_autoptr (GError) error = NULL;
  MsControl control;

  g_assert_true (ms_control_read (f->folder, &control, &error));
  control.is_on = FALSE;
  g_assert_true (ms_control_change (f->folder, &control, 0, &error));
  fixture_iterate_until (is_told, &told);
  told.wanted = "ended";
  kill ((pid_t) f->pid, SIGKILL);
  fixture_iterate_until (is_told, &told);
  g_dbus_connection_signal_unsubscribe (f->bus, id);
  g_free (told.state);
}

/* Threads that begin and end are told at most ten times a second, however many they are. */
static void
test_threads_changed (Fixture *f, gconstpointer data)
{
  Heard heard = { 0 };
  guint id = g_dbus_connection_signal_subscribe (f->bus, f->name, NULL, NULL, MS_TRACKER_PATH, NULL,
                                                 G_DBUS_SIGNAL_FLAGS_NONE, signal_cb, &heard, NULL);
  gint64 since_us = g_get_monotonic_time ();

  fixture_assert_accepted (f, "Subscribe", NULL);
  fixture_iterate_for (2000);
  g_assert_cmpuint (heard.n_threads, >, 0);
  g_assert_cmpint (heard.n_threads, <=, (g_get_monotonic_time () - since_us) / 100000 + 2);
  g_dbus_connection_signal_unsubscribe (f->bus, id);
  g_free (heard.state);
}

/* --- the client ----------------------------------------------------------------------------------- */

static gboolean
is_stopped (gpointer client)
{
  return !ms_tracker_client_is_recording (client);
}

static gboolean
client_has_ended (gpointer client)
{
  return ms_tracker_client_has_ended (client);
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

static void
test_client (Fixture *f, gconstpointer data)
{
  MsTrackerClient *client = fixture_attach (f);
  guint n_samples = 0;

  g_assert_true (ms_tracker_client_is_on_bus (client));
  g_assert_cmpstr (ms_tracker_client_get_thread_rule (client), ==, "all");
  g_signal_connect (client, "sample", G_CALLBACK (count_sample_cb), &n_samples);
  fixture_iterate_until (are_three, &n_samples);
  ms_tracker_client_set_recording_async (client, FALSE, NULL, NULL, NULL);
  fixture_iterate_until (is_stopped, client);
  kill ((pid_t) f->pid, SIGKILL);
  fixture_iterate_until (client_has_ended, client);
  g_assert_cmpint (ms_tracker_client_get_exit_status (client), ==, 128 + SIGKILL);
  g_assert_finalize_object (client);
}

int
main (int argc, char **argv)
{
  if (!fixture_begin (&argc, &argv))
    return 77;
#define ADD(name, program, function) \
  g_test_add ("/tracker/" name, Fixture, program, fixture_set_up, function, fixture_tear_down)
  ADD ("properties", "--busy", test_properties);
  ADD ("changes", "--busy", test_changes);
  ADD ("reason", "--busy", test_reason);
  ADD ("idle", "--idle", test_idle);
  ADD ("marks", "--busy", test_marks);
  ADD ("suspended-marks", "--busy", test_suspended_marks);
  ADD ("open-trace", "--busy", test_open_trace);
  ADD ("open-files", "--busy", test_open_files);
  ADD ("signals", "--busy", test_signals);
  ADD ("told", "--busy", test_told);
  ADD ("threads-changed", "--threads", test_threads_changed);
  ADD ("client", "--busy", test_client);
  return g_test_run ();
}
