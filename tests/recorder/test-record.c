/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope record as a person uses it: the recorded program must not notice, the shell must see the
 * same end, and the folder must be whole afterwards.
 *
 * test-record MEMSCOPE VICTIM STATIC_VICTIM
 */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *memscope, *victim, *static_victim;

typedef struct {
  char *folder; /* temporary, everything of a test is in it */
  char *output; /* of the recording, not there yet */
} Fixture;

static void
fixture_set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  self->output = g_build_filename (self->folder, "recording", NULL);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir =
      g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_remove (path);
}

static void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  remove_tree (self->folder);
  g_free (self->folder);
  g_free (self->output);
}

/* --- running ---------------------------------------------------------------------------------- */

typedef struct {
  int wait_status;
  char *out, *err;
} Result;

static void
result_clear (Result *self)
{
  g_free (self->out);
  g_free (self->err);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

static char *
read_all (int fd, gsize *n_bytes)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 buffer[65536];
  gssize got;

  while ((got = read (fd, buffer, sizeof buffer)) > 0)
    g_byte_array_append (bytes, buffer, (guint) got);
  close (fd);
  if (n_bytes)
    *n_bytes = bytes->len;
  g_byte_array_append (bytes, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (bytes, FALSE);
}

/* Runs @arguments with standard input from the file @input (NULL: empty). */
static Result
run_with_input (const char *const *arguments, const char *input)
{
  Result result = { 0 };
  int out[2], err_fd;
  g_autofree char *err_path = NULL;
  pid_t child;

  err_fd = g_file_open_tmp ("memscope-test-err-XXXXXX", &err_path, NULL);
  g_assert_cmpint (pipe2 (out, O_CLOEXEC), ==, 0);
  child = fork ();
  if (child == 0)
    {
      int in = open (input ? input : "/dev/null", O_RDONLY);

      dup2 (in, 0);
      close (in);
      dup2 (out[1], 1);
      dup2 (err_fd, 2);
      close (err_fd);
      execv (arguments[0], (char *const *) arguments);
      _exit (99);
    }
  close (out[1]);
  result.out = read_all (out[0], NULL);
  waitpid (child, &result.wait_status, 0);
  lseek (err_fd, 0, SEEK_SET);
  result.err = read_all (err_fd, NULL);
  g_unlink (err_path);
  return result;
}

#define RUN(...) run_with_input ((const char *const[]) { __VA_ARGS__, NULL }, NULL)
#define RECORD(self, ...) RUN (memscope, "record", "-o", (self)->output, "--", __VA_ARGS__)

static void
assert_exited (const Result *result, int status)
{
  if (!WIFEXITED (result->wait_status) || WEXITSTATUS (result->wait_status) != status)
    g_test_message ("%s", result->err);
  g_assert_true (WIFEXITED (result->wait_status));
  g_assert_cmpint (WEXITSTATUS (result->wait_status), ==, status);
}

/* One line of complaint, "memscope: …". */
static void
assert_complaint (const Result *result, int status, const char *part)
{
  assert_exited (result, status);
  if (!strstr (result->err, part))
    g_test_message ("expected \"%s\" in: %s", part, result->err);
  g_assert_nonnull (strstr (result->err, part));
  g_assert_true (g_str_has_prefix (result->err, "memscope: "));
  g_assert_true (strchr (result->err, '\n') == result->err + strlen (result->err) - 1);
  g_assert_cmpstr (result->out, ==, "");
}

/* --- what was recorded ------------------------------------------------------------------------ */

static JsonNode *
load_json (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

static JsonObject *
get_process (JsonNode *recording, guint index)
{
  JsonArray *processes =
      json_object_get_array_member (json_node_get_object (recording), "processes");

  g_assert_cmpuint (index, <, json_array_get_length (processes));
  return json_array_get_object_element (processes, index);
}

static guint
count_processes (JsonNode *recording)
{
  return json_array_get_length (
      json_object_get_array_member (json_node_get_object (recording), "processes"));
}

/* Every folder of the recording is closed: no pool, and a manifest that says so. */
static void
assert_all_closed (const char *output)
{
  g_autoptr (GDir) dir = g_dir_open (output, 0, NULL);
  guint n_folders = 0;
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)))
    {
      g_autofree char *folder = g_build_filename (output, name, NULL);
      g_autofree char *pool = g_build_filename (folder, "memscope_pool.bin", NULL);
      g_autoptr (JsonNode) manifest = NULL;

      if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
        continue;
      n_folders++;
      g_assert_false (g_file_test (pool, G_FILE_TEST_EXISTS));
      manifest = load_json (folder, "memscope_trace.json");
      g_assert_true (json_object_get_boolean_member (json_node_get_object (manifest), "closed"));
      g_assert_true (json_object_has_member (json_node_get_object (manifest), "totals"));
    }
  g_assert_cmpuint (n_folders, >, 0);
}

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

  /* The observer closes it, however long that takes here. */
  for (guint i = 0; i < 600 && strcmp (state, "running") == 0; i++)
    {
      g_usleep (100 * 1000);
      g_free (state);
      state = get_orphan_state (self->output, &exit_status);
    }
  g_assert_cmpstr (state, ==, "exited");
  g_assert_cmpint (exit_status, ==, 5);
  assert_all_closed (self->output);
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

/* --- tests: bad input ------------------------------------------------------------------------- */

static void
test_bad_options (void)
{
  const struct {
    const char *option, *value, *part;
  } cases[] = {
    { "--threads", "evry:3", "is no rule" },
    { "--threads", "every:0", "above 0" },
    { "--threads", "a,,b", "empty term" },
    { "--threads", "", "empty" },
    { "--threads", "tid:x", "thread number" },
    { "--threads", "start:", "function" },
    { "--threads", "a-name-that-is-too-long", "15 bytes" },
    { "--stack-depth", "257", "0 to 256" },
    { "--stack-depth", "-1", "0 to 256" },
    { "--stack-depth", "many", "0 to 256" },
    { "--sampling-rate", "0", "above 0" },
    { "--sampling-rate", "1.5", "above 0" },
    { "--sampling-rate", "nan", "above 0" },
    { "--sample-interval", "-5", "whole number" },
    { "--preset", "fast", "none of" },
    { "--colour", "red", "unknown option" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Result) result =
          RUN (memscope, "record", cases[i].option, cases[i].value, "--", victim, "exit", "0");
      assert_complaint (&result, 2, cases[i].part);
    }
}

static void
test_bad_combinations (void)
{
  g_auto (Result) both =
      RUN (memscope, "record", "--sampling-rate", "0.5", "--sample-interval", "1000", "--", victim);
  g_auto (Result) preset = RUN (memscope, "record", "--sampling-rate=0.5",
                                "--preset=performance_optimized", "--", victim);
  g_auto (Result) nothing = RUN (memscope, "record", "--");
  g_auto (Result) no_value = RUN (memscope, "record", "--threads");

  assert_complaint (&both, 2, "exclude each other");
  assert_complaint (&preset, 2, "exclude each other");
  assert_complaint (&nothing, 2, "no program");
  assert_complaint (&no_value, 2, "needs a value");
}

static void
test_options_reach_the_recorder (Fixture *self, gconstpointer data)
{
  g_auto (Result) result =
      RUN (memscope, "record", "-o", self->output, "--threads", "main,even", "--preset",
           "leak_detection", "--stack-depth=7", "--sampling-rate", "0.25", victim, "exit", "0");
  g_autoptr (JsonNode) recording = NULL;
  g_autoptr (JsonNode) manifest = NULL;
  g_autofree char *folder = NULL;
  JsonObject *configuration;

  assert_exited (&result, 0);
  recording = load_json (self->output, "memscope_recording.json");
  folder =
      g_build_filename (self->output,
                        json_object_get_string_member (get_process (recording, 0), "folder"), NULL);
  manifest = load_json (folder, "memscope_trace.json");
  configuration = json_object_get_object_member (json_node_get_object (manifest), "configuration");
  g_assert_cmpstr (json_object_get_string_member (configuration, "threads"), ==, "main,even");
  g_assert_cmpint (json_object_get_int_member (configuration, "stack_depth"), ==, 7);
  g_assert_cmpfloat (json_object_get_double_member (configuration, "allocation_sampling_rate"), ==,
                     0.25);
  g_assert_false (json_object_get_boolean_member (configuration, "frequency"));
}

static void
test_bad_program (Fixture *self, gconstpointer data)
{
  g_autofree char *data_file = g_build_filename (self->folder, "data", NULL);
  g_auto (Result) missing = RECORD (self, "no-such-program-anywhere");
  g_auto (Result) missing_path = RECORD (self, "/no/such/program");
  g_auto (Result) folder = RECORD (self, "/tmp");
  g_auto (Result) not_executable = { 0 };

  g_assert_true (g_file_set_contents (data_file, "data", -1, NULL));
  not_executable = RECORD (self, data_file);
  assert_complaint (&missing, 1, "there is no program \"no-such-program-anywhere\"");
  assert_complaint (&missing_path, 1, "No such file");
  assert_complaint (&folder, 1, "is a folder");
  assert_complaint (&not_executable, 1, "may not be executed");
  g_assert_false (g_file_test (self->output, G_FILE_TEST_EXISTS));
}

/* Programs that the preload cannot get into are refused before they run. */
static void
test_unrecordable (Fixture *self, gconstpointer data)
{
  g_autofree char *other = g_build_filename (self->folder, "other", NULL);
  g_autofree char *script = g_build_filename (self->folder, "script", NULL);
  g_autofree char *text = g_strdup_printf ("#!%s exit\n", static_victim ? static_victim : victim);
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  g_assert_true (g_file_get_contents (victim, &bytes, &n_bytes, NULL));
  bytes[4] = 1; /* a 32-bit program */
  g_assert_true (g_file_set_contents_full (other, bytes, (gssize) n_bytes, 0, 0755, NULL));
  {
    g_auto (Result) result = RECORD (self, other);
    assert_complaint (&result, 1, "32-bit");
  }
  bytes[4] = 2;
  bytes[18] = 8; /* MIPS */
  g_assert_true (g_file_set_contents_full (other, bytes, (gssize) n_bytes, 0, 0755, NULL));
  {
    g_auto (Result) result = RECORD (self, other);
    assert_complaint (&result, 1, "another kind of processor");
  }
  if (static_victim)
    {
      g_auto (Result) result = RECORD (self, static_victim, "exit", "0");
      g_auto (Result) by_script = { 0 };

      assert_complaint (&result, 1, "statically linked");
      g_assert_true (g_file_set_contents_full (script, text, -1, 0, 0755, NULL));
      by_script = RECORD (self, script);
      assert_complaint (&by_script, 1, "statically linked");
    }
  g_assert_false (g_file_test (self->output, G_FILE_TEST_EXISTS));
}

static void
test_set_user_id (Fixture *self, gconstpointer data)
{
  g_autofree char *copy = g_build_filename (self->folder, "copy", NULL);
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can make a program of another user");
      return;
    }
  g_assert_true (g_file_get_contents (victim, &bytes, &n_bytes, NULL));
  g_assert_true (g_file_set_contents_full (copy, bytes, (gssize) n_bytes, 0, 0755, NULL));
  g_assert_cmpint (chown (copy, 12345, 12345), ==, 0);
  g_assert_cmpint (chmod (copy, 04755), ==, 0);
  {
    g_auto (Result) result = RECORD (self, copy, "exit", "0");
    assert_complaint (&result, 1, "setuid");
  }
}

static void
test_scripts (Fixture *self, gconstpointer data)
{
  g_autofree char *script = g_build_filename (self->folder, "script", NULL);
  g_autofree char *second = g_build_filename (self->folder, "second", NULL);

  g_assert_true (
      g_file_set_contents_full (script, "#! /bin/sh\necho \"$1\"; exit 9\n", -1, 0, 0755, NULL));
  {
    g_auto (Result) result = RECORD (self, script, "one argument");
    assert_exited (&result, 9);
    g_assert_cmpstr (result.out, ==, "one argument\n");
  }
  /* Without a first line, which only execvp and the shells run. */
  g_assert_true (g_file_set_contents_full (script, "echo \"$1\"; exit 8\n", -1, 0, 0755, NULL));
  {
    g_auto (Result) result =
        RUN (memscope, "record", "-o", second, "--", script, "another argument");
    assert_exited (&result, 8);
    g_assert_cmpstr (result.out, ==, "another argument\n");
  }
}

static void
test_bad_output (Fixture *self, gconstpointer data)
{
  g_autofree char *file = g_build_filename (self->folder, "file", NULL);
  g_autofree char *below_file = g_build_filename (file, "recording", NULL);

  g_assert_true (g_file_set_contents (file, "kept", -1, NULL));
  {
    g_auto (Result) result = RUN (memscope, "record", "-o", file, victim);
    assert_complaint (&result, 1, "is no folder");
  }
  {
    g_auto (Result) result = RUN (memscope, "record", "-o", below_file, victim);
    assert_complaint (&result, 1, "cannot make the output folder");
  }
  {
    g_auto (Result) result = RUN (memscope, "record", "-o", self->folder, victim);
    assert_complaint (&result, 1, "is not empty");
  }
  {
    g_auto (Result) result = RUN (memscope, "record", "-o", "/proc/memscope-test", victim);
    assert_complaint (&result, 1, "cannot make the output folder");
  }
  {
    g_auto (Result) first = RECORD (self, victim, "exit", "0");
    g_auto (Result) again = RECORD (self, victim, "exit", "0");
    assert_exited (&first, 0);
    assert_complaint (&again, 1, "already holds a recording");
  }
}

static void
test_full_output (Fixture *self, gconstpointer data)
{
  g_autofree char *small = g_build_filename (self->folder, "small", NULL);
  g_autofree char *output = g_build_filename (small, "recording", NULL);

  g_mkdir (small, 0700);
  if (mount ("tmpfs", small, "tmpfs", 0, "size=64k") != 0)
    {
      g_test_skip ("may not mount a small file system here");
      return;
    }
  {
    g_auto (Result) result = RUN (memscope, "record", "-o", output, victim, "exit", "0");
    umount (small);
    assert_complaint (&result, 1, "no room");
  }
}

/* Where the library is missing, that is said, and nothing runs. */
static void
test_missing_library (Fixture *self, gconstpointer data)
{
  g_setenv ("MEMSCOPE_LIBDIR", self->folder, TRUE);
  {
    g_auto (Result) result = RECORD (self, victim, "exit", "0");
    g_unsetenv ("MEMSCOPE_LIBDIR");
    assert_complaint (&result, 1, "libmemscope-preload.so is not in");
  }
}

/* --- tests: the closer ------------------------------------------------------------------------ */

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

#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
#define ADD_SIGNAL(path, number) \
  g_test_add (path, Fixture, GINT_TO_POINTER (number), fixture_set_up, test_killed, \
              fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, >=, 3);
  memscope = argv[1];
  victim = argv[2];
  static_victim = argc > 3 ? argv[3] : NULL;

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
  ADD ("/record/children", test_children);
  ADD ("/record/orphan", test_orphan);
  ADD ("/record/wait", test_wait);
  g_test_add_func ("/record/bad/options", test_bad_options);
  g_test_add_func ("/record/bad/combinations", test_bad_combinations);
  ADD ("/record/options", test_options_reach_the_recorder);
  ADD ("/record/bad/program", test_bad_program);
  ADD ("/record/bad/unrecordable", test_unrecordable);
  ADD ("/record/bad/set-user-id", test_set_user_id);
  ADD ("/record/bad/output", test_bad_output);
  ADD ("/record/bad/full-output", test_full_output);
  ADD ("/record/bad/missing-library", test_missing_library);
  ADD ("/record/scripts", test_scripts);
  ADD ("/record/recorder-killed", test_recorder_killed);
  return g_test_run ();
}
