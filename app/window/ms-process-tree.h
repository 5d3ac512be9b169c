/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The processes of a recording as a tree, each after the one that started it:
 *
 *   make 100                     of several programs that one process ran, one after the other, the last
 *     sh 101                     before a child's start is its parent
 *       cc1 102
 *     sh 103
 */
#pragma once

#include "ms-recording.h"

G_BEGIN_DECLS

typedef struct {
  guint process; /* its index in the recording */
  guint depth;
} MsProcessNode;

/* (transfer full) (element-type MsProcessNode) */
GArray *ms_process_tree_new (MsRecording *recording);

/* Live bytes of a process over its life in @n_bins equal stretches.  Reads a summary, or a trace that is soon read;
 * FALSE: that would take long, or cannot be.  Blocks: call it on a worker. */
gboolean ms_process_load_curve (const MsProcess *process,
                                guint n_bins,
                                guint64 *bins,
                                GCancellable *cancellable);

G_END_DECLS
