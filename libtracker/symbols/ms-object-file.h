/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One object (program or library) with its symbols, wherever they are:
 *
 *   the path that the loader had            if its build-id is the recorded one
 *   /usr/lib/debug/.build-id/xx/yyyy.debug  by build-id, also when the path is gone
 *   /usr/lib/.build-id/xx/yyyy              (Fedora keeps links to the objects themselves there)
 *   .gnu_debuglink of the object            beside it, in .debug/, under /usr/lib/debug
 *
 * Nothing is fetched from a network.  Addresses are the object's own (as its program headers have
 * them).  Paths come from a trace and are hostile: only regular files are opened.
 */
#pragma once

#include <elfutils/libdwfl.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct _MsObjectFile MsObjectFile;

/* @path: as the trace has it.  @build_id: lower-case hexadecimal, or NULL for "do not check".
 * NULL with one sentence in @reason when there is no such object. */
MsObjectFile *ms_object_file_open (const char *path, const char *build_id, char **reason);
void ms_object_file_free (MsObjectFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsObjectFile, ms_object_file_free)

/* Lives as long as @self. (transfer none) */
Dwfl_Module *ms_object_file_get_module (MsObjectFile *self);

G_END_DECLS
