/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-folder-options.h"

#include "ms-command-line.h"
#include "ms-fetch-symbols.h"

void
ms_folder_options_add (MsFolderOptions *self, GOptionContext *context)
{
  const GOptionEntry entries[] = {
    { "process", 'p', 0, G_OPTION_ARG_STRING, &self->process, MS_SELECTION_OPTION_HELP,
      "PID|NAME|all" },
    { "color", 0, 0, G_OPTION_ARG_STRING, &self->colour,
      "colours: auto (on a terminal), always or never", "WHEN" },
    { "no-color", 0, 0, G_OPTION_ARG_NONE, &self->without_colours, "the same as --color=never",
      NULL },
    { "no-cache", 0, 0, G_OPTION_ARG_NONE, &self->no_cache,
      "read every event, whatever an earlier run kept", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->operands, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };

  ms_command_line_add (context, entries);
}

void
ms_folder_options_clear (MsFolderOptions *self)
{
  g_free (self->process);
  g_free (self->colour);
  g_strfreev (self->operands);
}

const char *
ms_folder_options_get (MsFolderOptions *self, const char *command, MsTerminal *terminal)
{
  if (!ms_terminal_init (terminal, self->without_colours ? "never" : self->colour))
    return NULL;
  if (self->no_cache)
    g_setenv ("MEMSCOPE_NO_CACHE", "1", TRUE);
  if (self->fetch_symbols && !ms_fetch_symbols_allow ())
    return NULL;
  return ms_command_line_one_folder (command, self->operands);
}
