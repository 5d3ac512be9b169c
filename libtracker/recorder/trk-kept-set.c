/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-kept-set.h"

#include <stdatomic.h>
#include <stddef.h>

#include "trk-system.h"

#define BUCKET_BITS 16U
#define N_BUCKETS (1U << BUCKET_BITS)
#define SLOTS 7U
#define REACH 4U

typedef struct {
  _Atomic uint64_t slots[SLOTS];
  _Atomic uint64_t overflowed;
} Bucket;

static Bucket *buckets;

bool
trk_kept_set_init (void)
{
  if (!buckets)
    buckets = trk_system_map_anonymous (N_BUCKETS * sizeof (Bucket));
  return buckets != NULL;
}

static uint32_t
first_bucket (uint64_t address)
{
  return (uint32_t) ((address >> 4) * 0x9E3779B97F4A7C15ULL >> (64 - BUCKET_BITS));
}

bool
trk_kept_set_add (uint64_t address)
{
  uint32_t first = first_bucket (address);

  for (uint32_t reach = 0; reach < REACH; reach++)
    {
      Bucket *bucket = &buckets[(first + reach) % N_BUCKETS];

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

bool
trk_kept_set_remove (uint64_t address)
{
  uint32_t first = first_bucket (address);

  for (uint32_t reach = 0; reach < REACH; reach++)
    {
      Bucket *bucket = &buckets[(first + reach) % N_BUCKETS];

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
