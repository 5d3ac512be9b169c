/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the commands that read a recording have in common: --process, --color, --no-cache and the
 * folder.  --fetch-symbols is for those that show names, which add it themselves.
 */
#pragma once

#include "ms-selection.h"
#include "ms-terminal.h"

G_BEGIN_DECLS

typedef struct {
  char *process;
  char *colour;
  gboolean no_cache, fetch_symbols, without_colours;
  GStrv operands;
} MsFolderOptions;

/* Adds them to @context, for ms_command_line_parse() to fill @self, which must stay where it is. */
void ms_folder_options_add (MsFolderOptions *self, GOptionContext *context);

void ms_folder_options_clear (MsFolderOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MsFolderOptions, ms_folder_options_clear)

/* The one folder that was named, and where to print; NULL after complaining about usage.
 * @command: "report". (transfer none) */
const char *ms_folder_options_get (MsFolderOptions *self,
                                   const char *command,
                                   MsTerminal *terminal);

G_END_DECLS
