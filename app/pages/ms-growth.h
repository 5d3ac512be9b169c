/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What grew in a stretch of time: of each call stack, what is live at its end minus what was live at its
 * start.
 *
 *   live memory      12.3 MB → 45.1 MB      + 32.8 MB
 *   decode_batch (queue.c:118)              + 30.1 MB    + 1 204 blocks
 *   …
 */
#pragma once

#include "ms-view.h"

G_BEGIN_DECLS

typedef struct {
  guint stack;
  gint64 bytes, blocks; /* at the end minus at the start */
} MsGrownStack;

typedef struct {
  guint64 start_bytes, end_bytes; /* live in all */
  GArray *stacks;                 /* of MsGrownStack: those that changed, most grown first */
  guint n_grown, n_shrunk;
  gint64 grown_bytes, shrunk_bytes; /* sums; the second is below 0 */
} MsGrowth;

/* Of a view of a range.  A scan: for a worker. */
MsGrowth *ms_growth_new (MsView *view, MsDomain domain);
void ms_growth_free (MsGrowth *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsGrowth, ms_growth_free)

G_END_DECLS
