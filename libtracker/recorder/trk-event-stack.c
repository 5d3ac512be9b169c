/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-event-stack.h"

#include <stdatomic.h>

#include "trk-process.h"
#include "trk-stacks.h"

/* Two neighbours per set: the newer first. */
static TrkStackCacheEntry *
find_cached (TrkThread *self, uint64_t hash)
{
  TrkStackCacheEntry *set = &self->stack_cache[hash % TRK_STACK_CACHE_ENTRIES & ~(uint64_t) 1];

  if (set[0].hash == hash)
    return &set[0];
  if (set[1].hash == hash)
    return &set[1];
  return NULL;
}

static TrkStackCacheEntry *
replace_cached (TrkThread *self, uint64_t hash, uint32_t id)
{
  TrkStackCacheEntry *set = &self->stack_cache[hash % TRK_STACK_CACHE_ENTRIES & ~(uint64_t) 1];

  set[1] = set[0];
  set[0] = (TrkStackCacheEntry) { .hash = hash, .id = id };
  return &set[0];
}

uint32_t
trk_event_stack_given (TrkThread *self, uint32_t depth, bool truncated)
{
  uint64_t hash = trk_stacks_hash (self->frames, depth, truncated,
                                   atomic_load_explicit (&trk_process.generation, memory_order_relaxed));
  TrkStackCacheEntry *entry = find_cached (self, hash);

  if (TRK_UNLIKELY (!entry))
    entry = replace_cached (self, hash, depth ? trk_stacks_intern (self, hash, depth, truncated) : 0);
  if (entry->block != self->block_serial)
    {
      entry->local = trk_event_put_stack (&self->encoder, entry->id);
      entry->block = self->block_serial;
    }
  return entry->local;
}

uint32_t
trk_event_stack_capture (TrkThread *self, const TrkUnwindStart *start)
{
  uint32_t wanted = trk_process.config.stack_depth, depth = 0;
  bool truncated = false;

  if (wanted)
    depth = trk_unwind (start, self->frames, wanted, &truncated);
  return trk_event_stack_given (self, depth, truncated);
}
