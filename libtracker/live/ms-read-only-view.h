/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A folder as it is, through a mount of its own that nobody can write to.
 *
 * A descriptor that was opened for reading is no obstacle for who got it: /proc/self/fd/N opens the same file
 * again, for writing, and a sandbox that has been given nothing but descriptors can do so, too.  Not where the
 * file was opened through a read-only mount.  Making one takes a user namespace, which a process with threads
 * cannot enter: a child does it, sends the mount, and ends.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A descriptor of the folder at @path, which is @dir_fd, or −1: the system does not let us. */
int ms_read_only_view_open (const char *path, int dir_fd);
gboolean ms_read_only_view_is_same_file (int a, int b);

G_END_DECLS
