/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Bytes that the threads of a running process have moved over sockets, as they count them themselves in the
 * lanes of memscope_pool.bin (docs/FORMAT.md, "The pool file"):
 *
 *   [pool header][lane 0: tid 17, received, sent][lane 1: tid 18, …]…
 *
 * A lane that changes hands while it is read may show one thread's number with the other's counters; the
 * sample after it shows a counter that ran backwards, which forms no rate.  The pool is the traced
 * program's: it is read with pread, so that a file that was cut short is only short.  For one thread.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MsLaneCounters MsLaneCounters;

/* Of the trace folder @dir_fd, which need not stay open. (transfer full) */
MsLaneCounters *ms_lane_counters_new (int dir_fd);
void ms_lane_counters_free (MsLaneCounters *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsLaneCounters, ms_lane_counters_free)

/* One reading of all lanes. */
void ms_lane_counters_read (MsLaneCounters *self);

/* Of the last reading.  FALSE: the thread has no lane, or this process counts no bytes. */
gboolean ms_lane_counters_find (const MsLaneCounters *self,
                                gint32 tid,
                                guint64 *received,
                                guint64 *sent);

G_END_DECLS
