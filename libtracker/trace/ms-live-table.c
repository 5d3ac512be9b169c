/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-live-table.h"

#include <string.h>

#include "ms-large-memory.h"

#define FIRST_LOG2_SLOTS 10
#define FIRST_BLOCKS 512

/* Few neighbours are few surprises for the processor, as long as memory is no concern. */
#define LARGE_LOG2_SLOTS 22

static guint64
max_used (guint log2_slots)
{
  return ((guint64) 1 << log2_slots) / 8 * (log2_slots < LARGE_LOG2_SLOTS ? 3 : 5);
}

static MsLiveSlot *
slots_new (guint log2_slots)
{
  gsize n_bytes = sizeof (MsLiveSlot) << log2_slots;

  return memset (ms_large_alloc (n_bytes), 0, n_bytes);
}

void
ms_live_table_init (MsLiveTable *self)
{
  *self = (MsLiveTable) { .slots = slots_new (FIRST_LOG2_SLOTS),
                          .blocks = ms_large_alloc (FIRST_BLOCKS * sizeof (MsLiveBlock)),
                          .log2_slots = FIRST_LOG2_SLOTS,
                          .max_used = max_used (FIRST_LOG2_SLOTS),
                          .max_blocks = FIRST_BLOCKS,
                          .first_hole = MS_NO_BLOCK };
}

void
ms_live_table_clear (MsLiveTable *self)
{
  g_clear_pointer (&self->slots, g_aligned_free);
  g_clear_pointer (&self->blocks, g_aligned_free);
}

void
ms_live_table_grow (MsLiveTable *self)
{
  MsLiveSlot *old = self->slots;
  guint64 n_old = ms_live_table_mask (self) + 1;

  self->slots = slots_new (++self->log2_slots);
  self->max_used = max_used (self->log2_slots);
  for (guint64 i = 0; i < n_old; i++)
    if (old[i].address != 0)
      *ms_live_table_slot (self, old[i].address, old[i].hash) = old[i];
  g_aligned_free (old);
}

/* By half: what a program holds at its most is the largest part of what loading it takes. */
void
ms_live_table_grow_blocks (MsLiveTable *self)
{
  guint32 more = self->max_blocks + self->max_blocks / 2;
  MsLiveBlock *blocks = ms_large_alloc (more * sizeof *blocks);

  memcpy (blocks, self->blocks, self->n_blocks * sizeof *blocks);
  g_aligned_free (self->blocks);
  self->blocks = blocks;
  self->max_blocks = more;
}
