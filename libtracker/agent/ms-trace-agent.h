/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The agent of one trace folder, that of a program which records itself:
 *
 *   its process lives       full windows are written, resources sampled
 *   its process ends        the folder is closed, with what the kernel tells of the end
 *   its recording is ended  the folder is closed, and the process is told, which waits for it
 *   we are to end           the folder is left to the process, or to another agent
 *
 * Totals are left to the first reader: counting them takes more memory than an agent is to have.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @folder: from the root. @rate: samples a second, 0: none. @end_fd: readable when we are to end.  Returns when
 * there is nothing left to do.  FALSE: it is no folder of a process that runs here. */
gboolean ms_trace_agent_run (const char *folder, guint rate, int end_fd, GError **error);

G_END_DECLS
