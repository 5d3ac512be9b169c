/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "victim-run.h"

#include <glib/gstdio.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST_RUN_S 90 /* then it hangs */

static const char *victims;
const char *victim_preload, *victim_tracker;

void
victim_run_init (int argc, char **argv)
{
  if (argc < 4)
    {
      g_printerr ("usage: %s PRELOAD TRACKER FOLDER-OF-VICTIMS\n", argv[0]);
      exit (2);
    }
  victim_preload = g_canonicalize_filename (argv[1], NULL);
  victim_tracker = g_canonicalize_filename (argv[2], NULL);
  victims = g_canonicalize_filename (argv[3], NULL);
}

char *
victim_find (const char *program)
{
  g_autofree char *base = g_strconcat ("victim-", program, NULL);

  return g_build_filename (victims, base, NULL);
}

static int
as_shell (int status)
{
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

static void
redirect (const char *folder, const char *name, int fd)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int file = g_open (path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

  if (file < 0 || dup2 (file, fd) != fd)
    _exit (126);
  close (file);
}

/* Runs the victim in @folder, with @library before all others and @output for the tracker unless they
 * are NULL. */
pid_t
victim_start_with (const char *program,
                   const char *name,
                   const char *folder,
                   const char *library,
                   const char *output)
{
  g_autofree char *path = victim_find (program);
  pid_t pid = fork ();

  if (pid == 0)
    {
      redirect (folder, "stdout", 1);
      redirect (folder, "stderr", 2);
      if (g_chdir (folder) < 0)
        _exit (126);
      if (output)
        setenv ("MEMSCOPE_OUTPUT", output, 1); /* GLib would write a word of warning into stdout */
      if (library)
        setenv ("LD_PRELOAD", library, 1);
      alarm (LONGEST_RUN_S);
      execl (path, strrchr (path, '/') + 1, name, NULL);
      _exit (126);
    }
  g_assert_cmpint (pid, >, 0);
  return pid;
}

/* Traced into @output unless that is NULL. */
pid_t
victim_start (const char *program, const char *name, const char *folder, const char *output)
{
  return victim_start_with (program, name, folder, output ? victim_preload : NULL, output);
}

int
victim_finish (pid_t pid)
{
  int status;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return as_shell (status);
}

char *
victim_read_output (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *contents = NULL;

  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  return contents;
}

void
victim_remove_tree (const char *path)
{
  const char *command[] = { "rm", "-rf", "--", path, NULL };

  g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  guint64 first = g_ascii_strtoull (*(char *const *) a, NULL, 10),
          second = g_ascii_strtoull (*(char *const *) b, NULL, 10);

  return first < second ? -1 : first > second;
}

/* A note about a child that cannot be followed: a manifest, and no events. */
static gboolean
is_note (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "memscope_trace.json", NULL);
  g_autofree char *manifest = NULL;

  return g_file_get_contents (path, &manifest, NULL, NULL)
         && strstr (manifest, "\"not_followed\"") != NULL;
}

GPtrArray *
victim_load_traces (const char *output)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *traces = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GDir) dir = g_dir_open (output, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *folder = g_build_filename (output, names->pdata[i], NULL);
      g_autoptr (GError) error = NULL;
      MsTrace *trace;

      if (!g_file_test (folder, G_FILE_TEST_IS_DIR) || is_note (folder))
        continue;
      trace = ms_trace_load (folder, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
      g_ptr_array_add (traces, trace);
    }
  return traces;
}

guint64
victim_count_marks (MsTrace *trace, MsDomain domain)
{
  guint64 n = 0;

  for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
    {
      const guint64 *bins = ms_thread_get_size_histogram (ms_trace_get_thread (trace, i), domain);
      if (bins)
        n += bins[VICTIM_MARK_BIN];
    }
  return n;
}
