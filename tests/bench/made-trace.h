/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes a made-up program as the trace folder that the recorder would have left: sealed blocks of the
 * recorder's size, its clock, call stacks when they are met first, a closed manifest, and counts in
 * .freq files.  Streaming: a hundred million events need no more memory than one million.
 */
#pragma once

#include "made-program.h"

typedef struct _MadeTrace MadeTrace;

/* Into the empty folder @folder. */
MadeTrace *made_trace_new (const char *folder, const MadeShape *shape, const MadeProgram *program);
void made_trace_free (MadeTrace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MadeTrace, made_trace_free)

void made_trace_add (MadeTrace *self, const MadeEvent *event);

/* After the last event.  Returns the bytes of events that were written. */
guint64 made_trace_finish (MadeTrace *self, gboolean frequency);
