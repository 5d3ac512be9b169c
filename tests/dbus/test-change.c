/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `memscope change` on a private session bus and without one: test-change MEMSCOPE MEMSCOPE-AGENT.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ms-traced-process.h"
#include "ms-tracker-properties.h"
#include "tracker-fixture.h"

static const char *memscope;

/* Its exit status; @options ends with NULL. What it says on stderr, in @said. */
static int
change (Fixture *f, const char *const *options, char **said)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autofree char *pid = g_strdup_printf ("%u", f->pid);
  g_autoptr (GSubprocess) process = NULL;

  g_ptr_array_add (arguments, (gpointer) memscope);
  g_ptr_array_add (arguments, (gpointer) "change");
  for (; *options != NULL; options++)
    g_ptr_array_add (arguments, (gpointer) *options);
  g_ptr_array_add (arguments, pid);
  g_ptr_array_add (arguments, NULL);
  process = g_subprocess_newv ((const char *const *) arguments->pdata,
                               G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, said, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  return g_subprocess_get_exit_status (process);
}

static void
assert_done (Fixture *f, const char *const *options)
{
  g_autofree char *said = NULL;

  g_assert_cmpint (change (f, options, &said), ==, 0);
  g_assert_cmpstr (said, ==, "");
}

static void
assert_refused (Fixture *f, const char *const *options, int status, const char *why)
{
  g_autofree char *said = NULL;

  g_assert_cmpint (change (f, options, &said), ==, status);
  if (strstr (said, why) == NULL)
    g_error ("not \"%s\": %s", why, said);
}

/* In the folder, where agents and those without one write it. */
static void
assert_now (Fixture *f, const char *state, const char *rule, double rate, guint64 interval_bytes)
{
  int dir_fd = open (f->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (MsTrackerProperties) now = NULL;
  MsTracedProcess process;

  ms_traced_process_read (dir_fd, &process);
  close (dir_fd);
  now = ms_tracker_properties_read (process.pid, process.start_ticks, f->folder);
  g_assert_nonnull (now);
  g_assert_cmpstr (now->state, ==, state);
  g_assert_cmpstr (now->rule, ==, rule);
  g_assert_cmpfloat (now->sampling_rate, ==, rate);
  g_assert_cmpuint (now->sample_interval_bytes, ==, interval_bytes);
  g_assert_false (now->is_pending);
}

static void
change_everything (Fixture *f)
{
  const char *const stop[] = { "--stop", NULL };
  const char *const start[] = { "--start", "--sampling-rate=0.5", "--threads", "even", NULL };
  const char *const interval[] = { "--sample-interval=4096", NULL };
  const char *const exact[] = { "--sample-interval=0", "--threads=all", NULL };

  assert_done (f, stop);
  assert_now (f, "dormant", "all", 1, 0);
  assert_done (f, start);
  assert_now (f, "recording", "even", 0.5, 0);
  assert_done (f, interval);
  assert_now (f, "recording", "even", 1, 4096);
  assert_done (f, exact);
  assert_now (f, "recording", "all", 1, 0);
  fixture_assert_progress (f);
}

static void
test_changes (Fixture *f, gconstpointer data)
{
  change_everything (f);
  fixture_stop_bus (f);
  change_everything (f);
  fixture_start_bus (f);
}

/* And nothing that comes after it is done. */
static void
test_refusals (Fixture *f, gconstpointer data)
{
  const char *const nothing[] = { NULL };
  const char *const both[] = { "--start", "--stop", NULL };
  const char *const samplings[] = { "--sampling-rate=0.5", "--sample-interval=4096", NULL };
  const char *const rate[] = { "--sampling-rate=0", NULL };
  const char *const interval[] = { "--sample-interval=-5", NULL };
  const char *const rule[] = { "--threads=every:0", "--stop", NULL };
  const char *const name[] = { "--mark=a\nb", NULL };

  assert_refused (f, nothing, 2, "says nothing to change");
  assert_refused (f, both, 2, "cannot be both");
  assert_refused (f, samplings, 2, "cannot be both");
  assert_refused (f, rate, 2, "above 0 and at most 1");
  assert_refused (f, interval, 2, "a number of bytes");
  assert_refused (f, rule, 1, "needs a number above 0");
  assert_refused (f, name, 1, "control character");
  assert_now (f, "recording", "all", 1, 0);
}

/* A program that stands still is not waited for, and does what was said when it goes on. */
static void
test_suspended (Fixture *f, gconstpointer data)
{
  const char *const stop[] = { "--stop", "--mark", "here", NULL };
  const char *const start[] = { "--start", NULL };
  g_autofree char *said = NULL;

  kill ((pid_t) f->pid, SIGSTOP);
  g_assert_cmpint (change (f, stop, &said), ==, 0);
  g_assert_nonnull (strstr (said, "Marked at "));
  g_assert_nonnull (strstr (said, "when it next allocates"));
  kill ((pid_t) f->pid, SIGCONT);
  assert_done (f, start);
  assert_now (f, "recording", "all", 1, 0);
}

int
main (int argc, char **argv)
{
  if (!fixture_begin (&argc, &argv))
    return 77;
  memscope = argv[1];
#define ADD(name, function) \
  g_test_add ("/change/" name, Fixture, "--busy", fixture_set_up, function, fixture_tear_down)
  ADD ("changes", test_changes);
  ADD ("refusals", test_refusals);
  ADD ("suspended", test_suspended);
  return g_test_run ();
}
