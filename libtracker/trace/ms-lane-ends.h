/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The sums of a ring's threads that ended, from the lanes of memscope_pool.bin (format/trk-lane-ends.h), and which
 * threads are not in them.  After its windows were looked at, whoever counts a ring asks of each thread that was seen:
 *
 *   not in the sums    it counts by its windows, up to where they were then
 *   in the sums        it counts there, however much of it was seen
 *
 * Lanes are read one after the other while threads end.  That does no harm: of a thread that ends meanwhile, its own lane
 * says both things at once, and it has only one.
 */
#pragma once

#include "ms-folder-reader.h"
#include "trk-format.h"

G_BEGIN_DECLS

typedef struct {
  TrkEndedThreads sums;
  GHashTable *uncounted; /* set of ids: GUINT_TO_POINTER () */
} MsLaneEnds;

void ms_lane_ends_init (MsLaneEnds *self);
void ms_lane_ends_clear (MsLaneEnds *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MsLaneEnds, ms_lane_ends_clear)

/* As they are now, of the first @n_lanes. */
void ms_lane_ends_read (MsLaneEnds *self,
                        MsFileReader *reader,
                        const TrkPoolHeader *pool,
                        guint64 n_lanes);

/* Of a thread of which something was seen before that. */
gboolean ms_lane_ends_has_counted (const MsLaneEnds *self, guint32 thread_id);

G_END_DECLS
