/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How a program of the host is recorded from inside of a Flatpak.
 *
 *   allowed      flatpak-spawn --host PROGRAM, with the recorder of this very application preloaded
 *                from where the host has it; into a folder that both see under the same name
 *   not allowed  what to type in a terminal, to allow it or to start the program there
 *
 * What is allowed is what /.flatpak-info says.  The recorder is built for older C libraries than the runtime's,
 * so the host's programs load it.  Outside of a sandbox there is none of this.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MsHostAccess MsHostAccess;

/* NULL: @info, "/.flatpak-info", is not there: we are on the host itself. */
MsHostAccess *ms_host_access_new (const char *info);
void ms_host_access_free (MsHostAccess *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsHostAccess, ms_host_access_free)

/* May programs of the host be started? */
gboolean ms_host_access_is_allowed (const MsHostAccess *self);

/* What starts @command there, in @working (nullable), recorded into @folder. (transfer full) */
GStrv ms_host_access_build_arguments (const MsHostAccess *self,
                                      const char *const *command,
                                      const char *working,
                                      const char *folder,
                                      const char *threads,
                                      guint depth);

/* The command lines for a terminal: that which allows it, and that which records a program into a new
 * folder below @folder. (transfer full) */
char *ms_host_access_dup_permit_line (const MsHostAccess *self);
char *ms_host_access_dup_record_line (const MsHostAccess *self, const char *folder);

G_END_DECLS
