/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which programs are being recorded just now, for whoever wants to watch one, with or without a session bus:
 *
 *   $XDG_RUNTIME_DIR/memscope/     0700, of this user; else /run/user/UID/memscope, else /tmp/memscope-UID
 *     p<PID>-<START>-<NS>-<BOOT>   a symbolic link to the trace folder; START: ticks from boot to its start; NS: inode
 *                                  of the pid namespace in which that is its number; BOOT: the boot's id
 *
 * The agent of a recording makes the link when it has found the process, and removes it when the process has
 * ended.  A link whose process is gone (an agent was killed) is nobody's: whoever lists removes it, if the number is
 * one of its own namespace.  A container or a sandbox may share the folder: what runs in there is not for us to judge,
 * and a process that has its number here is another.  Nothing is read through a link here, and its target may be
 * anything: a reader opens it as hostile as any folder.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  gint pid;
  guint64 start_ticks;
  char *folder; /* path of the trace folder, from the root */
} MsRegistryEntry;

void ms_registry_entry_free (MsRegistryEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsRegistryEntry, ms_registry_entry_free)

/* Where the links are.  FALSE of @make: NULL without an error if there is no such folder.  NULL with G_IO_ERROR if
 * it cannot be made, or is another user's, or others may write to it. (transfer full) */
char *ms_registry_get_folder (gboolean make, GError **error);

/* @pid: in this pid namespace. @folder: from the root.  In place of a link of the same process. */
gboolean ms_registry_add (gint pid, guint64 start_ticks, const char *folder, GError **error);
/* Nothing happens if there is none. */
void ms_registry_remove (gint pid, guint64 start_ticks);

/* Those that run in this pid namespace, by pid. (transfer full) (element-type MsRegistryEntry) */
GPtrArray *ms_registry_list (GError **error);

G_END_DECLS
