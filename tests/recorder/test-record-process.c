/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* resources/trk-process-identity.c: the identity of a process, on made-up lines and on live processes. */
#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trk-process-identity.h"

static void
test_parse_hostile_name (void)
{
  TrkProcess process;
  const char *line = "42 (a) R 1 (b) S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654321 1 2";

  g_assert_cmpint (trk_process_parse (line, &process), ==, 0);
  g_assert_cmpint (process.pid, ==, 42);
  g_assert_cmpstr (process.comm, ==, "a) R 1 (b");
  g_assert_cmpint (process.run_state, ==, 'S');
  g_assert_cmpint (process.parent_pid, ==, 7);
  g_assert_cmpuint (process.start_ticks, ==, 987654321);
}

static void
test_parse_damage (void)
{
  const char *lines[] = { "",       "x",       "42",       "42 (a",      "42 a)",         "42 )a(",
                          "42 (a)", "42 (a) ", "42 (a) R", "42 (a) R x", "42 (a) R 1 2 3" };
  TrkProcess process;

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_cmpint (trk_process_parse (lines[i], &process), ==, -EINVAL);
}

static void
test_self (void)
{
  TrkProcess by_pid, self;
  char name[16];

  g_assert_cmpint (trk_process_read (getpid (), &by_pid), ==, 0);
  g_assert_cmpint (trk_process_read (0, &self), ==, 0);
  g_assert_cmpint (by_pid.pid, ==, getpid ());
  g_assert_cmpint (by_pid.parent_pid, ==, getppid ());
  g_assert_cmpuint (by_pid.start_ticks, >, 0);
  g_assert_cmpuint (by_pid.start_ticks, ==, self.start_ticks);
  prctl (PR_GET_NAME, name);
  g_assert_cmpstr (by_pid.comm, ==, name);
}

static void
test_alive (void)
{
  TrkProcess process;
  siginfo_t info;
  pid_t child = fork ();

  if (child == 0)
    for (;;)
      pause ();
  g_assert_cmpint (trk_process_read (child, &process), ==, 0);
  g_assert_true (trk_process_is_alive (child, process.start_ticks));
  g_assert_true (trk_process_is_alive (child, 0));
  g_assert_false (trk_process_is_alive (child, process.start_ticks + 1));

  kill (child, SIGKILL);
  g_assert_cmpint (waitid (P_PID, (id_t) child, &info, WEXITED | WNOWAIT), ==, 0);
  g_assert_false (trk_process_is_alive (child, process.start_ticks)); /* a zombie now */
  waitpid (child, NULL, 0);
  g_assert_false (trk_process_is_alive (child, 0));
  g_assert_cmpint (trk_process_read (child, &process), ==, -ENOENT);
  g_assert_false (trk_process_is_alive (0, 0));
  g_assert_false (trk_process_is_alive (-1, 0));
}

static void
test_machine (void)
{
  char boot_id[TRK_BOOT_ID_BYTES];

  g_assert_cmpint (trk_boot_id_read (boot_id), ==, 0);
  g_assert_cmpuint (strlen (boot_id), ==, 36);
  g_assert_cmpint (boot_id[8], ==, '-');
  g_assert_cmpuint (trk_pid_namespace_read (0), >, 0);
  g_assert_cmpuint (trk_pid_namespace_read (0), ==, trk_pid_namespace_read (getpid ()));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/parse/hostile-name", test_parse_hostile_name);
  g_test_add_func ("/process/parse/damage", test_parse_damage);
  g_test_add_func ("/process/self", test_self);
  g_test_add_func ("/process/alive", test_alive);
  g_test_add_func ("/process/machine", test_machine);
  return g_test_run ();
}
