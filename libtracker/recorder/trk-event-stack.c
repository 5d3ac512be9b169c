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
  set[0] = (TrkStackCacheEntry) { .hash = hash, .answer.id = id };
  return &set[0];
}

/* The entry of the stack in self->frames, made if it is new to the thread. */
static TrkStackCacheEntry *
identify (TrkThread *self, uint32_t depth, bool truncated)
{
  uint64_t hash =
      trk_stacks_hash (self->frames, depth, truncated,
                       atomic_load_explicit (&trk_process.generation, memory_order_relaxed));
  TrkStackCacheEntry *entry = find_cached (self, hash);

  if (TRK_UNLIKELY (!entry))
    entry =
        replace_cached (self, hash, depth ? trk_stacks_intern (self, hash, depth, truncated) : 0);
  /* It could not be defined: in the next block perhaps it can. */
  else if (TRK_UNLIKELY (entry->answer.id == 0 && depth
                         && entry->answer.block != self->block_serial))
    entry->answer.id = trk_stacks_intern (self, hash, depth, truncated);
  return entry;
}

uint32_t
trk_event_stack_given (TrkThread *self, uint32_t depth, bool truncated)
{
  return trk_event_stack_localize (self, &identify (self, depth, truncated)->answer);
}

uint32_t
trk_event_stack_capture_anew (TrkThread *self, const TrkUnwindStart *start)
{
  TrkReplayLeaf *leaf;
  TrkStackCacheEntry *stack;
  bool truncated;
  uint32_t depth, local;

  if (self->stack_depth == 0)
    return trk_event_stack_given (self, 0, false);
  depth = trk_replay_unwind (&self->walk, start, self->frames, self->stack_depth, &truncated);
  stack = identify (self, depth, truncated);
  local = trk_event_stack_localize (self, &stack->answer);
  if (stack->answer.id && (leaf = trk_replay_store (&self->replay, &self->walk, start)))
    leaf->answer = stack->answer;
  return local;
}

uint32_t
trk_event_stack_identify (TrkThread *self, const TrkUnwindStart *start)
{
  bool truncated;
  uint32_t depth;

  if (self->stack_depth == 0)
    return 0;
  depth = trk_unwind (start, self->frames, self->stack_depth, &truncated);
  return identify (self, depth, truncated)->answer.id;
}
