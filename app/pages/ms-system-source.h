/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the page System says of the focus, found on a worker:
 *
 *   view of all threads ─┬▶ join         what was sampled
 *    (its range)         ├▶ bottlenecks  of the focused thread, else of the process
 *                        ├▶ anomalies    those of the focused thread, else all
 *                        ├▶ split        where the process's memory is, at the end of the range
 *                        └▶ coverage     missed ticks, and what was not to be had
 *
 * A filter of call stacks chooses nothing here but what anomalies of memory are looked for in.
 */
#pragma once

#include "ms-anomalies.h"
#include "ms-bottlenecks.h"
#include "ms-lens.h"
#include "ms-memory-split.h"
#include "ms-resource-coverage.h"
#include "ms-resource-join.h"

G_BEGIN_DECLS

typedef struct {
  MsView *view; /* of all threads; without a filter of stacks */
  gboolean has_thread;
  guint thread;       /* its id */
  guint thread_index; /* in the trace */
  MsResourceJoin *join;
  MsBottleneckReport *bottlenecks;
  GPtrArray *anomalies; /* of MsAnomaly */
  MsMemorySplit split;
  MsResourceCoverage *coverage;
} MsSystemFigures;

/* By what is looked at now; the lens must have a view. */
void ms_system_figures_load_async (MsLens *lens,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* NULL with G_IO_ERROR_CANCELLED, or why there is none. (transfer full) */
MsSystemFigures *ms_system_figures_load_finish (GAsyncResult *result, GError **error);

void ms_system_figures_free (MsSystemFigures *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsSystemFigures, ms_system_figures_free)

G_END_DECLS
