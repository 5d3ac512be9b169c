/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-stacks.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "trk-modules.h"
#include "trk-process.h"
#include "trk-stream.h"
#include "trk-system.h"

#define FIRST_TABLE_BITS 12U
#define MAX_TABLES 12U /* 2^12 … 2^23 entries */
#define PROBES 16U

typedef struct {
  _Atomic uint64_t hash; /* 0: empty */
  _Atomic uint32_t id;   /* 0: being written */
  uint32_t reserved;
} StackEntry;

static struct {
  _Atomic (StackEntry *) tables[MAX_TABLES];
  _Atomic uint32_t last_id;
} stacks;

uint64_t
trk_stacks_hash (const uint64_t *frames, uint32_t depth, bool truncated, uint32_t generation)
{
  /* Multiplied: else the frame 9 bytes further on would be the same stack nine generations later. */
  uint64_t a = (0x9E3779B97F4A7C15ULL + generation) * 0xff51afd7ed558ccdULL;
  uint64_t b = (0xD6E8FEB86659FD93ULL + (depth << 1 | truncated)) * 0xc4ceb9fe1a85ec53ULL;

  /* Two chains, so that the multiplications of neighbours overlap. */
  for (uint32_t i = 0; i + 1 < depth; i += 2)
    {
      a = (a ^ frames[i]) * 0xff51afd7ed558ccdULL;
      b = (b ^ frames[i + 1]) * 0xc4ceb9fe1a85ec53ULL;
      a ^= a >> 32;
      b ^= b >> 29;
    }
  if (depth % 2)
    a = (a ^ frames[depth - 1]) * 0xff51afd7ed558ccdULL;
  a ^= (b ^ b >> 31) * 0x9FB21C651E98DF25ULL;
  a ^= a >> 33;
  return a ? a : 1;
}

static StackEntry *
get_table (unsigned level)
{
  StackEntry *table = atomic_load_explicit (&stacks.tables[level], memory_order_acquire), *fresh;
  size_t n_bytes = sizeof (StackEntry) << (FIRST_TABLE_BITS + level);

  if (table)
    return table;
  fresh = trk_system_map_anonymous (n_bytes);
  if (!fresh)
    return NULL;
  if (atomic_compare_exchange_strong (&stacks.tables[level], &table, fresh))
    return fresh;
  trk_system_unmap (fresh, n_bytes);
  return table;
}

/* Another thread has claimed the entry and is about to give its id: a few stores away, unless a
 * signal or the scheduler holds it; we do not wait for that. */
static uint32_t
read_id (StackEntry *entry)
{
  for (unsigned i = 0; i < 64; i++)
    {
      uint32_t id = atomic_load_explicit (&entry->id, memory_order_acquire);
      if (id)
        return id;
    }
  return 0;
}

/* The program did not call our thread trampoline: its frame, next to the outermost, is left out. */
static uint32_t
leave_out_own_frames (uint64_t *frames, uint32_t depth)
{
  uint32_t first = depth > 3 ? depth - 3 : 0, kept = first;

  for (uint32_t i = first; i < depth; i++)
    if (!trk_modules_is_own (frames[i]))
      frames[kept++] = frames[i];
  return kept;
}

/* 0: the definition could not be kept. */
static uint32_t
define (TrkThread *self, uint32_t depth, bool truncated)
{
  uint32_t id = atomic_fetch_add (&stacks.last_id, 1) + 1;
  uint32_t generation = atomic_load (&trk_process.generation);

  if (!trk_process_begin_calls ())
    return 0;
  depth = leave_out_own_frames (self->frames, depth);
  trk_modules_note_stack (self, self->frames, depth, generation);
  if (!trk_stream_define_stack (self, id, generation, self->frames, depth, truncated))
    id = 0;
  trk_process_end_calls ();
  return id;
}

/* The id of an entry that has this stack, claimed by us or by another thread. */
static uint32_t
get_id (StackEntry *entry, TrkThread *self, uint32_t depth, bool truncated, bool is_ours)
{
  uint32_t id = is_ours ? 0 : read_id (entry), none = 0;

  if (id)
    return id;
  id = define (self, depth, truncated);
  /* Ours, or one whose definition its claimer could not keep. */
  if (id)
    atomic_compare_exchange_strong (&entry->id, &none, id);
  return id;
}

uint32_t
trk_stacks_intern (TrkThread *self, uint64_t hash, uint32_t depth, bool truncated)
{
  for (unsigned level = 0; level < MAX_TABLES; level++)
    {
      uint64_t mask = ((uint64_t) 1 << (FIRST_TABLE_BITS + level)) - 1;
      StackEntry *table = get_table (level);

      if (!table)
        return 0;
      for (unsigned probe = 0; probe < PROBES; probe++)
        {
          StackEntry *entry = &table[(hash + probe) & mask];
          uint64_t found = atomic_load_explicit (&entry->hash, memory_order_acquire);

          if (found == 0 && atomic_compare_exchange_strong (&entry->hash, &found, hash))
            return get_id (entry, self, depth, truncated, true);
          if (found == hash)
            return get_id (entry, self, depth, truncated, false);
        }
    }
  return 0;
}

void
trk_stacks_reset (void)
{
  for (unsigned level = 0; level < MAX_TABLES; level++)
    {
      StackEntry *table = atomic_load (&stacks.tables[level]);
      if (table)
        madvise (table, sizeof (StackEntry) << (FIRST_TABLE_BITS + level), MADV_DONTNEED);
    }
  atomic_store (&stacks.last_id, 0);
}
