/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope open DIR: becomes memscope-gui, which is looked for
 *
 *   beside this program, where both are installed    <prefix>/bin
 *   in the build tree, if this program is in one     <build>/app
 *   in PATH
 */
#include <errno.h>
#include <unistd.h>

#include "memscope-commands.h"
#include "ms-command-line.h"
#include "ms-hold.h"
#include "ms-registry.h"

#define APPLICATION "memscope-gui"
/* A program that is over by then is looked at as any other. */
#define WAIT_US (5 * G_USEC_PER_SEC)

/* (nullable): a path that can be run. (transfer full) */
static char *
find_application (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  if (self != NULL)
    {
      g_autofree char *folder = g_path_get_dirname (self);
      g_autofree char *installed = g_build_filename (folder, APPLICATION, NULL);
      g_autofree char *build_file = g_build_filename (folder, "..", "..", "build.ninja", NULL);
      g_autofree char *built = g_build_filename (folder, "..", "..", "app", APPLICATION, NULL);

      if (g_file_test (installed, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&installed);
      if (g_file_test (build_file, G_FILE_TEST_EXISTS)
          && g_file_test (built, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&built);
    }
  return g_find_program_in_path (APPLICATION);
}

/* The first process that is recorded into @folder, once it is shown (ms-tracker-service.h); 0: none came. */
static gint
wait_for_process (const char *folder)
{
  gint64 until_us = g_get_monotonic_time () + WAIT_US;
  g_autofree char *path = g_canonicalize_filename (folder, NULL);
  g_autofree char *prefix = g_strconcat (path, "/", NULL);

  while (g_get_monotonic_time () < until_us)
    {
      g_autoptr (GPtrArray) entries = ms_registry_list (NULL);

      for (guint i = 0; entries != NULL && i < entries->len; i++)
        {
          const MsRegistryEntry *entry = g_ptr_array_index (entries, i);

          if (g_str_has_prefix (entry->folder, prefix))
            return entry->pid;
        }
      g_usleep (20000);
    }
  return 0;
}

int
ms_command_open (int argc, char **argv)
{
  g_auto (GStrv) operands = NULL;
  gboolean is_live = FALSE;
  const GOptionEntry entries[] = {
    { "live", 0, 0, G_OPTION_ARG_NONE, &is_live,
      "Watch the program that is about to be recorded into DIR", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &operands, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context =
      ms_command_line_new ("open", "DIR", entries,
                           "Looks at a recording or a trace folder in the desktop application.",
                           NULL);
  g_autofree char *application = NULL;
  const char *folder;

  if (!ms_command_line_parse (context, &argc, &argv))
    return MS_EXIT_USAGE;
  folder = ms_command_line_one_folder ("open", operands);
  if (folder == NULL)
    return MS_EXIT_USAGE;
  if (!g_file_test (folder, G_FILE_TEST_EXISTS))
    {
      ms_complain ("there is no \"%s\"", folder);
      return MS_EXIT_FAILURE;
    }
  application = find_application ();
  if (application == NULL)
    {
      if (is_live)
        ms_hold_end (folder);
      ms_complain ("the desktop application (" APPLICATION
                   ") is neither beside this program nor in "
                   "PATH; install it, or read the trace here with: memscope report %s",
                   folder);
      return MS_EXIT_FAILURE;
    }
  char *arguments[] = { (char[]) { APPLICATION }, (char[]) { "--" }, (char *) folder, NULL };
  /* It would say so and leave, and the program would wait for nobody. */
  if (is_live && g_getenv ("DISPLAY") == NULL && g_getenv ("WAYLAND_DISPLAY") == NULL)
    ms_hold_end (folder);
  gint pid = is_live ? wait_for_process (folder) : 0;
  if (is_live && pid == 0)
    ms_hold_end (folder);
  g_autofree char *attach = g_strdup_printf ("--attach=%d", pid);
  char *attaching[] = { (char[]) { APPLICATION }, attach, NULL };

  execv (application, pid > 0 ? attaching : arguments);
  if (is_live)
    ms_hold_end (folder);
  ms_complain ("%s cannot be started: %s", application, g_strerror (errno));
  return MS_EXIT_FAILURE;
}
