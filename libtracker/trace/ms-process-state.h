/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whether the traced process still runs, and how it ended.  A pid alone says nothing: it is reused,
 * and means another process after a reboot or in a container.  From inside of a sandbox processes outside of it
 * cannot be seen, which does not say that they are gone.
 */
#pragma once

#include "ms-block-index.h"
#include "ms-manifest.h"

G_BEGIN_DECLS

/* MS_STATE_RUNNING only if pid, start time, boot and pid namespace are all those of a living process: one of this
 * namespace, or of one below it, as a container's are from the host.  MS_STATE_KILLED: there is none.
 * MS_STATE_UNKNOWN: it cannot be seen from here. */
MsState ms_process_look (const MsManifest *manifest);

/* TRUE if @boot_id is this machine's present boot. */
gboolean ms_boot_is_current (const char *boot_id);

/* More may come: it is not known to have ended. */
#define ms_state_may_go_on(state) ((state) == MS_STATE_RUNNING || (state) == MS_STATE_UNKNOWN)

/* @exit_status: as ms_trace_get_exit_status(). */
MsState ms_process_state (const MsManifest *manifest, const MsBlockIndex *index, gint *exit_status);

G_END_DECLS
