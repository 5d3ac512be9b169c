/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `memscope attach --json` on a private session bus, as a script has it: test-attach MEMSCOPE MEMSCOPE-AGENT.
 */
#include <json-glib/json-glib.h>
#include <signal.h>

#include "tracker-fixture.h"

#define MAX_LISTED 1000

static const char *memscope;

typedef struct {
  GSubprocess *process;
  GDataInputStream *lines;
} Attached;

static Attached
attach (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pid = g_strdup_printf ("%u", f->pid);
  Attached self = { g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, memscope, "attach",
                                      "--json", pid, NULL) };

  g_assert_no_error (error);
  self.lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self.process));
  return self;
}

static void
attached_clear (Attached *self)
{
  g_object_unref (self->lines);
  g_object_unref (self->process);
}

/* NULL: that was the last one. (transfer full) */
static JsonObject *
read_line (Attached *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line (self->lines, NULL, NULL, &error);
  g_autoptr (JsonNode) root = NULL;

  g_assert_no_error (error);
  if (line == NULL)
    return NULL;
  root = json_from_string (line, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (root));
}

static gint64
get (JsonObject *line, const char *name)
{
  return json_object_get_int_member (line, name);
}

/* Lines go on, each later than the one before; Ctrl-C ends them and nothing else. */
static void
test_detach (Fixture *f, gconstpointer data)
{
  Attached attached = attach (f);
  gint64 time_ns = 0, allocations = 0;

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (JsonObject) line = read_line (&attached);

      g_assert_nonnull (line);
      g_assert_cmpint (get (line, "pid"), ==, f->pid);
      g_assert_cmpint (get (line, "time_ns"), >, time_ns);
      g_assert_cmpint (get (line, "allocations"), >, allocations);
      g_assert_cmpint (get (line, "n_threads"), ==, 1);
      g_assert_cmpint (get (line, "n_living_threads"), ==, 1);
      g_assert_cmpstr (json_object_get_string_member (line, "state"), ==, "recording");
      time_ns = get (line, "time_ns");
      allocations = get (line, "allocations");
    }
  g_subprocess_send_signal (attached.process, SIGINT);
  g_assert_true (g_subprocess_wait_check (attached.process, NULL, NULL));
  fixture_assert_progress (f);
  attached_clear (&attached);
}

/* What memscope list says of the program at this moment. (transfer full) */
static JsonObject *
list (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *said = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, fixture_get_memscope (), "list",
                        "--json", NULL);
  JsonArray *programs;

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &said, NULL, &error);
  g_assert_no_error (error);
  root = json_from_string (said, &error);
  g_assert_no_error (error);
  programs = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (programs); i++)
    {
      JsonObject *program = json_array_get_object_element (programs, i);

      if (get (program, "pid") == f->pid)
        return json_object_ref (program);
    }
  g_assert_not_reached ();
}

/* A program that stands still is not taken for one that has nothing to do. */
static void
test_suspended (Fixture *f, gconstpointer data)
{
  Attached attached = attach (f);
  g_autoptr (JsonObject) listed = NULL;
  gboolean is_suspended = FALSE;

  kill ((pid_t) f->pid, SIGSTOP);
  while (!is_suspended)
    {
      g_autoptr (JsonObject) line = read_line (&attached);

      g_assert_nonnull (line);
      is_suspended = json_object_get_boolean_member (line, "suspended");
      g_assert_cmpstr (json_object_get_string_member (line, "state"), ==, "recording");
    }
  listed = list (f);
  g_assert_true (json_object_get_boolean_member (listed, "suspended"));
  g_assert_cmpstr (json_object_get_string_member (listed, "state"), ==, "recording");
  g_assert_cmpint (get (listed, "threads"), ==, 1);
  kill ((pid_t) f->pid, SIGCONT);
  while (is_suspended)
    {
      g_autoptr (JsonObject) line = read_line (&attached);

      g_assert_nonnull (line);
      is_suspended = json_object_get_boolean_member (line, "suspended");
    }
  g_subprocess_send_signal (attached.process, SIGINT);
  g_assert_true (g_subprocess_wait_check (attached.process, NULL, NULL));
  attached_clear (&attached);
}

/* The last line is that of what the program left. */
static void
test_end (Fixture *f, gconstpointer data)
{
  Attached attached = attach (f);
  g_autoptr (JsonObject) last = read_line (&attached);
  JsonObject *line;

  g_assert_nonnull (last);
  kill ((pid_t) f->pid, SIGKILL);
  while ((line = read_line (&attached)) != NULL)
    {
      json_object_unref (last);
      last = line;
    }
  g_assert_cmpstr (json_object_get_string_member (last, "state"), ==, "ended");
  g_assert_true (g_subprocess_wait_check (attached.process, NULL, NULL));
  attached_clear (&attached);
}

/* Who has seen enough, as head has, is no failure to speak of. */
static void
test_closed_pipe (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pid = g_strdup_printf ("%u", f->pid);
  g_autofree char *said = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error,
                        memscope, "attach", "--json", pid, NULL);
  g_autoptr (GDataInputStream) errors = NULL;

  g_assert_no_error (error);
  g_input_stream_close (g_subprocess_get_stdout_pipe (process), NULL, &error);
  g_assert_no_error (error);
  errors = g_data_input_stream_new (g_subprocess_get_stderr_pipe (process));
  said = g_data_input_stream_read_line (errors, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (said, ==, NULL);
}

/* Five hundred threads a second: a line does not grow with all that ever were. */
static void
test_many_threads (Fixture *f, gconstpointer data)
{
  Attached attached = attach (f);
  gint64 n_threads = 0;

  while (n_threads <= MAX_LISTED + 200)
    {
      g_autoptr (JsonObject) line = read_line (&attached);
      JsonArray *threads = json_object_get_array_member (line, "threads");

      n_threads = get (line, "n_threads");
      g_assert_cmpint (json_array_get_length (threads), ==, MIN (n_threads, MAX_LISTED));
      /* The one that has something. */
      g_assert_cmpint (get (json_array_get_object_element (threads, 0), "id"), ==, 0);
    }
  g_subprocess_send_signal (attached.process, SIGTERM);
  g_assert_true (g_subprocess_wait_check (attached.process, NULL, NULL));
  attached_clear (&attached);
}

int
main (int argc, char **argv)
{
  if (!fixture_begin (&argc, &argv))
    return 77;
  memscope = argv[1];
#define ADD(name, program, function) \
  g_test_add ("/attach/" name, Fixture, program, fixture_set_up, function, fixture_tear_down)
  ADD ("detach", "--busy", test_detach);
  ADD ("end", "--busy", test_end);
  ADD ("suspended", "--busy", test_suspended);
  ADD ("closed-pipe", "--busy", test_closed_pipe);
  ADD ("many-threads", "--threads", test_many_threads);
  return g_test_run ();
}
