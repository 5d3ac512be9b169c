/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope-agent, as programs under the preload start it that nobody of ours has started (MEMSCOPE_LIVE=1): a
 * shell does what it is told on its standard input, and its folder and its agent are looked at meanwhile.
 *
 *   test-agent PRELOAD AGENT MEMSCOPE
 */
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-trace.h"
#include "trk-format.h"

#define PATIENCE_US (30 * G_USEC_PER_SEC) /* of a busy machine */
#define MOST_RESIDENT_KB 16000

static char *preload, *agent_program, *memscope_program;

typedef struct {
  char *recording;
  GSubprocess *shell;
  GOutputStream *input;
  GDataInputStream *output;
} Run;

static char *
make_recording (void)
{
  return g_dir_make_tmp ("memscope-agent-XXXXXX", NULL);
}

static void
remove_tree (const char *folder)
{
  g_autofree char *quoted = g_shell_quote (folder);
  g_autofree char *command = g_strconcat ("rm -rf ", quoted, NULL);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
}

static void
run_begin (Run *self, char *recording, const char *const *command)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;

  self->recording = recording;
  g_subprocess_launcher_setenv (launcher, "MEMSCOPE_LIVE", "1", TRUE);
  g_subprocess_launcher_setenv (launcher, "MEMSCOPE_OUTPUT", recording, TRUE);
  if (!strstr (command[0], "memscope"))
    g_subprocess_launcher_setenv (launcher, "LD_PRELOAD", preload, TRUE);
  self->shell = g_subprocess_launcher_spawnv (launcher, command, &error);
  g_assert_no_error (error);
  self->input = g_subprocess_get_stdin_pipe (self->shell);
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->shell));
}

static void
run_shell (Run *self)
{
  const char *const command[] = { "/bin/sh", "-s", NULL };

  run_begin (self, make_recording (), command);
}

/* Has the shell run @line, which prints one, and returns that. (transfer full) */
static char *
ask (Run *self, const char *line)
{
  g_autoptr (GError) error = NULL;
  char *answer;

  g_assert_true (g_output_stream_printf (self->input, NULL, NULL, &error, "%s\n", line));
  answer = g_data_input_stream_read_line (self->output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (answer);
  return answer;
}

static int
finish (Run *self, const char *line)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_printf (self->input, NULL, NULL, NULL, "%s\n", line);
  g_assert_true (g_subprocess_wait (self->shell, NULL, &error));
  return g_subprocess_get_if_exited (self->shell) ? g_subprocess_get_exit_status (self->shell)
                                                  : 128 + g_subprocess_get_term_sig (self->shell);
}

static void
run_clear (Run *self)
{
  g_clear_object (&self->output);
  g_clear_object (&self->shell);
  remove_tree (self->recording);
  g_free (self->recording);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* --- what is there ---------------------------------------------------------------------------- */

/* The folder of the @nth process. (transfer full) */
static char *
find_folder (const char *recording, guint nth)
{
  g_autofree char *prefix = g_strdup_printf ("%u-", nth);
  g_autoptr (GDir) dir = g_dir_open (recording, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (g_str_has_prefix (name, prefix))
      return g_build_filename (recording, name, NULL);
  return NULL;
}

/* 0: none. */
static int
read_agent (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, TRK_POOL_FILE_NAME, NULL);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  TrkPoolHeader header = { 0 };

  if (fd >= 0)
    {
      g_assert_cmpint (pread (fd, &header, sizeof header, 0), ==, sizeof header);
      close (fd);
    }
  return header.agent;
}

static int
wait_for_agent (const char *recording, int other_than)
{
  g_autofree char *folder = find_folder (recording, 0);
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;
  int agent;

  g_assert_nonnull (folder);
  while (((agent = read_agent (folder)) == 0 || agent == other_than)
         && g_get_monotonic_time () < deadline_us)
    g_usleep (5000);
  g_assert_cmpint (agent, >, 0);
  g_assert_cmpint (agent, !=, other_than);
  return agent;
}

static gboolean
has_pool (const char *recording)
{
  g_autoptr (GDir) dir = g_dir_open (recording, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (recording, name, TRK_POOL_FILE_NAME, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return TRUE;
    }
  return FALSE;
}

static void
wait_until_closed (const char *recording)
{
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;

  while (has_pool (recording) && g_get_monotonic_time () < deadline_us)
    g_usleep (10000);
  g_assert_false (has_pool (recording));
}

static guint
count_tasks (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Gone, or a zombie that its reaper has not seen yet.  It is one while other threads of it still end, which hold its
 * files, and so its lock. */
static gboolean
is_gone (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  const char *name_end;

  return !g_file_get_contents (path, &text, NULL, NULL) || !(name_end = strrchr (text, ')'))
         || (name_end[2] == 'Z' && count_tasks (pid) <= 1);
}

static void
wait_until_gone (int pid)
{
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;

  while (!is_gone (pid) && g_get_monotonic_time () < deadline_us)
    g_usleep (10000);
  g_assert_true (is_gone (pid));
}

static MsTrace *
load (const char *recording, guint nth)
{
  g_autofree char *folder = find_folder (recording, nth);
  g_autoptr (GError) error = NULL;
  MsTrace *trace = ms_trace_load (folder, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return trace;
}

static guint64
read_status (int pid, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  line = strstr (text, name);
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen (name) + 2, NULL, 10);
}

static guint
count_descriptors (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir))
    n++;
  return n;
}

/* --- cases ------------------------------------------------------------------------------------ */

/* One agent for the shell and its children, which closes what they leave, and leaves. */
static void
test_tree (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (MsTrace) shell = NULL;
  g_autoptr (MsTrace) child = NULL;
  g_autofree char *answer = NULL;
  int agent;

  run_shell (&run);
  answer = ask (&run, "echo ready");
  agent = wait_for_agent (run.recording, 0);
  g_clear_pointer (&answer, g_free);
  answer = ask (&run, "/bin/sleep 0.3; echo done");
  g_assert_cmpint (wait_for_agent (run.recording, 0), ==, agent);
  g_assert_cmpuint (read_status (agent, "VmRSS"), <, MOST_RESIDENT_KB);
  g_assert_cmpint (finish (&run, "exit 3"), ==, 3);
  wait_until_closed (run.recording);
  wait_until_gone (agent);

  shell = load (run.recording, 0);
  child = load (run.recording, 1);
  g_assert_cmpint (ms_trace_get_exit_status (shell), ==, 3);
  g_assert_cmpint (ms_trace_get_exit_status (child), ==, 0);
  g_assert_nonnull (ms_trace_get_resources (shell));
  g_assert_nonnull (ms_trace_get_resources (child));
}

/* The shell has what it would have: no child, no descriptor, no signal; it is told to look itself. */
static void
test_host (void)
{
  const char *look =
      "trap 'echo child' CHLD; echo $(ls /proc/$$/fd) $(ps --no-headers --ppid $$ -o comm)";
  g_auto (Run) run = { 0 };
  g_autofree char *answer = NULL;

  run_shell (&run);
  answer = ask (&run, look);
  g_assert_null (strstr (answer, "memscope"));
  g_assert_true (g_str_has_prefix (answer, "0 1 2"));
  g_assert_cmpint (finish (&run, "kill -KILL $$"), ==, 128 + SIGKILL);
  wait_until_closed (run.recording);
}

/* The program goes on, its trace is whole, and the next agent takes over. */
static void
test_killed (void)
{
  g_auto (Run) run = { 0 };
  g_autoptr (MsTrace) trace = NULL;
  g_autofree char *answer = NULL;
  const char *churn =
      "i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); x$i=$i 2>/dev/null; eval x$i=$i; done; "
      "echo churned";
  int agent, other;

  run_shell (&run);
  answer = ask (&run, "echo ready");
  agent = wait_for_agent (run.recording, 0);
  g_assert_cmpint (kill (agent, SIGKILL), ==, 0);
  wait_until_gone (agent);
  g_clear_pointer (&answer, g_free);
  answer = ask (&run, churn);
  g_assert_cmpstr (answer, ==, "churned");
  /* A child of the shell finds the recording without an agent. */
  g_clear_pointer (&answer, g_free);
  answer = ask (&run, "/bin/true; echo started");
  other = wait_for_agent (run.recording, agent);
  g_assert_cmpint (finish (&run, "exit 4"), ==, 4);
  wait_until_closed (run.recording);
  wait_until_gone (other);
  trace = load (run.recording, 0);
  g_assert_cmpint (ms_trace_get_exit_status (trace), ==, 4);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, 0);
  g_assert_cmpuint (ms_trace_get_totals (trace, MS_DOMAIN_HEAP)->allocations, >, 3000);
}

/* Of children that are gone nothing stays. */
static void
test_children (void)
{
  g_auto (Run) run = { 0 };
  g_autofree char *answer = NULL;
  guint n_descriptors;
  int agent;

  run_shell (&run);
  answer = ask (&run, "for i in $(seq 40); do /bin/true; done; sleep 0.3; echo ready");
  agent = wait_for_agent (run.recording, 0);
  n_descriptors = count_descriptors (agent);
  g_clear_pointer (&answer, g_free);
  answer = ask (&run, "for i in $(seq 400); do /bin/true; done; sleep 0.5; echo done");
  g_assert_false (is_gone (agent));
  /* Those of a last one or two that are being sampled. */
  g_assert_cmpuint (count_descriptors (agent), <=, n_descriptors + 100);
  g_assert_cmpuint (read_status (agent, "VmRSS"), <, MOST_RESIDENT_KB);
  g_assert_cmpint (finish (&run, "exit 0"), ==, 0);
  wait_until_closed (run.recording);
  wait_until_gone (agent);
}

/* Two trees in one recording have one agent; a second one leaves at once. */
static void
test_one (void)
{
  const char *const command[] = { "/bin/sh", "-s", NULL };
  g_auto (Run) run = { 0 };
  Run other = { 0 };
  g_autofree char *answer = NULL, *answer_of_other = NULL, *folder = NULL;
  g_autoptr (GSubprocess) second = NULL;
  gint64 deadline_us;
  int agent;

  run_shell (&run);
  run_begin (&other, run.recording, command);
  answer = ask (&run, "echo ready");
  answer_of_other = ask (&other, "echo ready");
  agent = wait_for_agent (run.recording, 0);
  folder = find_folder (run.recording, 1);
  deadline_us = g_get_monotonic_time () + PATIENCE_US;
  while (read_agent (folder) == 0 && g_get_monotonic_time () < deadline_us)
    g_usleep (5000);
  g_assert_cmpint (read_agent (folder), ==, agent);

  second = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, agent_program, "--recording",
                             run.recording, NULL);
  g_assert_true (g_subprocess_wait_check (second, NULL, NULL));
  g_assert_cmpint (wait_for_agent (run.recording, 0), ==, agent);

  g_assert_cmpint (finish (&other, "exit 1"), ==, 1);
  g_assert_cmpint (finish (&run, "exit 2"), ==, 2);
  g_clear_object (&other.output);
  g_clear_object (&other.shell);
  wait_until_closed (run.recording);
  wait_until_gone (agent);
}

/* memscope record is the agent of what it starts, whatever the environment says. */
static void
test_recorded (void)
{
  g_auto (Run) run = { 0 };
  g_autofree char *recording = make_recording ();
  g_autofree char *answer = NULL;
  const char *const command[] = { memscope_program, "record", "-o", recording, "--",
                                  "/bin/sh",        "-s",     NULL };

  run_begin (&run, g_strdup (recording), command);
  answer = ask (&run, "echo ready");
  g_assert_cmpint (wait_for_agent (recording, 0), ==,
                   atoi (g_subprocess_get_identifier (run.shell)));
  g_assert_cmpint (finish (&run, "exit 5"), ==, 5);
  g_assert_false (has_pool (recording));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (argc < 4)
    return 2;
  preload = g_canonicalize_filename (argv[1], NULL);
  agent_program = g_canonicalize_filename (argv[2], NULL);
  memscope_program = g_canonicalize_filename (argv[3], NULL);

  g_test_add_func ("/agent/tree", test_tree);
  g_test_add_func ("/agent/host", test_host);
  g_test_add_func ("/agent/killed", test_killed);
  g_test_add_func ("/agent/children", test_children);
  g_test_add_func ("/agent/one", test_one);
  g_test_add_func ("/agent/recorded", test_recorded);
  return g_test_run ();
}
