/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes the blocks of running processes into their files, so that their threads need not:
 *
 *   window of memscope_pool.bin, posted  ─▶  memscope_thread_3-77.bin  ─▶  window empty
 *
 * One thread looks at the pools of all processes of a recording: every millisecond while there is
 * something to do, less and less often while there is not.  The processes know that we are there by
 * our pid in their pool's header, and never wait for us (recorder/trk-window.h): a window that we
 * leave posted, because the disk refuses it or because we are stopped or killed, is a block that readers
 * find in the pool and that its thread does without.
 *
 * The pool is read and written, not mapped: whoever truncates it must not end us by SIGBUS.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MsWindowAgent MsWindowAgent;

/* For the trace folders in @recording. (transfer full) */
MsWindowAgent *ms_window_agent_new (const char *recording);

/* Tells the processes that nobody is there, and ends the thread. */
void ms_window_agent_free (MsWindowAgent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsWindowAgent, ms_window_agent_free)

/* @folder, a base name, appeared.  It need not have its pool yet. */
void ms_window_agent_add (MsWindowAgent *self, const char *folder);

/* Its process has ended.  Afterwards nothing in it is touched; this may wait for one write. */
void ms_window_agent_remove (MsWindowAgent *self, const char *folder);

G_END_DECLS
