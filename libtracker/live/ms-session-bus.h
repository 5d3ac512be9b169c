/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the user's session bus is, and what our names on it look like. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MS_TRACKER_NAMESPACE "org.memscope.Process"
#define MS_TRACKER_PATH "/org/memscope/Tracker1"
#define MS_TRACKER_INTERFACE "org.memscope.Tracker1"

/* NULL: there is none.  Unlike g_bus_get(), nothing is started to have one. (transfer full) */
char *ms_session_bus_dup_address (void);

/* "org.memscope.Process.p12" (transfer full) */
char *ms_tracker_name_of_pid (guint pid);
/* 0: no name of that kind. */
guint ms_tracker_pid_of_name (const char *name);

G_END_DECLS
