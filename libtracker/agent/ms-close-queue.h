/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Closes folders one after the other in a thread of its own, at low priority, while the recorded
 * program goes on and signals are passed on without delay.
 *
 *   ms_close_queue_push (folder, how it ended)  ─▶  worker: ms_closer_close()
 *   ms_close_queue_pop ()                       ◀─  its summary, or why it could not be closed
 */
#pragma once

#include "ms-closer.h"

G_BEGIN_DECLS

typedef struct {
  char *folder; /* full path */
  MsProcessEnd end;
  MsTraceSummary *summary; /* NULL: see error */
  GError *error;
} MsCloseJob;

void ms_close_job_free (MsCloseJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsCloseJob, ms_close_job_free)

typedef struct _MsCloseQueue MsCloseQueue;

MsCloseQueue *ms_close_queue_new (void);
/* Finishes what is waiting first; what was not popped is dropped. */
void ms_close_queue_free (MsCloseQueue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsCloseQueue, ms_close_queue_free)

void ms_close_queue_push (MsCloseQueue *self, const char *folder, const MsProcessEnd *end);

/* A finished job, or NULL if there is none now. (transfer full) */
MsCloseJob *ms_close_queue_pop (MsCloseQueue *self);

/* Blocks until all that was pushed is finished, and ends the thread: after this the process has one
 * thread again and may fork.  A later push starts another. */
void ms_close_queue_finish (MsCloseQueue *self);

G_END_DECLS
