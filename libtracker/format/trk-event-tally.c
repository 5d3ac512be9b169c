/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-event-tally.h"

#include <stdbool.h>
#include <string.h>

#include "trk-varint.h"

#define N_DOMAINS_SEEN TRK_N_DOMAINS /* what of them is not counted is thrown away */
#define MAX_FIELDS 6U

typedef struct {
  TrkCounts counts[N_DOMAINS_SEEN];
  const uint8_t *payload, *end;
  uint32_t domain;
} Tally;

static void
count_long (Tally *self, unsigned opcode, const uint64_t *f)
{
  TrkCounts *counts = &self->counts[self->domain];

  switch (opcode)
    {
    case TRK_OP_DOMAIN:
      if (f[0] < N_DOMAINS_SEEN)
        self->domain = (uint32_t) f[0];
      break;
    case TRK_OP_ALLOC:
    case TRK_OP_ALLOC_REUSE:
      counts->allocations++;
      counts->allocated_bytes += f[1];
      break;
    case TRK_OP_FREE:
    case TRK_OP_FREE_DISTANCE:
      counts->deallocations++;
      break;
    case TRK_OP_REALLOC:
      counts->allocations++;
      counts->allocated_bytes += f[2];
      counts->deallocations++;
      break;
    case TRK_OP_SKIPPED:
      counts->allocations += f[0];
      counts->allocated_bytes += f[1];
      counts->deallocations += f[2];
      break;
    default:
      break;
    }
}

/* Returns where the next record begins; 0 at the end, or at anything odd. */
static uint32_t
take_long (Tally *self, uint32_t at)
{
  /* Number of varints after each opcode below TRK_OP_EXTENSIBLE. */
  static const uint8_t n_fields[] = { 0, 1, 1, 1, 4, 4, 2, 2, 6, 1, 2, 3, 2, 2, 2 };
  const uint8_t *p = self->payload + trk_committed_bytes (at);
  uint64_t f[MAX_FIELDS];
  unsigned opcode;

  if (p >= self->end || *p == 0)
    return 0;
  opcode = *p++ >> 2;
  if (opcode >= TRK_OP_EXTENSIBLE)
    {
      if (!(p = trk_varint_get (p, self->end, &f[0])) || f[0] > (uint64_t) (self->end - p))
        return 0;
      return (uint32_t) (p + f[0] - self->payload) * 8;
    }
  if (opcode >= sizeof n_fields)
    return 0;
  for (unsigned i = 0; i < n_fields[opcode]; i++)
    if (!(p = trk_varint_get (p, self->end, &f[i])))
      return 0;
  count_long (self, opcode, f);
  return (uint32_t) (p - self->payload) * 8;
}

/* What was counted in registers. */
static void
add (TrkCounts *self, const TrkCounts *more)
{
  self->allocations += more->allocations;
  self->allocated_bytes += more->allocated_bytes;
  self->deallocations += more->deallocations;
}

void
trk_event_tally_add (TrkCounts counts[TRK_N_COUNTED_DOMAINS],
                     TrkEventWidths w,
                     const uint8_t *payload,
                     uint32_t n_bytes)
{
  const uint32_t common = (uint32_t) w.alloc_time + w.alloc_size + w.alloc_stack;
  const uint64_t size_mask = ((uint64_t) 1 << w.alloc_size) - 1;
  Tally self = { .payload = payload, .end = payload + n_bytes };
  TrkCounts compact = { 0, 0, 0 };
  uint32_t at = 0, end = n_bytes * 8;

  while (at < end)
    {
      uint64_t word;

      memcpy (&word, payload + at / 8, sizeof word);
      word >>= at % 8;
      /* Jumps and no table: the processor guesses where the next record begins, and need not wait for it. */
      if ((word & 3) == TRK_KIND_ALLOC_REUSE)
        {
          compact.allocations++;
          compact.allocated_bytes += word >> (2 + w.alloc_time) & size_mask;
          at += 2 + common + w.alloc_distance;
        }
      else if ((word & 3) == TRK_KIND_FREE)
        {
          compact.deallocations++;
          at += 2U + w.free_time + w.free_distance;
        }
      else if ((word & 3) == TRK_KIND_OTHER)
        {
          uint32_t domain = self.domain;

          at = take_long (&self, at);
          if (domain != self.domain)
            {
              add (&self.counts[domain], &compact);
              compact = (TrkCounts) { 0, 0, 0 };
            }
          if (at == 0)
            break;
        }
      else if ((word & 15) == TRK_KIND_ALLOC_DELTA || (word & 15) == TRK_KIND_ALLOC_NEXT)
        {
          compact.allocations++;
          compact.allocated_bytes += word >> (4 + w.alloc_time) & size_mask;
          at += 4 + common + ((word & 15) == TRK_KIND_ALLOC_DELTA ? w.alloc_delta : 0);
        }
      else if ((word & 15) == TRK_KIND_FREE_NEAR)
        {
          compact.deallocations++;
          at += 4U + w.free_time + w.free_near;
        }
      else if ((word & 31) == TRK_KIND_FREE_FAR)
        {
          compact.deallocations++;
          at += 5U + w.free_time + w.free_far;
        }
      else
        {
          at += 5U + TRK_LATE_BITS;
        }
    }
  add (&self.counts[self.domain], &compact);
  for (unsigned d = 0; d < TRK_N_COUNTED_DOMAINS; d++)
    add (&counts[d], &self.counts[d]);
}
