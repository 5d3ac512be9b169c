/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Opens a line of source in the user's editor: a command such as "code --goto {file}:{line}", of which each
 * word is one argument and no shell sees any, or, with none, whatever the desktop opens plain text with.
 * A file's name comes from a traced program's debug information and is hostile: only text is opened, and
 * never as what its own type would start.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where @file (as the debug information has it) is here; NULL with one line for people: it is nowhere, is
 * no plain file, or is not text.  A compiler that maps prefixes leaves names that are relative to the top of the sources:
 * these are looked for below each of @folders (nullable), then below each folder that @executable (nullable) is in, as a
 * program that was not installed lies somewhere below its sources. (transfer full) */
char *ms_source_find (const char *file,
                      const char *executable,
                      const char *const *folders,
                      GError **error);

/* The words of @command with @file and @line put in; @file alone is added if @command has no {file}.  NULL
 * with one line: it cannot be taken apart. (transfer full) */
char **ms_source_dup_command (const char *command, const char *file, guint line, GError **error);

/* @command NULL or "": the desktop's editor.  @widget: in whose window that is. */
gboolean ms_source_open (GtkWidget *widget,
                         const char *command,
                         const char *file,
                         guint line,
                         GError **error);

G_END_DECLS
