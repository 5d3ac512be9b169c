/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whether a program can be recorded by preloading, found out from its file before it is started, and
 * said in one line with what to do.  Which programs cannot be is decided in resources/trk-target.h.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MS_PROGRAM_ERROR (ms_program_error_quark ())
GQuark ms_program_error_quark (void);

/* The file that execvp (3) would run for @name: by PATH unless there is a slash in it.  NULL with a
 * line that says why there is none. (transfer full) */
char *ms_program_find (const char *name, GError **error);

/* FALSE with the reason if @path cannot be recorded.  *@needs_shell: the kernel would not run it but
 * execvp (3) would, as a shell script without a first line. */
gboolean ms_program_check (const char *path, gboolean *needs_shell, GError **error);

G_END_DECLS
