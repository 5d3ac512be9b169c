/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * bench-attach [BUILD-FOLDER [ROUNDS [THREADS]]]: what a program pays for being watched.
 *
 * Churn under `memscope record`, on a session bus of its own, in each round once in each of these:
 *
 *   alone      nobody watches
 *   watched    somebody has subscribed: ten samples a second go over the bus
 *   attached   `memscope attach --json` follows it: all that it records is read while it is written
 *   windowed   the application follows it, in a window that is drawn; only where there is a display
 *
 * The slowdown is the time of the measured part divided by that of the same round alone; printed are the median,
 * the least and the greatest, of wall time and of the threads' own processor time, which leaves out waiting for
 * a core that a watcher has.  ./dev bench attach runs it.
 */
#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "bench-run.h"

/* Some five seconds: the window that comes up meanwhile is a part of them. */
#define PAIRS_OF_ALL_THREADS 80000000
#define MOST_ROUNDS 100
#define PATIENCE_US (30 * G_USEC_PER_SEC)

typedef enum { ALONE, WATCHED, ATTACHED, WINDOWED, N_WATCHERS } Watcher;

static const char *const watcher_names[N_WATCHERS] = { "alone", "watched", "attached", "windowed" };

typedef struct {
  double wall_ns, cpu_ns;
} Times;

typedef struct {
  const char *build;
  char *memscope, *gui, *churn, *recording;
  char *display, *wayland_display; /* GTestDBus takes them out of the environment */
  guint n_threads, n_watchers;
  GDBusConnection *bus;
} Bench;

G_NORETURN static void
fail (const GError *error)
{
  g_printerr ("bench-attach: %s\n", error->message);
  exit (1);
}

/* 0: its folder does not come. */
static guint
find_pid (Bench *self)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;

  while (g_get_monotonic_time () < until_us)
    {
      g_autoptr (GDir) dir = g_dir_open (self->recording, 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        if (g_str_has_prefix (name, "0-churn."))
          return (guint) strtoul (name + strlen ("0-churn."), NULL, 10);
      g_usleep (5000);
    }
  return 0;
}

/* Once it is on the bus. */
static gboolean
subscribe (Bench *self, guint pid)
{
  g_autofree char *name = g_strdup_printf ("org.memscope.Process.p%u", pid);
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;

  while (g_get_monotonic_time () < until_us)
    {
      g_autoptr (GVariant) reply =
          g_dbus_connection_call_sync (self->bus, name, "/org/memscope/Tracker1",
                                       "org.memscope.Tracker1", "Subscribe", NULL, NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

      if (reply != NULL)
        return TRUE;
      g_usleep (20000);
    }
  return FALSE;
}

static GSubprocess *
open_window (Bench *self, const char *pid, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);

  if (self->display != NULL)
    g_subprocess_launcher_setenv (launcher, "DISPLAY", self->display, TRUE);
  if (self->wayland_display != NULL)
    g_subprocess_launcher_setenv (launcher, "WAYLAND_DISPLAY", self->wayland_display, TRUE);
  return g_subprocess_launcher_spawn (launcher, error, self->gui, "--attach", pid, NULL);
}

/* NULL: nobody that has to be waited for. */
static GSubprocess *
begin_watching (Bench *self, Watcher watcher)
{
  guint pid = find_pid (self);
  g_autofree char *number = g_strdup_printf ("%u", pid);
  g_autoptr (GError) error = NULL;
  GSubprocess *attached;

  if (watcher == ALONE)
    return NULL;
  if (pid == 0 || !subscribe (self, pid))
    {
      g_printerr ("bench-attach: churn did not come on the bus\n");
      exit (1);
    }
  if (watcher == WATCHED)
    return NULL;
  if (watcher == WINDOWED)
    attached = open_window (self, number, &error);
  else
    attached = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, self->memscope,
                                 "attach", "--json", number, NULL);
  if (attached == NULL)
    fail (error);
  return attached;
}

static Times
read_report (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = json_from_string (text, &error);
  JsonObject *report;

  if (root == NULL)
    fail (error);
  report = json_node_get_object (root);
  return (Times) { (double) json_object_get_int_member (report, "wall_ns"),
                   (double) json_object_get_int_member (report, "cpu_ns") };
}

/* Who watches has the trace's folder open to the end; who failed to attach would cost nothing. */
static void
check_watches (GSubprocess *watcher, const char *name)
{
  const char *pid = g_subprocess_get_identifier (watcher);
  g_autofree char *path = g_strdup_printf ("/proc/%s/fd", pid != NULL ? pid : "none");
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *number;

  while (dir != NULL && (number = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (path, number, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);

      if (target != NULL && strstr (target, "/0-churn.") != NULL)
        return;
    }
  g_printerr ("bench-attach: %s did not watch\n", name);
  exit (1);
}

static Times
run_once (Bench *self, Watcher watcher)
{
  g_autofree char *threads = g_strdup_printf ("%u", self->n_threads);
  g_autofree char *pairs = g_strdup_printf ("%u", PAIRS_OF_ALL_THREADS / self->n_threads);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) record =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                        self->memscope, "record", "-o", self->recording, "--", self->churn, threads,
                        pairs, NULL);
  g_autoptr (GSubprocess) attached = NULL;
  g_autofree char *text = NULL;

  if (record == NULL)
    fail (error);
  attached = begin_watching (self, watcher);
  if (!g_subprocess_communicate_utf8 (record, NULL, NULL, &text, NULL, &error))
    fail (error);
  if (watcher == WINDOWED)
    check_watches (attached, watcher_names[watcher]);
  if (attached != NULL)
    g_subprocess_force_exit (attached);
  if (attached != NULL)
    g_subprocess_wait (attached, NULL, NULL);
  bench_remove_tree (self->recording);
  return read_report (text);
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
add_row (JsonBuilder *builder, Watcher watcher, double *wall, double *cpu, guint n_rounds)
{
  double wall_median = bench_median (wall, n_rounds), cpu_median = bench_median (cpu, n_rounds);

  qsort (wall, n_rounds, sizeof *wall, compare_doubles);
  qsort (cpu, n_rounds, sizeof *cpu, compare_doubles);
  g_print ("%-9s  wall %5.3f × (%5.3f to %5.3f)   processor %5.3f × (%5.3f to %5.3f)\n",
           watcher_names[watcher], wall_median, wall[0], wall[n_rounds - 1], cpu_median, cpu[0],
           cpu[n_rounds - 1]);
  json_builder_set_member_name (builder, watcher_names[watcher]);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "wall_slowdown");
  json_builder_add_double_value (builder, wall_median);
  json_builder_set_member_name (builder, "processor_slowdown");
  json_builder_add_double_value (builder, cpu_median);
  json_builder_end_object (builder);
}

static void
measure (Bench *self, guint n_rounds)
{
  double wall[N_WATCHERS][MOST_ROUNDS], cpu[N_WATCHERS][MOST_ROUNDS];
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) error = NULL;

  g_print ("churn, %u thread%s, %u rounds, load %.1f\n", self->n_threads,
           self->n_threads == 1 ? "" : "s", n_rounds, bench_get_load ());
  for (guint round = 0; round < n_rounds; round++)
    {
      Times alone = run_once (self, ALONE);

      for (Watcher watcher = WATCHED; watcher < self->n_watchers; watcher++)
        {
          Times times = run_once (self, watcher);

          wall[watcher][round] = times.wall_ns / alone.wall_ns;
          cpu[watcher][round] = times.cpu_ns / alone.cpu_ns;
        }
    }
  json_builder_begin_object (builder);
  bench_write_machine (builder);
  for (Watcher watcher = WATCHED; watcher < self->n_watchers; watcher++)
    add_row (builder, watcher, wall[watcher], cpu[watcher], n_rounds);
  json_builder_end_object (builder);
  if (!bench_write_file (builder, self->build, "attach", &error))
    fail (error);
}

int
main (int argc, char **argv)
{
  Bench self = { .build = argc > 1 ? argv[1] : "build",
                 .n_threads = argc > 3 ? (guint) CLAMP (atoi (argv[3]), 1, 64) : 1 };
  guint n_rounds = argc > 2 ? (guint) CLAMP (atoi (argv[2]), 1, MOST_ROUNDS) : 5;
  g_autoptr (GTestDBus) daemon = NULL;
  g_autofree char *folder = bench_get_folder (self.build);

  setlocale (LC_ALL, "");
  self.memscope = g_build_filename (self.build, "libtracker", "tools", "memscope", NULL);
  self.gui = g_build_filename (self.build, "app", "memscope-gui", NULL);
  self.n_watchers = N_WATCHERS;
  self.display = g_strdup (g_getenv ("DISPLAY"));
  self.wayland_display = g_strdup (g_getenv ("WAYLAND_DISPLAY"));
  if (self.display == NULL && self.wayland_display == NULL)
    {
      self.n_watchers = WINDOWED;
      g_printerr ("bench-attach: no display: what a window costs is not measured\n");
    }
  self.churn = g_build_filename (self.build, "tests", "bench", "churn", NULL);
  self.recording = g_build_filename (folder, "attach", NULL);
  g_mkdir_with_parents (folder, 0700);
  bench_remove_tree (self.recording);
  daemon = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (daemon);
  self.bus =
      g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (daemon),
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                  | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, NULL);
  if (self.bus == NULL)
    {
      g_printerr ("bench-attach: no session bus can be started\n");
      return 77;
    }
  measure (&self, n_rounds);
  g_dbus_connection_close_sync (self.bus, NULL, NULL);
  g_object_unref (self.bus);
  g_test_dbus_stop (daemon);
  return 0;
}
