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
  return entry;
}

/* The stack's number in the open block. */
static inline uint32_t
localize (TrkThread *self, TrkReplayAnswer *answer)
{
  if (TRK_UNLIKELY (answer->block != self->block_serial))
    {
      answer->local = trk_event_put_stack (&self->encoder, answer->id);
      answer->block = self->block_serial;
    }
  return answer->local;
}

uint32_t
trk_event_stack_given (TrkThread *self, uint32_t depth, bool truncated)
{
  return localize (self, &identify (self, depth, truncated)->answer);
}

static __attribute__ ((noinline)) uint32_t
capture_anew (TrkThread *self, const TrkUnwindStart *start, uint64_t key)
{
  TrkReplayEntry *entry;
  bool truncated;
  uint32_t depth =
      trk_replay_unwind (&self->walk, key, start, self->frames, self->stack_depth, &truncated);
  TrkStackCacheEntry *stack = identify (self, depth, truncated);
  uint32_t local = localize (self, &stack->answer);

  if ((entry = trk_replay_store (&self->replay, &self->walk, start)))
    entry->answer = stack->answer;
  return local;
}

uint32_t
trk_event_stack_capture (TrkThread *self, const TrkUnwindStart *start)
{
  uint32_t generation = atomic_load_explicit (&trk_process.generation, memory_order_relaxed);
  TrkReplayEntry *entry;
  uint64_t key;

  if (TRK_UNLIKELY (self->stack_depth == 0))
    return trk_event_stack_given (self, 0, false);
  if (TRK_UNLIKELY (self->replay.generation != generation))
    trk_replay_clear (&self->replay, generation);
  entry = trk_replay_find (&self->replay, start, &key);
  if (TRK_LIKELY (entry != NULL))
    return localize (self, &entry->answer);
  return capture_anew (self, start, key);
}
