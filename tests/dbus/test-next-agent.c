/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An agent is killed, and nobody starts a program: whoever attaches, or is attached, gets the next one, on a private
 * session bus:  test-next-agent MEMSCOPE MEMSCOPE-AGENT.
 */
#include <fcntl.h>
#include <memscope/tracker.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-agent-program.h"
#include "ms-trace.h"
#include "tracker-fixture.h"
#include "trk-format.h"
#include "trk-process-identity.h"

/* --- a program that records itself ---------------------------------------------------------------- */

/* Declares a block now and then; ends with the test. */
G_NORETURN static void
be_session (const char *folder)
{
  MemscopeResourceCollector *collector = memscope_resource_collector_new (20);
  MemscopeProfilingSession *session = memscope_profiling_session_new (folder, collector);
  pid_t test = getppid ();
  char block[16];

  if (memscope_profiling_session_start (session) != MEMSCOPE_OK
      || memscope_init_thread_tracker (NULL, NULL) != MEMSCOPE_OK)
    _exit (1);
  while (getppid () == test)
    {
      memscope_track_allocation (block, sizeof block, NULL, 0);
      memscope_track_deallocation (block, NULL, 0);
      usleep (1000);
    }
  _exit (2);
}

/* --- what is there -------------------------------------------------------------------------------- */

/* 0: none. */
static int
read_agent (Fixture *f)
{
  g_autofree char *path = g_build_filename (f->folder, TRK_POOL_FILE_NAME, NULL);
  TrkPoolHeader header = { 0 };
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd >= 0)
    {
      g_assert_cmpint (pread (fd, &header, sizeof header, 0), ==, sizeof header);
      close (fd);
    }
  return header.agent;
}

static gboolean
is_unlocked (gpointer data)
{
  Fixture *f = data;
  g_autofree char *path = g_build_filename (f->recording, TRK_CONTROL_FILE_NAME, NULL);
  g_autofree char *pool = g_build_filename (f->recording, TRK_POOL_FILE_NAME, NULL);
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd = open (access (pool, F_OK) == 0 ? pool : path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_OFD_GETLK, &lock), ==, 0);
  close (fd);
  return lock.l_type == F_UNLCK;
}

static void
kill_agent (Fixture *f)
{
  int agent = read_agent (f);

  g_assert_cmpint (agent, >, 0);
  g_assert_cmpint (kill (agent, SIGKILL), ==, 0);
  /* Its lock goes with the last of its threads. */
  fixture_iterate_until (is_unlocked, f);
}

static guint64
count_resource_bytes (Fixture *f)
{
  g_autofree char *path = g_build_filename (f->folder, TRK_RESOURCES_FILE_NAME, NULL);
  struct stat status;

  return stat (path, &status) == 0 ? (guint64) status.st_size : 0;
}

typedef struct {
  Fixture *f;
  guint64 n_bytes;
} Grown;

static gboolean
have_grown (gpointer data)
{
  Grown *grown = data;

  return count_resource_bytes (grown->f) > grown->n_bytes;
}

static gboolean
is_on_bus (gpointer client)
{
  return ms_tracker_client_is_on_bus (client);
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
read_start_ticks (guint pid)
{
  TrkProcess identity;

  g_assert_cmpint (trk_process_read ((gint32) pid, &identity), ==, 0);
  return identity.start_ticks;
}

static gint64
read_interval_ns (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (f->folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (ms_trace_get_resources (trace));
  return ms_resources_get_interval_ns (ms_trace_get_resources (trace));
}

/* Who is on the bus; 0: nobody. */
static guint
read_owner (Fixture *f)
{
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_sync (f->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                   "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                                   g_variant_new ("(s)", f->name), G_VARIANT_TYPE ("(u)"),
                                   G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  guint pid = 0;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &pid);
  return pid;
}

typedef struct {
  Fixture *f;
  guint pid;
} Owner;

static gboolean
is_succeeded (gpointer data)
{
  const Owner *before = data;
  guint pid = read_owner (before->f);

  return pid != 0 && pid != before->pid;
}

/* --- cases ---------------------------------------------------------------------------------------- */

/* All that an agent does, the next one does. */
static void
check_next (Fixture *f, MsTrackerClient *client, int before)
{
  Grown grown = { f, count_resource_bytes (f) };
  Owner owner = { f, (guint) before };

  fixture_iterate_until (is_succeeded, &owner);
  fixture_iterate_until (is_on_bus, client);
  g_assert_cmpint (read_agent (f), >, 0);
  g_assert_cmpint (read_agent (f), !=, before);
  fixture_assert_accepted (f, "Stop", NULL);
  fixture_assert_accepted (f, "Start", NULL);
  fixture_assert_accepted (f, "SetThreadRule", g_variant_new ("(s)", "main"));
  fixture_assert_accepted (f, "Mark", g_variant_new ("(s)", "next"));
  fixture_assert_accepted (f, "Snapshot", g_variant_new ("(s)", "next"));
  fixture_iterate_until (have_grown, &grown);
  kill ((pid_t) f->pid, SIGKILL);
  fixture_iterate_until (has_ended, client);
  fixture_iterate_until (is_closed, f);
}

/* Who comes later. */
static void
test_attach (Fixture *f, gconstpointer data)
{
  Grown sampled = { f, sizeof (TrkFileHeader) };
  g_autoptr (MsTrackerClient) client = NULL;
  int before;

  fixture_iterate_until (have_grown, &sampled);
  before = read_agent (f);
  kill_agent (f);
  fixture_assert_progress (f);
  client = fixture_attach (f);
  check_next (f, client, before);
  g_assert_cmpint (read_interval_ns (f), ==, 100000000);
}

/* Who is there already. */
static void
test_attached (Fixture *f, gconstpointer data)
{
  g_autoptr (MsTrackerClient) client = fixture_attach (f);
  int before = read_agent (f);

  kill_agent (f);
  check_next (f, client, before);
}

/* The one that a session started samples as often as the session wanted. */
static void
test_session (Fixture *f, gconstpointer data)
{
  Grown sampled = { f, sizeof (TrkFileHeader) };
  g_autoptr (MsTrackerClient) client = NULL;
  int before;

  fixture_iterate_until (have_grown, &sampled);
  before = read_agent (f);
  kill_agent (f);
  client = fixture_attach (f);
  fixture_iterate_until (is_on_bus, client);
  g_assert_cmpint (read_agent (f), !=, before);
  sampled.n_bytes = count_resource_bytes (f);
  fixture_assert_accepted (f, "Mark", g_variant_new ("(s)", "next"));
  fixture_iterate_until (have_grown, &sampled);
  kill ((pid_t) f->pid, SIGKILL);
  fixture_iterate_until (has_ended, client);
  fixture_iterate_until (is_closed, f);
  g_assert_cmpint (read_interval_ns (f), ==, 50000000);
}

static void
test_command (Fixture *f, gconstpointer data)
{
  g_autofree char *pid = g_strdup_printf ("%u", f->pid);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) attach = NULL;
  int before = read_agent (f);

  kill_agent (f);
  attach = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, fixture_get_memscope (),
                             "attach", "--json", pid, NULL);
  g_assert_no_error (error);
  fixture_wait_for_agent (f);
  g_assert_cmpint (read_agent (f), !=, before);
  /* What watches may go: the agent stays. */
  g_subprocess_send_signal (attach, SIGINT);
  g_assert_true (g_subprocess_wait_check (attach, NULL, NULL));
  fixture_assert_accepted (f, "Mark", g_variant_new ("(s)", "alone"));
}

/* One that lives is left alone, and nobody starts one for a process that is not the folder's. */
static void
test_not_needed (Fixture *f, gconstpointer data)
{
  guint64 start_ticks = read_start_ticks (f->pid);
  gint pid = (gint) f->pid, before = read_agent (f);

  g_assert_cmpint (ms_agent_program_ensure (f->folder, pid, start_ticks), ==, MS_AGENT_IS_THERE);
  kill_agent (f);
  g_assert_cmpint (ms_agent_program_ensure (f->folder, pid, start_ticks + 1), ==, MS_AGENT_NONE);
  g_assert_cmpint (ms_agent_program_ensure (f->folder, getpid (), read_start_ticks (getpid ())), ==,
                   MS_AGENT_NONE);
  g_assert_cmpint (ms_agent_program_ensure (f->runtime, pid, start_ticks), ==, MS_AGENT_NONE);
  g_assert_cmpint (read_agent (f), ==, before);
  g_setenv ("MEMSCOPE_LIBEXEC", "/nowhere", TRUE);
  g_assert_cmpint (ms_agent_program_ensure (f->folder, pid, start_ticks), ==, MS_AGENT_NONE);
  fixture_assert_progress (f);
}

/* Of a program that outlived memscope record, either of the two that it left behind. */
static void
test_left_behind (Fixture *f, gconstpointer data)
{
  g_autoptr (MsTrackerClient) client = NULL;
  Grown grown = { f, 0 };
  Owner server = { f, 0 };
  int observer;

  g_assert_true (g_subprocess_wait_check (f->agent, NULL, NULL));
  fixture_wait_for_agent (f);
  client = fixture_attach (f);
  fixture_iterate_until (is_on_bus, client);
  server.pid = read_owner (f);
  g_assert_cmpuint (server.pid, >, 0);
  g_assert_cmpint (kill ((pid_t) server.pid, SIGKILL), ==, 0);
  fixture_iterate_until (is_succeeded, &server);
  fixture_iterate_until (is_on_bus, client);

  observer = read_agent (f);
  g_assert_cmpint (observer, >, 0);
  g_assert_cmpint (kill (observer, SIGKILL), ==, 0);
  grown.n_bytes = count_resource_bytes (f);
  fixture_iterate_until (have_grown, &grown);
  g_assert_cmpint (read_agent (f), !=, observer);
  kill ((pid_t) f->pid, SIGKILL);
  fixture_iterate_until (has_ended, client);
  fixture_iterate_until (is_closed, f);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *agent = g_canonicalize_filename (fixture_get_agent (), NULL);
  g_autofree char *folder = g_path_get_dirname (agent);

  g_setenv ("MEMSCOPE_LIBEXEC", folder, TRUE);
  fixture_set_up (f, data);
}

int
main (int argc, char **argv)
{
  if (argc > 2 && g_str_equal (argv[1], FIXTURE_SESSION))
    be_session (argv[2]);
  if (!fixture_begin (&argc, &argv))
    return 77;
#define ADD(name, program, function) \
  g_test_add ("/next-agent/" name, Fixture, program, set_up, function, fixture_tear_down)
  ADD ("attach", "--busy", test_attach);
  ADD ("attached", "--busy", test_attached);
  ADD ("ring", FIXTURE_RING, test_attach);
  ADD ("session", FIXTURE_SESSION, test_session);
  ADD ("command", "--busy", test_command);
  ADD ("left-behind", FIXTURE_ORPHAN, test_left_behind);
  ADD ("not-needed", "--busy", test_not_needed);
  return g_test_run ();
}
