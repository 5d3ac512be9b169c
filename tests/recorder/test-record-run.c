/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test-record-run.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *memscope, *victim, *static_victim;

void
record_test_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  g_assert_cmpint (*argc, >=, 3);
  memscope = (*argv)[1];
  victim = (*argv)[2];
  static_victim = *argc > 3 ? (*argv)[3] : NULL;
}

void
fixture_set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  self->output = g_build_filename (self->folder, "recording", NULL);
  /* What is killed leaves its pools; they are to go with the rest. */
  g_setenv ("MEMSCOPE_POOL_FOLDER", self->folder, TRUE);
}

void
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

void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  remove_tree (self->folder);
  g_free (self->folder);
  g_free (self->output);
}

/* --- running ---------------------------------------------------------------------------------- */

void
result_clear (Result *self)
{
  g_free (self->out);
  g_free (self->err);
}

char *
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

Result
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

void
assert_exited (const Result *result, int status)
{
  if (!WIFEXITED (result->wait_status) || WEXITSTATUS (result->wait_status) != status)
    g_test_message ("%s", result->err);
  g_assert_true (WIFEXITED (result->wait_status));
  g_assert_cmpint (WEXITSTATUS (result->wait_status), ==, status);
}

void
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

JsonNode *
load_json (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

JsonObject *
get_process (JsonNode *recording, guint index)
{
  JsonArray *processes =
      json_object_get_array_member (json_node_get_object (recording), "processes");

  g_assert_cmpuint (index, <, json_array_get_length (processes));
  return json_array_get_object_element (processes, index);
}

guint
count_processes (JsonNode *recording)
{
  return json_array_get_length (
      json_object_get_array_member (json_node_get_object (recording), "processes"));
}

void
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
