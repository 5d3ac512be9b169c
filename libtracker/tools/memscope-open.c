/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope open DIR: becomes memscope-gui, which is looked for
 *
 *   in the build tree that this program runs from    <build>/app
 *   beside this program, where both are installed    <prefix>/bin
 *   in PATH
 */
#include <errno.h>
#include <unistd.h>

#include "memscope-commands.h"
#include "ms-command-line.h"

#define APPLICATION "memscope-gui"

/* (nullable): a path that can be run. (transfer full) */
static char *
find_application (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  if (self != NULL)
    {
      g_autofree char *folder = g_path_get_dirname (self);
      g_autofree char *built = g_build_filename (folder, "..", "..", "app", APPLICATION, NULL);
      g_autofree char *installed = g_build_filename (folder, APPLICATION, NULL);

      if (g_file_test (built, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&built);
      if (g_file_test (installed, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&installed);
    }
  return g_find_program_in_path (APPLICATION);
}

int
ms_command_open (int argc, char **argv)
{
  g_auto (GStrv) operands = NULL;
  const GOptionEntry entries[] = {
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
      ms_complain ("the desktop application (" APPLICATION
                   ") is neither beside this program nor in "
                   "PATH; install it, or read the trace here with: memscope report %s",
                   folder);
      return MS_EXIT_FAILURE;
    }
  char *arguments[] = { (char[]) { APPLICATION }, (char[]) { "--" }, (char *) folder, NULL };

  execv (application, arguments);
  ms_complain ("%s cannot be started: %s", application, g_strerror (errno));
  return MS_EXIT_FAILURE;
}
