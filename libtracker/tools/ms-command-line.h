/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What all subcommands share at their edges: options in, one line of complaint out.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "memscope: MESSAGE" on standard error, on one line whatever it quotes. */
void ms_complain (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Begins the usage "memscope NAME [OPTION…] @parameters".  @entries: (nullable). (transfer full) */
GOptionContext *ms_command_line_new (const char *name,
                                     const char *parameters,
                                     const GOptionEntry *entries,
                                     const char *summary,
                                     const char *description);

/* Adds @entries to @context; options that take no value are refused one by ms_command_line_parse(). */
void ms_command_line_add (GOptionContext *context, const GOptionEntry *entries);

/* FALSE: wrong usage, said already; the command exits with MS_EXIT_USAGE.  --help ends the program. */
gboolean ms_command_line_parse (GOptionContext *context, int *argc, char ***argv);

/* The only operand, or NULL after complaining. @operands: of G_OPTION_REMAINING, may be NULL. */
const char *ms_command_line_one_folder (const char *name, char **operands);

G_END_DECLS
