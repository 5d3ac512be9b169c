/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One object (program or library) with its symbols, wherever they are.  The object:
 *
 *   the path that the loader had           if its build-id is the recorded one
 *   /usr/lib/.build-id/xx/yyyy             a link to it (Fedora), or its debug file alone
 *   the places of MsDebugPlaces            by build-id, also when the path is gone
 *
 * Its debug file, if the object has no DWARF itself:
 *
 *   the places of MsDebugPlaces            by build-id
 *   .gnu_debuglink of the object           beside it, in .debug/, below each debug folder: with the
 *                                          same build-id, or the checksum that the link tells
 *   .gnu_debugaltlink of that (dwz)        by build-id, then by name; always with its build-id
 *
 * Nothing is fetched from a network.  Addresses are the object's own (as its program headers have
 * them).  Paths come from a trace and are hostile: only regular files are opened.
 */
#pragma once

#include <elfutils/libdwfl.h>
#include <glib.h>

#include "ms-debug-places.h"

G_BEGIN_DECLS

typedef struct _MsObjectFile MsObjectFile;

/* @path: as the trace has it.  @build_id: lower-case hexadecimal, or NULL for "do not check".
 * @witnesses gets every place that was looked at, also when there is no such object: then NULL, with
 * one sentence in @reason.  @places and @witnesses must outlive the result. */
MsObjectFile *ms_object_file_open (const char *path,
                                   const char *build_id,
                                   const MsDebugPlaces *places,
                                   GArray *witnesses,
                                   char **reason);
void ms_object_file_free (MsObjectFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsObjectFile, ms_object_file_free)

/* Lives as long as @self. (transfer none) */
Dwfl_Module *ms_object_file_get_module (MsObjectFile *self);

/* A debug file was found (after the module was asked for its DWARF) that shares parts with others, and
 * that shared file (dwz's) is not here: its name.  NULL: nothing of that kind. */
const char *ms_object_file_get_missing_shared (MsObjectFile *self);

G_END_DECLS
