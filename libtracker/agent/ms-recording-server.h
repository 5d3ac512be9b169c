/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Shows the processes of a recording that somebody else writes and closes: in the registry, and on the session
 * bus.  What `memscope record` leaves behind for those who outlive its program cannot do so itself, as GDBus does
 * not live through fork (2).  It takes no lock, writes nothing, and may be killed at any time.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @recording: from the root.  The signals of ms_watch_get_signals() must be blocked; one of them ends it.
 * Returns when no process is left. */
gboolean ms_recording_server_run (const char *recording, GError **error);

G_END_DECLS
