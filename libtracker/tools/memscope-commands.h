/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The subcommands of `memscope`.  Each is one file, memscope-NAME.c, and one row of the table in
 * memscope.c; it parses its own arguments, so that it owns its --help.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Exit statuses of every command; `record` passes on the program's own. */
enum { MS_EXIT_OK = 0, MS_EXIT_FAILURE = 1, MS_EXIT_USAGE = 2, MS_EXIT_INTERRUPTED = 130 };

/* argv[0] is the command's name.  Returns the exit status. */
typedef int (*MsCommandFunc) (int argc, char **argv);

int ms_command_record (int argc, char **argv);
int ms_command_demo (int argc, char **argv);
int ms_command_report (int argc, char **argv);
int ms_command_trim (int argc, char **argv);
int ms_command_info (int argc, char **argv);
int ms_command_diff (int argc, char **argv);
int ms_command_export (int argc, char **argv);
int ms_command_open (int argc, char **argv);
int ms_command_list (int argc, char **argv);
int ms_command_attach (int argc, char **argv);
int ms_command_change (int argc, char **argv);
int ms_command_snapshot (int argc, char **argv);

G_END_DECLS
