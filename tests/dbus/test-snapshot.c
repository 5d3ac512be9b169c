/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Snapshots of a flight recorder, on a private session bus and without one:
 * test-snapshot MEMSCOPE MEMSCOPE-AGENT.
 */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "ms-trace.h"
#include "tracker-fixture.h"

#define RING_BYTES (64U << 10)
#define A_ROUND 20U     /* blocks that the program allocates and frees */
#define BEGINNING 1500U /* what the program may allocate before its first round */
/* Of some five bytes each the ring has room for fewer events than that. */
#define ROUNDS_TO_FILL 800U
#define N_SAVERS 6U

static const char *memscope;

static guint64
count_rounds (Fixture *f)
{
  return *(volatile guint64 *) f->progress;
}

static gboolean
has_filled_ring (gpointer data)
{
  return count_rounds (data) > ROUNDS_TO_FILL;
}

static char *
snapshot (Fixture *f, const char *name)
{
  g_autofree char *refused = NULL;
  g_autoptr (GVariant) reply =
      fixture_call (f->bus, f, "Snapshot", g_variant_new ("(s)", name), &refused);
  char *path;

  g_assert_cmpstr (refused, ==, NULL);
  g_variant_get_child (reply, 1, "^ay", &path);
  return path;
}

/* A trace for itself: closed, undamaged, of a program that goes on, and exact.  Returns its allocations. */
static guint64
check (const char *path, guint64 rounds_before, guint64 rounds_after)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = ms_trace_load (path, NULL, NULL, NULL, &error);
  const MsTotals *totals;
  GPtrArray *diagnostics;
  guint n_marks;

  g_assert_no_error (error);
  diagnostics = ms_trace_get_diagnostics (trace);
  for (guint i = 0; i < diagnostics->len; i++)
    if (((MsDiagnostic *) diagnostics->pdata[i])->level != MS_DIAGNOSTIC_INFO)
      g_error ("%s", ((MsDiagnostic *) diagnostics->pdata[i])->message);
  g_assert_true (ms_trace_is_closed (trace));
  g_assert_true (ms_trace_ends_early (trace));
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_EXITED);
  g_assert_cmpint (ms_trace_get_exit_status (trace), ==, -1);
  g_assert_cmpuint (ms_trace_get_ring_bytes (trace), ==, RING_BYTES);
  g_assert_cmpstr (ms_trace_why_no_live (trace), ==, "not available in ring mode");
  ms_trace_get_marks (trace, &n_marks);
  g_assert_cmpuint (n_marks, >, 0);
  g_assert_cmpint (ms_trace_get_kept_from_ns (trace), >, 0);
  g_assert_cmpint (ms_trace_get_kept_from_ns (trace), <, ms_trace_get_duration_ns (trace));

  totals = ms_thread_get_totals (ms_trace_find_thread (trace, 0), MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->allocations, >=, rounds_before * A_ROUND);
  g_assert_cmpuint (totals->allocations, <=, (rounds_after + 1) * A_ROUND + BEGINNING);
  g_assert_cmpuint (totals->deallocations, <=, totals->allocations);
  g_assert_cmpuint (totals->deallocations + BEGINNING, >=, totals->allocations);
  g_assert_cmpuint (totals->prior_frees, <=, BEGINNING);
  /* Some were seen, and not all. */
  g_assert_cmpuint (ms_trace_get_n_events (trace), >, 1000);
  g_assert_cmpuint (ms_trace_get_n_events (trace), <, totals->allocations * 2);
  return totals->allocations;
}

static void
test_bus (Fixture *f, gconstpointer data)
{
  g_autoptr (GVariant) configuration = fixture_get (f, "Configuration");
  g_autofree char *long_name = g_strnfill (101, 'a');
  guint64 ring_bytes, n_before, n_between, n_first, n_second;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  g_assert_true (g_variant_lookup (configuration, "ring-bytes", "t", &ring_bytes));
  g_assert_cmpuint (ring_bytes, ==, RING_BYTES);
  fixture_iterate_until (has_filled_ring, f);
  n_before = count_rounds (f);
  first = snapshot (f, "one");
  g_assert_true (g_str_has_prefix (first, f->folder));
  n_first = check (first, n_before, count_rounds (f));
  n_between = count_rounds (f);
  fixture_assert_progress (f);
  second = snapshot (f, "two");
  g_assert_cmpstr (first, !=, second);
  n_second = check (second, n_between, count_rounds (f));
  /* Between them nothing was allocated but in rounds. */
  g_assert_cmpuint (n_second - n_first, <=, (count_rounds (f) + 1 - n_before) * A_ROUND);
  /* What was saved before stays as it was. */
  g_assert_cmpuint (check (first, 0, n_first), ==, n_first);
  fixture_assert_refused (f, "Snapshot", g_variant_new ("(s)", long_name),
                          "org.memscope.Error.InvalidArgument");
}

/* Events are in memory alone: the files of the folder do not grow with them. */
static void
test_files (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "memscope_thread_pool-0.bin", "memscope_pool.bin" };
  struct stat before[2], after[2];

  fixture_iterate_until (has_filled_ring, f);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *path = g_build_filename (f->folder, names[i], NULL);

      g_assert_cmpint (stat (path, &before[i]), ==, 0);
    }
  for (guint i = 0; i < 3; i++)
    fixture_assert_progress (f);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *path = g_build_filename (f->folder, names[i], NULL);

      g_assert_cmpint (stat (path, &after[i]), ==, 0);
      g_assert_cmpint (before[i].st_size, ==, after[i].st_size);
    }
  g_assert_cmpint (after[0].st_size, ==, 64); /* its header */
}

/* @address: of the bus; NULL: none. */
static void
run_command (Fixture *f, const char *address, const char *output)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *pid = g_strdup_printf ("%u", f->pid);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *out = NULL;
  guint64 n_before = count_rounds (f);

  if (address != NULL)
    g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  else
    g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", TRUE);
  process =
      g_subprocess_launcher_spawn (launcher, &error, memscope, "snapshot", "-o", output, pid, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &out, NULL, &error));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  g_assert_cmpstr (g_strchomp (out), ==, output);
  check (output, n_before, count_rounds (f));
}

static void
test_command (Fixture *f, gconstpointer data)
{
  g_autofree char *with_bus = g_build_filename (f->runtime, "with-bus", NULL);
  g_autofree char *without = g_build_filename (f->runtime, "without", NULL);

  fixture_iterate_until (has_filled_ring, f);
  run_command (f, g_getenv ("DBUS_SESSION_BUS_ADDRESS"), with_bus);
  run_command (f, NULL, without);
}

/* Of a recording that keeps everything there is nothing to save: who wanted a folder is told that there is none. */
static void
test_no_ring (Fixture *f, gconstpointer data)
{
  g_autofree char *output = g_build_filename (f->runtime, "nothing", NULL);
  g_autofree char *pid = g_strdup_printf ("%u", f->pid);
  const char *const with[] = { memscope, "snapshot", "-o", output, pid, NULL };
  const char *const without[] = { memscope, "snapshot", pid, NULL };
  const char *const *commands[] = { with, without };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSubprocess) process =
          g_subprocess_newv (commands[i],
                             G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                             &error);
      g_autofree char *out = NULL, *complaint = NULL;

      g_assert_no_error (error);
      g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &out, &complaint, &error));
      g_assert_cmpint (g_subprocess_get_exit_status (process), ==, commands[i] == with ? 1 : 0);
      g_assert_cmpstr (out, ==, "");
      g_assert_nonnull (strstr (complaint, "there is nothing to save"));
      g_assert_false (g_file_test (output, G_FILE_TEST_EXISTS));
    }
}

/* Each of several that save at once gets a folder of its own, and spoils none. */
static void
test_several (Fixture *f, gconstpointer data)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *pid = g_strdup_printf ("%u", f->pid);
  g_autoptr (GHashTable) paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GSubprocess *savers[N_SAVERS];
  GHashTableIter iter;
  gpointer path;

  fixture_iterate_until (has_filled_ring, f);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", TRUE);
  for (guint i = 0; i < N_SAVERS; i++)
    savers[i] = g_subprocess_launcher_spawn (launcher, NULL, memscope, "snapshot", pid, NULL);
  for (guint i = 0; i < N_SAVERS; i++)
    {
      char *out = NULL;

      g_assert_true (g_subprocess_communicate_utf8 (savers[i], NULL, NULL, &out, NULL, NULL));
      g_assert_cmpint (g_subprocess_get_exit_status (savers[i]), ==, 0);
      g_assert_true (g_hash_table_add (paths, g_strchomp (out)));
      g_object_unref (savers[i]);
    }
  g_hash_table_iter_init (&iter, paths);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    check (path, ROUNDS_TO_FILL, count_rounds (f));
}

static gboolean
has_ended (gpointer data)
{
  g_autofree char *refused = NULL;
  Fixture *f = data;
  g_autoptr (GVariant) reply =
      fixture_call (f->bus, f, "Snapshot", g_variant_new ("(s)", "late"), &refused);

  return refused != NULL;
}

/* The recording that is left when the program is killed is one, too. */
static void
test_end (Fixture *f, gconstpointer data)
{
  guint64 n_rounds;
  g_autoptr (GError) error = NULL;
  g_autoptr (MsTrace) trace = NULL;
  const MsTotals *totals;

  fixture_iterate_until (has_filled_ring, f);
  kill ((pid_t) f->pid, SIGKILL);
  fixture_iterate_until (has_ended, f);
  n_rounds = count_rounds (f);
  g_subprocess_wait (f->agent, NULL, NULL);
  trace = ms_trace_load (f->folder, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (ms_trace_is_closed (trace));
  g_assert_cmpint (ms_trace_get_state (trace), ==, MS_STATE_KILLED);
  totals = ms_trace_get_totals (trace, MS_DOMAIN_HEAP);
  g_assert_cmpuint (totals->allocations, >=, n_rounds * A_ROUND);
  g_assert_cmpuint (totals->allocations, <=, (n_rounds + 1) * A_ROUND + BEGINNING);
}

int
main (int argc, char **argv)
{
  if (!fixture_begin (&argc, &argv))
    return 77;
  memscope = argv[1];
#define ADD(name, function) \
  g_test_add ("/snapshot/" name, Fixture, FIXTURE_RING, fixture_set_up, function, fixture_tear_down)
  ADD ("bus", test_bus);
  ADD ("files", test_files);
  ADD ("command", test_command);
  ADD ("several", test_several);
  ADD ("end", test_end);
  g_test_add ("/snapshot/no-ring", Fixture, "--busy", fixture_set_up, test_no_ring,
              fixture_tear_down);
  return g_test_run ();
}
