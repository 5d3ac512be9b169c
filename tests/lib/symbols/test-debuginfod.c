/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Debug files from a server: Python's own, on this machine, with one file to give.  The client asks for
 * /buildid/<build-id>/debuginfo, which is a path like any other.
 *
 * Argument: the library with debug information.
 */
#include "ms-symbolizer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ms-debuginfod.h"
#include "victim-library.h"

static VictimLibrary debug;
static char *folder, *stripped;

/* --- the server ------------------------------------------------------------------------------ */

static GPid server;

/* Without a python3 or a libdebuginfod there is none, and the tests are skipped. */
static void
start_server (void)
{
  g_autofree char *python = g_find_program_in_path ("/usr/bin/python3");
  char *arguments[] = {
    python,           (char[]) { "-u" },     (char[]) { "-m" },        (char[]) { "http.server" },
    (char[]) { "0" }, (char[]) { "--bind" }, (char[]) { "127.0.0.1" }, NULL
  };
  g_autofree char *www = g_build_filename (folder, "www", NULL);
  g_autofree char *url = NULL;
  char line[256];
  const char *port;
  int out = -1;
  FILE *said;

  g_setenv ("DEBUGINFOD_URLS", "http://127.0.0.1:9", TRUE);
  if (python == NULL || !ms_debuginfod_is_configured ())
    return;
  g_assert_true (g_spawn_async_with_pipes (www, arguments, NULL,
                                           G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL,
                                           NULL, NULL, &server, NULL, &out, NULL, NULL));
  said = fdopen (out, "r");
  g_assert_nonnull (fgets (line, sizeof line, said)); /* Serving HTTP on 127.0.0.1 port N … */
  port = strstr (line, " port ");
  g_assert_nonnull (port);
  url = g_strdup_printf ("http://127.0.0.1:%d/", atoi (port + 6));
  g_setenv ("DEBUGINFOD_URLS", url, TRUE);
  fclose (said);
}

static void
stop_server (void)
{
  kill (server, SIGKILL);
  waitpid (server, NULL, 0);
  g_spawn_close_pid (server);
}

/* --- asking ---------------------------------------------------------------------------------- */

static void
assert_names (MsSymbolizer *symbolizer, gboolean has_lines)
{
  g_autoptr (GArray) calls = victim_library_call (debug.calls->exported);
  g_autoptr (GArray) frames = g_array_new (FALSE, FALSE, sizeof (MsFrame));
  MsModule module = { .path = stripped, .build_id = debug.build_id };

  ms_name_resolver_resolve (MS_NAME_RESOLVER (symbolizer), &module,
                            g_array_index (calls, VictimNote, 1).address - debug.bias, FALSE,
                            frames);
  g_assert_cmpuint (frames->len, ==, has_lines ? 3 : 1);
  if (has_lines)
    g_assert_cmpstr (g_array_index (frames, MsFrame, 0).function, ==, "inlined_inner");
}

static char *
dup_reason (MsSymbolizer *symbolizer)
{
  g_autoptr (GArray) missing = ms_symbolizer_get_missing (symbolizer);

  return missing->len > 0 ? g_strdup (g_array_index (missing, MsMissingSymbols, 0).reason) : NULL;
}

typedef struct {
  guint n_progress;
  GAsyncResult *result;
} Watch;

static void
progress_cb (const char *module,
             guint nth,
             guint n_modules,
             guint64 done_bytes,
             guint64 total_bytes,
             gpointer user_data)
{
  Watch *watch = user_data;

  g_assert_cmpstr (module, ==, stripped);
  g_assert_cmpuint (nth, ==, 0);
  g_assert_cmpuint (n_modules, ==, 1);
  g_assert_null (watch->result); /* never after the end */
  watch->n_progress++;
}

static void
fetched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Watch *) user_data)->result = g_object_ref (result);
}

static guint
fetch (MsSymbolizer *symbolizer, GCancellable *cancellable, GError **error)
{
  Watch watch = { 0 };
  guint n;

  ms_symbolizer_fetch_async (symbolizer, cancellable, progress_cb, &watch, fetched_cb, &watch);
  while (watch.result == NULL)
    g_main_context_iteration (NULL, TRUE);
  n = ms_symbolizer_fetch_finish (symbolizer, watch.result, error);
  g_object_unref (watch.result);
  return n;
}

static void
test_not_there (void)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = NULL;

  if (server == 0)
    {
      g_test_skip ("no server");
      return;
    }
  assert_names (symbolizer, FALSE);
  g_assert_cmpuint (fetch (symbolizer, NULL, &error), ==, 0);
  g_assert_no_error (error);
  reason = dup_reason (symbolizer);
  g_assert_nonnull (strstr (reason, "no debuginfod server has it"));
  /* The client remembers that for ten minutes. */
  victim_run_script (folder, "rm -rf client");
}

static void
test_switches (void)
{
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  if (server == 0)
    {
      g_test_skip ("no server");
      return;
    }
  assert_names (symbolizer, FALSE);
  ms_symbolizer_set_may_fetch (symbolizer, FALSE);
  g_assert_false (ms_symbolizer_can_fetch (symbolizer));
  g_assert_cmpuint (fetch (symbolizer, NULL, &error), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  ms_symbolizer_set_may_fetch (symbolizer, TRUE);
  g_assert_true (ms_symbolizer_can_fetch (symbolizer));
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (fetch (symbolizer, cancellable, &error), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_names (symbolizer, FALSE);
}

static void
test_fetched (void)
{
  g_autofree char *cache = g_build_filename (folder, "names", NULL);
  g_autoptr (MsSymbolizer) symbolizer = ms_symbolizer_new_with_folders (NULL, cache);
  g_autoptr (MsSymbolizer) next = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *script = NULL;
  g_autofree char *reason = NULL;

  if (server == 0)
    {
      g_test_skip ("no server");
      return;
    }
  script = g_strdup_printf ("mkdir -p www/buildid/%s; objcopy --only-keep-debug '%s' "
                            "www/buildid/%s/debuginfo",
                            debug.build_id, debug.path, debug.build_id);
  victim_run_script (folder, script);
  assert_names (symbolizer, FALSE);
  ms_symbolizer_save (symbolizer); /* what is worse must not be kept against what is better */
  g_assert_cmpuint (fetch (symbolizer, NULL, &error), ==, 1);
  g_assert_no_error (error);
  assert_names (symbolizer, TRUE);
  reason = dup_reason (symbolizer);
  g_assert_cmpstr (reason, ==, NULL);
  /* From now on without a network. */
  g_unsetenv ("DEBUGINFOD_URLS");
  next = ms_symbolizer_new ();
  g_assert_false (ms_symbolizer_can_fetch (next));
  assert_names (next, TRUE);
}

int
main (int argc, char **argv)
{
  g_autofree char *client = NULL;
  g_autofree char *script = NULL;
  g_autofree char *objcopy = g_find_program_in_path ("objcopy");
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  victim_library_load (&debug, argv[1]);
  folder = g_dir_make_tmp ("memscope-debuginfod-XXXXXX", NULL);
  stripped = g_build_filename (folder, "libvictim.so", NULL);
  client = g_build_filename (folder, "client", NULL);
  g_setenv ("DEBUGINFOD_CACHE_PATH", client, TRUE);
  script = g_strdup_printf ("mkdir www; objcopy --strip-all '%s' libvictim.so", debug.path);
  if (objcopy != NULL)
    {
      victim_run_script (folder, script);
      start_server ();
    }
  g_test_add_func ("/debuginfod/not-there", test_not_there);
  g_test_add_func ("/debuginfod/switches", test_switches);
  g_test_add_func ("/debuginfod/fetched", test_fetched);
  status = g_test_run ();
  if (server != 0)
    stop_server ();
  {
    g_autofree char *remove = g_strdup_printf ("rm -rf '%s'", folder);

    victim_run_script ("/", remove);
  }
  victim_library_clear (&debug);
  g_free (folder);
  g_free (stripped);
  return status;
}
