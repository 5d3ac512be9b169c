/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-kept-set.h"

#include <stdatomic.h>
#include <stddef.h>

#include "trk-system.h"

/* --- aligned addresses of this process: bits ---------------------------------------------------- */

#define GRAIN_BITS 3U
#define LEAF_BITS 18U
#define BRANCH_BITS 13U
#define ROOT_BITS 13U
#define ADDRESS_BITS (GRAIN_BITS + LEAF_BITS + BRANCH_BITS + ROOT_BITS)

typedef struct {
  _Atomic uint64_t words[(1U << LEAF_BITS) / 64];
} Leaf;

typedef struct {
  _Atomic (Leaf *) leaves[1U << BRANCH_BITS];
} Branch;

static _Atomic (Branch *) roots[2][1U << ROOT_BITS]; /* of the heap, of declared blocks */

static inline _Atomic (Branch *) *
root_entry (uint64_t address)
{
  return &roots[address >> 63]
               [(address & ~TRK_KEPT_DECLARED) >> (GRAIN_BITS + LEAF_BITS + BRANCH_BITS)];
}

static inline uint32_t
branch_index (uint64_t address)
{
  return (uint32_t) (address >> (GRAIN_BITS + LEAF_BITS)) & ((1U << BRANCH_BITS) - 1);
}

static inline uint32_t
word_index (uint64_t address)
{
  return (uint32_t) (address >> (GRAIN_BITS + 6)) & ((1U << (LEAF_BITS - 6)) - 1);
}

static inline uint64_t
bit_of (uint64_t address)
{
  return (uint64_t) 1 << (address >> GRAIN_BITS & 63);
}

static inline bool
is_bit (uint64_t address)
{
  return (address & ((1U << GRAIN_BITS) - 1)) == 0
         && (address & ~TRK_KEPT_DECLARED) >> ADDRESS_BITS == 0;
}

/* What is at *@place, made if nothing is.  Of two threads that make it at once one wins. */
#define GET_OR_MAKE(place, type) \
  ({ \
    type *part = atomic_load_explicit (place, memory_order_acquire), *made; \
    if (__builtin_expect (part == NULL, 0) && (made = trk_system_map_anonymous (sizeof (type)))) \
      { \
        if (atomic_compare_exchange_strong (place, &part, made)) \
          part = made; \
        else \
          trk_system_unmap (made, sizeof (type)); \
      } \
    part; \
  })

static bool
set_bit (uint64_t address)
{
  Branch *branch = GET_OR_MAKE (root_entry (address), Branch);
  Leaf *leaf = branch ? GET_OR_MAKE (&branch->leaves[branch_index (address)], Leaf) : NULL;

  if (!leaf)
    return false;
  atomic_fetch_or_explicit (&leaf->words[word_index (address)], bit_of (address),
                            memory_order_relaxed);
  return true;
}

static bool
clear_bit (uint64_t address)
{
  Branch *branch = atomic_load_explicit (root_entry (address), memory_order_acquire);
  Leaf *leaf;
  _Atomic uint64_t *word;

  if (!branch
      || !(leaf = atomic_load_explicit (&branch->leaves[branch_index (address)],
                                        memory_order_acquire)))
    return false;
  word = &leaf->words[word_index (address)];
  /* Read first: most frees are of blocks that were not kept, and a store would take the line away from
   * the other cores. */
  if (!(atomic_load_explicit (word, memory_order_relaxed) & bit_of (address)))
    return false;
  return atomic_fetch_and_explicit (word, ~bit_of (address), memory_order_relaxed)
         & bit_of (address);
}

/* --- all others: a hash table ------------------------------------------------------------------- */

#define BUCKET_BITS 16U
#define N_BUCKETS (1U << BUCKET_BITS)
#define SLOTS 7U
#define REACH 4U

typedef struct {
  _Atomic uint64_t slots[SLOTS];
  _Atomic uint64_t overflowed;
} Bucket;

typedef struct {
  Bucket buckets[N_BUCKETS];
} Table;

static _Atomic (Table *) table;

static uint32_t
first_bucket (uint64_t address)
{
  return (uint32_t) ((address ^ address >> 40) * 0x9E3779B97F4A7C15ULL >> (64 - BUCKET_BITS));
}

static bool
insert (Table *self, uint64_t address)
{
  uint32_t first = first_bucket (address);

  for (uint32_t reach = 0; reach < REACH; reach++)
    {
      Bucket *bucket = &self->buckets[(first + reach) % N_BUCKETS];

      for (unsigned i = 0; i < SLOTS; i++)
        {
          uint64_t empty = 0;
          if (atomic_load_explicit (&bucket->slots[i], memory_order_relaxed) == 0
              && atomic_compare_exchange_strong (&bucket->slots[i], &empty, address))
            return true;
        }
      atomic_store_explicit (&bucket->overflowed, 1, memory_order_release);
    }
  return false;
}

static bool
take_out (Table *self, uint64_t address)
{
  uint32_t first = first_bucket (address);

  for (uint32_t reach = 0; reach < REACH; reach++)
    {
      Bucket *bucket = &self->buckets[(first + reach) % N_BUCKETS];

      for (unsigned i = 0; i < SLOTS; i++)
        if (atomic_load_explicit (&bucket->slots[i], memory_order_relaxed) == address)
          {
            atomic_store_explicit (&bucket->slots[i], 0, memory_order_release);
            return true;
          }
      if (!atomic_load_explicit (&bucket->overflowed, memory_order_acquire))
        return false;
    }
  return false;
}

/* ------------------------------------------------------------------------------------------------ */

bool
trk_kept_set_add (uint64_t address)
{
  Table *others;

  if (is_bit (address))
    return set_bit (address);
  others = GET_OR_MAKE (&table, Table);
  return others && insert (others, address);
}

bool
trk_kept_set_remove (uint64_t address)
{
  Table *others;

  if (is_bit (address))
    return clear_bit (address);
  others = atomic_load_explicit (&table, memory_order_acquire);
  return others && take_out (others, address);
}
