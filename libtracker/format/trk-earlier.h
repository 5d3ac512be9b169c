/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a block in a ring says first, of all that its thread did before it: the blocks before may be gone.
 *
 *   v age   v parent thread id + 1 or 0   v start routine   v flags   then for the heap and for what was
 *   declared:   v allocations   v bytes   v deallocations
 *
 * The counts are sums from the thread's beginning, so that the oldest block that is left tells exactly what
 * went before it, whatever is missing.
 */
#pragma once

#include <stdbool.h>

#include "trk-format.h"
#include "trk-varint.h"

#define TRK_EARLIER_MAX_BYTES ((4 + 3 * TRK_N_COUNTED_DOMAINS) * TRK_VARINT_MAX_BYTES)
#define TRK_EARLIER_TRACKED 1U /* flags: the thread's heap is recorded */

typedef struct {
  uint64_t age_ticks; /* of the thread, at the block's first tick */
  bool has_parent;
  uint32_t parent_thread_id;
  uint64_t start_routine;
  bool tracked;
  TrkCounts
      counts[TRK_N_COUNTED_DOMAINS]; /* calls that returned; what sampling did not keep, too */
} TrkEarlier;

static inline uint8_t *
trk_earlier_put (const TrkEarlier *self, uint8_t *p)
{
  p = trk_varint_put (p, self->age_ticks);
  p = trk_varint_put (p, self->has_parent ? (uint64_t) self->parent_thread_id + 1 : 0);
  p = trk_varint_put (p, self->start_routine);
  p = trk_varint_put (p, self->tracked ? TRK_EARLIER_TRACKED : 0);
  for (unsigned d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    {
      p = trk_varint_put (p, self->counts[d].allocations);
      p = trk_varint_put (p, self->counts[d].allocated_bytes);
      p = trk_varint_put (p, self->counts[d].deallocations);
    }
  return p;
}

/* False: there are fewer fields than that. */
static inline bool
trk_earlier_get (TrkEarlier *self, const char *bytes, uint32_t n_bytes)
{
  const uint8_t *p = (const uint8_t *) bytes, *end = p + n_bytes;
  uint64_t f[4 + 3 * TRK_N_COUNTED_DOMAINS];

  for (unsigned i = 0; i < sizeof f / sizeof f[0]; i++)
    if (!(p = trk_varint_get (p, end, &f[i])))
      return false;
  *self = (TrkEarlier) {
    .age_ticks = f[0],
    .has_parent = f[1] != 0,
    .parent_thread_id = f[1] ? (uint32_t) (f[1] - 1) : 0,
    .start_routine = f[2],
    .tracked = (f[3] & TRK_EARLIER_TRACKED) != 0,
  };
  for (unsigned d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    self->counts[d] = (TrkCounts) { f[4 + 3 * d], f[5 + 3 * d], f[6 + 3 * d] };
  return true;
}
