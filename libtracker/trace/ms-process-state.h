/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whether the traced process still runs, and how it ended.  A pid alone says nothing: it is reused,
 * and means another process after a reboot or in a container.
 */
#pragma once

#include "ms-block-index.h"
#include "ms-manifest.h"

G_BEGIN_DECLS

/* TRUE only if pid, start time, boot and pid namespace are all those of the living process. */
gboolean ms_process_is_alive (gint pid,
                              guint64 start_ticks,
                              const char *boot_id,
                              guint64 pid_namespace);

/* TRUE if @boot_id is this machine's present boot. */
gboolean ms_boot_is_current (const char *boot_id);

/* @exit_status: as ms_trace_get_exit_status(). */
MsState ms_process_state (const MsManifest *manifest, const MsBlockIndex *index, gint *exit_status);

G_END_DECLS
