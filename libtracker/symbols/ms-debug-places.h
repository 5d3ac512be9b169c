/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where debug files may lie, for all objects of one symbolizer:
 *
 *   folders that the caller gives, then /usr/lib/debug    <folder>/.build-id/xx/yyyy.debug
 *   what a debuginfod client has fetched before           <folder>/<build-id>/debuginfo
 *
 * In a Flatpak all of them are the sandbox's.  The host's files are below /run/host if the person has granted
 * them (--filesystem=host-os), and an object is looked for there first: that of the same path in the sandbox
 * is the runtime's.
 *
 * The second is DEBUGINFOD_CACHE_PATH or $XDG_CACHE_HOME/debuginfod_client; reading it uses no network.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MsDebugPlaces MsDebugPlaces;

/* @folders: (nullable) absolute paths, NULL at the end; others are ignored. */
MsDebugPlaces *ms_debug_places_new (const char *const *folders);
void ms_debug_places_free (MsDebugPlaces *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsDebugPlaces, ms_debug_places_free)

/* Those of the caller and the system's, in the order in which they are asked. */
const char *const *ms_debug_places_get_folders (const MsDebugPlaces *self);

/* Whether @text may become a part of a path: 4 to 128 hexadecimal digits. */
gboolean ms_debug_places_is_build_id (const char *text);

/* Where the file lies that is @path to programs of the host; NULL: we are on the host, or it has granted
 * nothing. (transfer full) */
char *ms_debug_places_dup_host_path (const char *path);

/* Whether we are in a sandbox, from which only granted files are seen. */
gboolean ms_debug_places_is_sandbox (void);

/* The paths at which the debug file with @build_id may be, and, with @or_object, the object itself.
 * (transfer full) (element-type utf8) */
GPtrArray *ms_debug_places_by_build_id (const MsDebugPlaces *self,
                                        const char *build_id,
                                        gboolean or_object);

G_END_DECLS
