/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What threads that ended did, in a ring, which forgets their events: each lane has the sums of those that had it.
 *
 *   lane.ends        n, how often was added : 32 │ id + 1 of the thread that has the lane and is not in the sums, or 0
 *   lane.ended[2]    the sums are ended[n & 1]
 *
 *   a thread begins  ends = (n, its id + 1)
 *   it ends          ended[(n + 1) & 1] = ended[n & 1] + its counts, and then   ends = (n + 1, 0)
 *
 * The thread that has the lane is the only one that writes, and one store of a word both adds it and says so: whoever
 * looks finds each thread in the sums or not in them, but never in part, at whatever instruction the process is stopped
 * or killed.  So who knows which threads are not in the sums knows of every other that it is.
 */
#pragma once

#include <stdbool.h>

#include "trk-format.h"

static inline uint64_t
trk_lane_ends_make (uint32_t n_added, bool has_thread, uint32_t thread_id)
{
  return (uint64_t) n_added << 32 | (has_thread ? thread_id + 1 : 0);
}

static inline uint32_t
trk_lane_ends_get_n_added (uint64_t ends)
{
  return (uint32_t) (ends >> 32);
}

/* False: there is none. */
static inline bool
trk_lane_ends_get_thread (uint64_t ends, uint32_t *thread_id)
{
  *thread_id = (uint32_t) ends - 1;
  return (uint32_t) ends != 0;
}

/* Which of the sums counts. */
static inline unsigned
trk_lane_ends_get_place (uint64_t ends)
{
  return trk_lane_ends_get_n_added (ends) & 1;
}
