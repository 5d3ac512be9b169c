/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The agent of a recording whose programs nobody of ours has started (MEMSCOPE_LIVE=1): for the whole tree
 * of processes, each with its folder in the recording, what ms-trace-agent.h is for one.
 *
 *   a folder appears  ─▶  its process is watched, its windows written, its resources sampled
 *   the process ends  ─▶  the folder is closed, and nothing of it kept
 *   none is left      ─▶  a second later we leave
 *
 * It writes no memscope_recording.json: readers find the folders, which are the truth.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @recording: from the root. @rate: samples a second, 0: none.  The signals of ms_watch_get_signals() must be
 * blocked; one of them ends it, and leaves what runs to another agent.  Returns when there is nothing left to
 * do; TRUE at once if the recording has an agent. */
gboolean ms_recording_agent_run (const char *recording, guint rate, GError **error);

G_END_DECLS
