/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How a process ended that is not our child: its parent waits for it, we only hold a pidfd.
 *
 * While it is a zombie, /proc/<pid>/stat has the status (field 52); once its parent has collected
 * it, Linux 6.15 and later still answer PIDFD_GET_INFO.  Older kernels have forgotten, and then only
 * the traced process itself can have said how it ended.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* -1 with errno.  The descriptor is closed by exec. */
int ms_pidfd_open (gint pid);

/* TRUE: *@wait_status is as waitpid (2) would have had it.  @pidfd may be -1. */
gboolean ms_exit_status_read (int pidfd, gint pid, int *wait_status);

G_END_DECLS
