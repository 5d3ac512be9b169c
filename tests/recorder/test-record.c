/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope record as a person uses it: the recorded program must not notice, the shell must see the
 * same end, and the folder must be whole afterwards.
 *
 * test-record MEMSCOPE VICTIM
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test-record-run.h"

/* --- tests: the program does not notice --------------------------------------------------------- */

static void
test_exit_status (Fixture *self, gconstpointer data)
{
  g_auto (Result) result = RECORD (self, victim, "exit", "37");
  g_autoptr (JsonNode) recording = NULL;
  g_auto (GStrv) lines = NULL;
  JsonObject *totals;

  assert_exited (&result, 37);
  g_assert_nonnull (strstr (result.err, "exit status 37"));
  g_assert_nonnull (strstr (result.err, self->output));
  lines = g_strsplit (result.err, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 7); /* folder, five lines, and nothing */
  assert_all_closed (self->output);

  recording = load_json (self->output, "memscope_recording.json");
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (recording), "state"), ==,
                   "exited");
  g_assert_cmpuint (count_processes (recording), ==, 1);
  g_assert_cmpint (json_object_get_int_member (get_process (recording, 0), "exit_status"), ==, 37);
  totals = json_object_get_object_member (get_process (recording, 0), "totals");
  g_assert_cmpint (json_object_get_int_member (totals, "allocations"), >=, 100);
  g_assert_cmpint (json_object_get_int_member (totals, "peak_bytes"), >=, 100000);
}

static void
test_killed (Fixture *self, gconstpointer data)
{
  int number = GPOINTER_TO_INT (data);
  g_autofree char *text = g_strdup_printf ("%d", number);
  g_auto (Result) result = RECORD (self, victim, "signal", text);
  g_autoptr (JsonNode) recording = NULL;
  JsonObject *process;

  g_assert_true (WIFSIGNALED (result.wait_status));
  g_assert_cmpint (WTERMSIG (result.wait_status), ==, number);
  g_assert_false (WCOREDUMP (result.wait_status));
  assert_all_closed (self->output);

  /* Nothing that was recorded went with it. */
  recording = load_json (self->output, "memscope_recording.json");
  process = get_process (recording, 0);
  g_assert_cmpstr (json_object_get_string_member (process, "state"), ==, "killed");
  g_assert_cmpint (json_object_get_int_member (process, "exit_status"), ==, 128 + number);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (process, "totals"),
                                               "allocations"),
                   >=, 100);
}

static char **
read_state (const char *text)
{
  char **lines = g_strsplit (text, "\n", -1);

  /* The shell variable of the last command differs, whoever starts it. */
  for (guint i = 0; lines[i]; i++)
    if (g_str_has_prefix (lines[i], "variable _="))
      lines[i][0] = '\0';
  return lines;
}

static void
compare_states (Fixture *self)
{
  g_auto (Result) alone = RUN (victim, "state");
  g_auto (Result) recorded = RECORD (self, victim, "state");
  g_auto (GStrv) expected = read_state (alone.out);
  g_auto (GStrv) found = read_state (recorded.out);

  assert_exited (&alone, 0);
  assert_exited (&recorded, 0);
  g_assert_cmpuint (g_strv_length (expected), >, 30);
  for (guint i = 0; expected[i] && found[i]; i++)
    g_assert_cmpstr (found[i], ==, expected[i]);
  g_assert_cmpuint (g_strv_length (found), ==, g_strv_length (expected));
}

static void
test_inherited_state (Fixture *self, gconstpointer data)
{
  compare_states (self);
}

/* As under nohup, or with SIGCHLD ignored by a careless parent, or with signals blocked. */
static void
test_inherited_signals (Fixture *self, gconstpointer data)
{
  sigset_t blocked, before;

  sigemptyset (&blocked);
  sigaddset (&blocked, SIGUSR1);
  sigaddset (&blocked, SIGTERM);
  sigprocmask (SIG_BLOCK, &blocked, &before);
  signal (SIGHUP, SIG_IGN);
  signal (SIGINT, SIG_IGN);
  signal (SIGPIPE, SIG_IGN);
  compare_states (self);
  sigprocmask (SIG_SETMASK, &before, NULL);
  signal (SIGHUP, SIG_DFL);
  signal (SIGINT, SIG_DFL);
  signal (SIGPIPE, SIG_DFL);
}

static void
test_streams (Fixture *self, gconstpointer data)
{
  g_autofree char *input = g_build_filename (self->folder, "input", NULL);
  g_autofree char *cat = g_find_program_in_path ("cat");
  g_autofree char *bytes = g_malloc (1000000);
  const char *arguments[] = { memscope, "record", "-o", self->output, "--", cat, NULL };
  g_auto (Result) result = { 0 };

  for (guint i = 0; i < 1000000; i++)
    bytes[i] = (char) (1 + i * 7919 % 255);
  g_assert_true (g_file_set_contents (input, bytes, 1000000, NULL));
  result = run_with_input (arguments, input);
  assert_exited (&result, 0);
  g_assert_cmpuint (strlen (result.out), ==, 1000000);
  g_assert_cmpint (memcmp (result.out, bytes, 1000000), ==, 0);
}

/* What a process sends to memscope alone reaches the program, which decides what to do. */
static void
test_signal_passed_on (Fixture *self, gconstpointer data)
{
  int out[2], status;
  char line[16] = "";
  pid_t child;

  g_assert_cmpint (pipe2 (out, O_CLOEXEC), ==, 0);
  child = fork ();
  if (child == 0)
    {
      dup2 (out[1], 1);
      execl (memscope, memscope, "record", "-o", self->output, victim, "wait", NULL);
      _exit (99);
    }
  close (out[1]);
  g_assert_cmpint (read (out[0], line, sizeof line - 1), ==, 6);
  g_assert_cmpstr (line, ==, "ready\n");
  kill (child, SIGTERM);
  waitpid (child, &status, 0);
  close (out[0]);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 42);
  assert_all_closed (self->output);
}

/* Control-C goes to the whole group: the program dies of it, memscope stays to close the folder. */
static void
test_interrupt_of_group (Fixture *self, gconstpointer data)
{
  int out[2], status;
  char line[16] = "";
  pid_t child;

  g_assert_cmpint (pipe2 (out, O_CLOEXEC), ==, 0);
  child = fork ();
  if (child == 0)
    {
      setpgid (0, 0);
      dup2 (out[1], 1);
      execl (memscope, memscope, "record", "-o", self->output, victim, "wait", NULL);
      _exit (99);
    }
  close (out[1]);
  g_assert_cmpint (read (out[0], line, sizeof line - 1), ==, 6);
  kill (-child, SIGINT);
  waitpid (child, &status, 0);
  close (out[0]);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGINT);
  assert_all_closed (self->output);
}

/* --- tests: processes ------------------------------------------------------------------------- */

static void
test_children (Fixture *self, gconstpointer data)
{
  g_auto (Result) result = RECORD (self, victim, "children", "40");
  g_autoptr (JsonNode) recording = NULL;
  guint n_exited = 0;

  assert_exited (&result, 0);
  assert_all_closed (self->output);
  recording = load_json (self->output, "memscope_recording.json");
  g_assert_cmpuint (count_processes (recording), >=, 41);
  for (guint i = 0; i < count_processes (recording); i++)
    {
      JsonObject *process = get_process (recording, i);

      if (json_object_has_member (process, "exit_status"))
        {
          n_exited++;
          g_assert_cmpint (json_object_get_int_member (process, "exit_status"), ==, 0);
        }
    }
  g_assert_cmpuint (n_exited, ==, 41);
}

/* No event of an allocation, and what was sampled; the list, the summary and the report say so. */
static void
test_resources_only (Fixture *self, gconstpointer data)
{
  g_auto (Result) result = RUN (memscope, "record", "--resources-only", "-o", self->output, "--",
                                "/bin/sh", "-c", "for i in 1 2 3; do sleep 0.1; done; exit 4");
  g_auto (Result) report = RUN (memscope, "report", self->output);
  g_auto (Result) threads = RUN (memscope, "report", "--threads", "--leaks", self->output);
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n_sampled = 0;

  assert_exited (&result, 4);
  assert_all_closed (self->output);
  g_assert_nonnull (strstr (result.err, "no allocations were to be recorded"));
  assert_exited (&report, 0);
  g_assert_nonnull (strstr (report.out, "No allocations were to be recorded"));
  g_assert_nonnull (strstr (report.out, "CPU TIME"));
  g_assert_null (strstr (report.out, "ALLOCATED"));
  /* What was recorded is shown by its option too, and of the rest nothing. */
  assert_exited (&threads, 0);
  g_assert_nonnull (strstr (threads.out, "CPU TIME"));
  g_assert_null (strstr (threads.out, "Leaks"));
  /* That of the shell, which lived longest, as none has a peak. */
  g_assert_nonnull (strstr (report.out, "exited with status 4"));
  dir = g_dir_open (self->output, 0, NULL);
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (self->output, name, "memscope_resources.bin", NULL);

      n_sampled += g_file_test (path, G_FILE_TEST_EXISTS);
    }
  g_assert_cmpuint (n_sampled, >, 0);
}

/* A child that nothing can be preloaded into runs undisturbed and stands in the list. */
static void
test_child_not_followed (Fixture *self, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("'%s' exit 3; exit $?", static_victim);
  g_auto (Result) result = { 0 };
  g_autoptr (JsonNode) recording = NULL;
  JsonObject *process;

  if (!static_victim)
    {
      g_test_skip ("no static executables can be built here");
      return;
    }
  result = RECORD (self, "/bin/sh", "-c", command);
  assert_exited (&result, 3);
  recording = load_json (self->output, "memscope_recording.json");
  g_assert_cmpuint (count_processes (recording), ==, 2);
  process = get_process (recording, 1);
  g_assert_nonnull (strstr (json_object_get_string_member (process, "not_followed"), "static"));
  g_assert_cmpint (json_object_get_int_member (process, "exit_status"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (process, "duration_ns"), >, 0);
  g_assert_false (json_object_has_member (process, "totals"));
}

/* The process that was left behind, by its state in the recording. */
static char *
get_orphan_state (const char *output, gint64 *exit_status)
{
  g_autoptr (JsonNode) recording = load_json (output, "memscope_recording.json");
  JsonObject *orphan;

  g_assert_cmpuint (count_processes (recording), ==, 2);
  orphan = get_process (recording, 1);
  *exit_status = json_object_has_member (orphan, "exit_status")
                     ? json_object_get_int_member (orphan, "exit_status")
                     : -1;
  return g_strdup (json_object_get_string_member (orphan, "state"));
}

/* The observer closes the orphan's folder, however long that takes here. */
static void
wait_for_observer (const char *output)
{
  g_autofree char *state = g_strdup ("running");
  gint64 exit_status = -1;

  for (guint i = 0; i < 600 && strcmp (state, "running") == 0; i++)
    {
      g_autoptr (JsonNode) recording = load_json (output, "memscope_recording.json");

      g_usleep (100 * 1000);
      if (count_processes (recording) < 2)
        continue;
      g_free (state);
      state = get_orphan_state (output, &exit_status);
    }
  g_assert_cmpstr (state, ==, "exited");
  g_assert_cmpint (exit_status, ==, 5);
  assert_all_closed (output);
}

static void
test_orphan (Fixture *self, gconstpointer data)
{
  g_auto (Result) result = RECORD (self, victim, "leave", "1500");
  g_autofree char *state = NULL;
  gint64 exit_status;

  assert_exited (&result, 0);
  g_assert_nonnull (strstr (result.err, "still running and being recorded"));
  state = get_orphan_state (self->output, &exit_status);
  g_assert_cmpstr (state, ==, "running");
  wait_for_observer (self->output);
}

/* A forked child has no folder before its first event, and that may be after our end. */
static void
test_orphan_without_folder (Fixture *self, gconstpointer data)
{
  g_auto (Result) result = RECORD (self, victim, "leave-late", "1500");

  assert_exited (&result, 0);
  if (!strstr (result.err, "still running and being recorded"))
    {
      g_autofree char *children = g_strdup_printf ("/proc/self/task/%d/children", getpid ());

      g_assert_false (g_file_test (children, G_FILE_TEST_EXISTS));
      g_test_skip ("this kernel does not list a process's children");
      return;
    }
  wait_for_observer (self->output);
}

static void
test_wait (Fixture *self, gconstpointer data)
{
  g_auto (Result) result =
      RUN (memscope, "record", "--wait", "-o", self->output, "--", victim, "leave", "400");
  g_autofree char *state = NULL;
  gint64 exit_status;

  assert_exited (&result, 0);
  g_assert_null (strstr (result.err, "still running"));
  state = get_orphan_state (self->output, &exit_status);
  g_assert_cmpstr (state, ==, "exited");
  g_assert_cmpint (exit_status, ==, 5);
  assert_all_closed (self->output);
}

/* Waiting can be given up: the observer takes over. */
static void
test_wait_given_up (Fixture *self, gconstpointer data)
{
  int err[2], status;
  g_autofree char *text = NULL;
  pid_t child;

  g_assert_cmpint (pipe2 (err, O_CLOEXEC), ==, 0);
  child = fork ();
  if (child == 0)
    {
      dup2 (err[1], 2);
      execl (memscope, memscope, "record", "--wait", "-o", self->output, victim, "leave", "3000",
             NULL);
      _exit (99);
    }
  close (err[1]);
  /* The recording says when the main program has ended. */
  for (guint i = 0; i < 600; i++)
    {
      g_autofree char *manifest = g_build_filename (self->output, "memscope_recording.json", NULL);
      g_autofree char *recording = NULL;

      g_usleep (20 * 1000);
      if (g_file_get_contents (manifest, &recording, NULL, NULL)
          && strstr (recording, "\"exited\""))
        break;
    }
  kill (child, SIGINT);
  text = read_all (err[0], NULL);
  waitpid (child, &status, 0);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_nonnull (strstr (text, "still running and being recorded"));
  wait_for_observer (self->output);
}

/* In another pid namespace a pid means another process, or none. */
static void
test_pid_namespace (Fixture *self, gconstpointer data)
{
  g_autofree char *unshare = g_find_program_in_path ("unshare");
  g_auto (Result) probe = { 0 };
  g_auto (Result) result = { 0 };

  if (unshare)
    probe = RUN (unshare, "--pid", "--fork", "/bin/true");
  if (!unshare || probe.wait_status != 0)
    {
      g_test_skip ("may not make a pid namespace here");
      return;
    }
  result = RECORD (self, unshare, "--pid", "--fork", victim, "exit", "3");
  assert_exited (&result, 3);
  g_assert_null (strstr (result.err, "still running"));
  assert_all_closed (self->output);
}

static void
test_output_removed (Fixture *self, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'; exit 6", self->output);
  g_auto (Result) result = RECORD (self, "/bin/sh", "-c", command);

  assert_complaint (&result, 6, "was removed while the program ran");
}

/* The program goes on undisturbed when its recording no longer fits, and the loss is counted.  The pool
 * lies on the same disk: in memory it would hold megabytes more. */
static void
test_disk_fills (Fixture *self, gconstpointer data)
{
  g_autofree char *small = g_build_filename (self->folder, "small", NULL);
  g_autofree char *output = g_build_filename (small, "recording", NULL);

  g_mkdir (small, 0700);
  if (mount ("tmpfs", small, "tmpfs", 0, "size=1500k") != 0)
    {
      g_test_skip ("may not mount a small file system here");
      return;
    }
  {
    g_auto (Result) result = RUN ("/usr/bin/env", "MEMSCOPE_POOL_FOLDER=", memscope, "record", "-o",
                                  output, victim, "churn", "400000");
    g_auto (Result) report = RUN (memscope, "report", "--json", output);
    g_autoptr (JsonParser) parser = json_parser_new ();
    JsonObject *root;

    umount (small);
    g_assert_true (WIFSIGNALED (result.wait_status));
    g_assert_cmpint (WTERMSIG (result.wait_status), ==, SIGKILL);
    assert_exited (&report, 0);
    g_assert_true (json_parser_load_from_data (parser, report.out, -1, NULL));
    root = json_node_get_object (json_parser_get_root (parser));
    g_assert_cmpint (json_object_get_int_member (root, "allocations"), >, 0);
    g_assert_cmpint (json_object_get_int_member (root, "allocations"), <, 400000);
    g_assert_cmpint (json_object_get_int_member (root, "dropped_events"), >, 0);
  }
}

/* Where not even the first window can be had, the list of processes says how much was lost, and why. */
static void
test_nothing_fits (Fixture *self, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("ulimit -f 100; exec '%s' exit 3", victim);
  g_auto (Result) result = RECORD (self, "/bin/sh", "-c", command);
  g_auto (Result) report = RUN (memscope, "report", self->output);
  g_autoptr (JsonNode) recording = load_json (self->output, "memscope_recording.json");
  const char *reason;

  assert_exited (&result, 3);
  g_assert_cmpuint (count_processes (recording), ==, 2);
  reason = json_object_get_string_member (get_process (recording, 1), "not_followed");
  g_assert_nonnull (strstr (reason, "events were lost: File too large"));
  g_assert_nonnull (strstr (report.out, reason));
  g_assert_null (strstr (result.err, " 0 dropped"));
}

/* memscope is killed: the program goes on, its folder stays open, and reads the same. */
static void
test_recorder_killed (Fixture *self, gconstpointer data)
{
  g_autoptr (GDir) dir = NULL;
  int out[2];
  char line[16] = "";
  const char *name;
  pid_t child, program = 0;

  g_assert_cmpint (pipe2 (out, O_CLOEXEC), ==, 0);
  child = fork ();
  if (child == 0)
    {
      dup2 (out[1], 1);
      execl (memscope, memscope, "record", "-o", self->output, victim, "wait", NULL);
      _exit (99);
    }
  close (out[1]);
  g_assert_cmpint (read (out[0], line, sizeof line - 1), ==, 6);
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);

  dir = g_dir_open (self->output, 0, NULL);
  while ((name = g_dir_read_name (dir)))
    if (strrchr (name, '.') && g_ascii_isdigit (name[0]))
      program = (pid_t) atoi (strrchr (name, '.') + 1);
  g_assert_cmpint (program, >, 0);
  g_assert_cmpint (kill (program, 0), ==, 0);
  kill (program, SIGKILL);
  /* Its end closes the pipe. */
  g_assert_cmpint (read (out[0], line, sizeof line), ==, 0);
  close (out[0]);

  {
    g_auto (Result) result = RUN (memscope, "report", "--json", self->output);
    g_autoptr (JsonParser) parser = json_parser_new ();
    JsonObject *report;

    assert_exited (&result, 0);
    g_assert_true (json_parser_load_from_data (parser, result.out, -1, NULL));
    report = json_node_get_object (json_parser_get_root (parser));
    g_assert_cmpstr (json_object_get_string_member (report, "state"), ==, "killed");
    g_assert_cmpint (json_object_get_int_member (report, "allocations"), >=, 100);
  }
}

#define ADD_SIGNAL(path, number) ADD_WITH (path, test_killed, GINT_TO_POINTER (number))

int
main (int argc, char **argv)
{
  record_test_init (&argc, &argv);
  ADD ("/record/exit-status", test_exit_status);
  ADD_SIGNAL ("/record/killed/term", SIGTERM);
  ADD_SIGNAL ("/record/killed/segv", SIGSEGV);
  ADD_SIGNAL ("/record/killed/kill", SIGKILL);
  ADD_SIGNAL ("/record/killed/pipe", SIGPIPE);
  ADD ("/record/inherited/state", test_inherited_state);
  ADD ("/record/inherited/signals", test_inherited_signals);
  ADD ("/record/streams", test_streams);
  ADD ("/record/signals/passed-on", test_signal_passed_on);
  ADD ("/record/signals/interrupt-of-group", test_interrupt_of_group);
  ADD ("/record/resources-only", test_resources_only);
  ADD ("/record/children", test_children);
  ADD ("/record/child-not-followed", test_child_not_followed);
  ADD ("/record/orphan", test_orphan);
  ADD ("/record/orphan-without-folder", test_orphan_without_folder);
  ADD ("/record/wait", test_wait);
  ADD ("/record/wait-given-up", test_wait_given_up);
  ADD ("/record/pid-namespace", test_pid_namespace);
  ADD ("/record/output-removed", test_output_removed);
  ADD ("/record/disk-fills", test_disk_fills);
  ADD ("/record/nothing-fits", test_nothing_fits);
  ADD ("/record/recorder-killed", test_recorder_killed);
  return g_test_run ();
}
