/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who means no good, on a private session bus: other users, and whoever may write into the trace folder or call the
 * agent.  The agent answers on, and the program goes on:  test-tracker-hostile MEMSCOPE MEMSCOPE-AGENT.
 */
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ms-trace.h"
#include "tracker-fixture.h"
#include "trk-format.h"

#define NOBODY 65534

static guint
pid_of (GSubprocess *process)
{
  return (guint) g_ascii_strtoull (g_subprocess_get_identifier (process), NULL, 10);
}

static gboolean
has_ended (gpointer client)
{
  return ms_tracker_client_has_ended (client);
}

static gboolean
is_closed (gpointer data)
{
  g_autofree char *pool = g_build_filename (((Fixture *) data)->folder, TRK_POOL_FILE_NAME, NULL);
  struct stat status;

  return lstat (pool, &status) != 0;
}

static guint64
count_allocations (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (f->folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations;
}

typedef struct {
  Fixture *fixture;
  char *refused;
  gboolean is_connected;
} Stranger;

/* Linux has a user for each thread; the C library's call would change them all. */
static gpointer
be_a_stranger (gpointer data)
{
  Stranger *self = data;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GVariant) reply = NULL;

  if (syscall (SYS_setresuid, NOBODY, NOBODY, NOBODY) != 0)
    return NULL;
  bus = fixture_connect (self->fixture);
  self->is_connected = TRUE;
  reply = fixture_call (bus, self->fixture, "OpenTrace", NULL, &self->refused);
  g_assert_null (reply);
  return NULL;
}

static void
test_other_user (Fixture *f, gconstpointer data)
{
  Stranger stranger = { f, NULL, FALSE };

  if (geteuid () != 0)
    {
      g_test_skip ("only root can be another user");
      return;
    }
  g_assert_cmpint (chmod (f->runtime, 0711), ==, 0);
  g_thread_join (g_thread_new ("stranger", be_a_stranger, &stranger));
  g_assert_true (stranger.is_connected);
  g_assert_cmpstr (stranger.refused, ==, "org.freedesktop.DBus.Error.AccessDenied");
  g_free (stranger.refused);
}

/* The agent answers, whatever lies there, and the program goes on. */
static void
assert_alive (Fixture *f)
{
  g_autoptr (GVariant) configuration = fixture_get (f, "Configuration");
  g_autoptr (GVariant) state = fixture_get (f, "State");
  g_autofree char *refused = NULL;
  G_GNUC_UNUSED g_autoptr (GVariant) reply = fixture_call (f->bus, f, "Start", NULL, &refused);

  g_assert_nonnull (configuration);
  g_assert_nonnull (state);
  fixture_assert_progress (f);
}

static void
overwrite (int fd, gsize from, gsize n_bytes, GRand *rand)
{
  for (gsize i = 0; i < n_bytes; i++)
    {
      guint8 byte = (guint8) g_rand_int (rand);

      g_assert_cmpint (pwrite (fd, &byte, 1, (off_t) (from + i)), ==, 1);
    }
}

static void
test_hostile_page (Fixture *f, gconstpointer data)
{
  const gsize wish = offsetof (TrkControlPage, generation);
  g_autofree char *path = g_build_filename (f->folder, TRK_CONTROL_FILE_NAME, NULL);
  g_autofree char *big = g_strnfill (1 << 20, 'x');
  g_autoptr (GRand) rand = g_rand_new_with_seed (8);
  int fd = open (path, O_RDWR | O_CLOEXEC);

  /* In the page that the program has mapped: noise in all that may be written, then everywhere. */
  for (guint i = 0; i < 20; i++)
    {
      overwrite (fd, wish, sizeof (TrkControlPage) - wish, rand);
      assert_alive (f);
    }
  overwrite (fd, 0, sizeof (TrkControlPage), rand);
  assert_alive (f);
  close (fd);
  /* In its place: too short, too long, a pipe, a folder, a link, nothing. */
  unlink (path);
  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  assert_alive (f);
  g_assert_true (g_file_set_contents (path, big, 1 << 20, NULL));
  assert_alive (f);
  unlink (path);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  assert_alive (f);
  unlink (path);
  g_assert_cmpint (mkdir (path, 0700), ==, 0);
  assert_alive (f);
  rmdir (path);
  g_assert_cmpint (symlink ("/dev/zero", path), ==, 0);
  assert_alive (f);
  unlink (path);
  assert_alive (f);
}

/* Whoever cuts off what the program has mapped, which its own user alone can do, ends the program; nobody else. */
static void
cut_off (Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);
  g_autoptr (MsTrackerClient) client = fixture_attach (f);

  g_assert_cmpint (truncate (path, 0), ==, 0);
  fixture_iterate_until (has_ended, client);
  g_assert_cmpint (ms_tracker_client_get_exit_status (client), ==, 128 + SIGBUS);
  fixture_iterate_until (is_closed, f);
}

static void
test_page_cut_off (Fixture *f, gconstpointer data)
{
  cut_off (f, TRK_CONTROL_FILE_NAME);
  g_assert_cmpuint (count_allocations (f) + 1, >=, *f->progress);
}

static void
test_pool_cut_off (Fixture *f, gconstpointer data)
{
  cut_off (f, TRK_POOL_FILE_NAME);
}

#define MANY_NAMES 100000

/* Wrong types, properties that are not there or cannot be set, and as much as a message holds. */
static void
test_hostile_calls (Fixture *f, gconstpointer data)
{
  static const char *const wrong = "org.freedesktop.DBus.Error.InvalidArgs";
  g_autofree char *huge = g_strnfill (8 << 20, 'a'), *commas = g_strnfill (8 << 20, ',');
  g_autofree const char **names = g_new0 (const char *, MANY_NAMES + 1);
  guint64 before = fixture_resident_bytes (pid_of (f->agent));

  for (guint i = 0; i < MANY_NAMES; i++)
    names[i] = "memscope_trace.json";
  for (guint i = 0; i < 10; i++)
    {
      fixture_assert_refused (f, "SetThreadRule", g_variant_new ("(u)", 7), wrong);
      fixture_assert_refused (f, "SetSampling", g_variant_new ("(s)", "all"), wrong);
      fixture_assert_refused (f, "OpenTrace", g_variant_new ("(s)", "more"), wrong);
      fixture_assert_refused (f, "SetThreadRule", g_variant_new ("(s)", huge),
                              "org.memscope.Error.InvalidArgument");
      fixture_assert_refused (f, "SetThreadRule", g_variant_new ("(s)", commas),
                              "org.memscope.Error.InvalidArgument");
      fixture_assert_refused (f, "Mark", g_variant_new ("(s)", huge),
                              "org.memscope.Error.InvalidArgument");
      fixture_assert_refused (f, "OpenFiles", g_variant_new ("(^as)", names),
                              "org.memscope.Error.InvalidArgument");
    }
  assert_alive (f);
  g_assert_cmpuint (fixture_resident_bytes (pid_of (f->agent)), <, before + (64 << 20));
}

#define N_CALLS 12
#define N_DESCRIPTORS 40

static guint
count_descriptors (guint pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/fd", pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
count_refusal_cb (GObject *source, GAsyncResult *result, gpointer n_refused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  g_assert_null (g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), NULL,
                                                                  result, &error));
  name = g_dbus_error_get_remote_error (error);
  g_assert_cmpstr (name, ==, "org.memscope.Error.InvalidArgument");
  ++*(guint *) n_refused;
}

static gboolean
are_all_refused (gpointer n_refused)
{
  return *(guint *) n_refused == N_CALLS;
}

/* Descriptors that nobody asked for, with calls that a program which stands still has not noticed for two seconds: none
 * of them stays open. */
static void
test_descriptors (Fixture *f, gconstpointer data)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  guint before = count_descriptors (pid_of (f->agent)), n_refused = 0, most = 0;

  for (guint i = 0; i < N_DESCRIPTORS; i++)
    g_assert_cmpint (g_unix_fd_list_append (descriptors, STDERR_FILENO, NULL), >=, 0);
  kill ((pid_t) f->pid, SIGSTOP);
  for (guint i = 0; i < N_CALLS; i++)
    g_dbus_connection_call_with_unix_fd_list (f->bus, f->name, MS_TRACKER_PATH,
                                              MS_TRACKER_INTERFACE, "Stop", NULL, NULL,
                                              G_DBUS_CALL_FLAGS_NONE, -1, descriptors, NULL,
                                              count_refusal_cb, &n_refused);
  fixture_iterate_until (are_all_refused, &n_refused);
  for (guint i = 0; i < 10; i++)
    {
      most = MAX (most, count_descriptors (pid_of (f->agent)));
      fixture_iterate_for (50);
    }
  g_assert_cmpuint (most, <, before + N_DESCRIPTORS);
  kill ((pid_t) f->pid, SIGCONT);
  assert_alive (f);
}

/* Files of the trace's names that are none: the agent gives none of them away. */
static void
test_hostile_folder (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "memscope_thread_8-8.bin", "memscope_thread_9-9.bin",
                                       "memscope_summary.bin", NULL };
  g_autofree char *link = g_build_filename (f->folder, names[0], NULL);
  g_autofree char *pipe = g_build_filename (f->folder, names[1], NULL);
  g_autofree char *folder = g_build_filename (f->folder, names[2], NULL);
  g_autofree char *refused = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) files = NULL;

  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (mkdir (folder, 0700), ==, 0);
  reply = fixture_call (f->bus, f, "OpenFiles", g_variant_new ("(^as)", names), &refused);
  g_assert_cmpstr (refused, ==, NULL);
  files = g_variant_get_child_value (reply, 0);
  g_assert_cmpuint (g_variant_n_children (files), ==, 0);
  assert_alive (f);
}

int
main (int argc, char **argv)
{
  if (!fixture_begin (&argc, &argv))
    return 77;
#define ADD(name, program, function) \
  g_test_add ("/tracker-hostile/" name, Fixture, program, fixture_set_up, function, \
              fixture_tear_down)
  ADD ("other-user", "--busy", test_other_user);
  ADD ("hostile-page", "--busy", test_hostile_page);
  ADD ("page-cut-off", "--busy", test_page_cut_off);
  ADD ("pool-cut-off", "--busy", test_pool_cut_off);
  ADD ("hostile-calls", "--busy", test_hostile_calls);
  ADD ("descriptors", "--busy", test_descriptors);
  ADD ("hostile-folder", "--busy", test_hostile_folder);
  return g_test_run ();
}
