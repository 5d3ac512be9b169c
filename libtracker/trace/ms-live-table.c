/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-live-table.h"

#define FIRST_LOG2_SLOTS 10
#define FIRST_BLOCKS 512

/* Few neighbours are few surprises for the processor, as long as memory is no concern. */
#define LARGE_LOG2_SLOTS 22

static guint64
max_used (guint log2_slots)
{
  return ((guint64) 1 << log2_slots) / 8 * (log2_slots < LARGE_LOG2_SLOTS ? 3 : 5);
}

void
ms_live_table_init (MsLiveTable *self)
{
  *self = (MsLiveTable) { .slots = g_new0 (MsLiveSlot, (gsize) 1 << FIRST_LOG2_SLOTS),
                          .blocks = g_new (MsLiveBlock, FIRST_BLOCKS),
                          .log2_slots = FIRST_LOG2_SLOTS,
                          .max_used = max_used (FIRST_LOG2_SLOTS),
                          .max_blocks = FIRST_BLOCKS,
                          .first_hole = MS_NO_BLOCK };
}

void
ms_live_table_clear (MsLiveTable *self)
{
  g_clear_pointer (&self->slots, g_free);
  g_clear_pointer (&self->blocks, g_free);
}

void
ms_live_table_grow (MsLiveTable *self)
{
  g_autofree MsLiveSlot *old = self->slots;
  guint64 n_old = ms_live_table_mask (self) + 1;

  self->slots = g_new0 (MsLiveSlot, n_old * 2);
  self->log2_slots++;
  self->max_used = max_used (self->log2_slots);
  for (guint64 i = 0; i < n_old; i++)
    if (old[i].address != 0)
      *ms_live_table_slot (self, old[i].address, old[i].hash) = old[i];
}

/* By half: what a program holds at its most is the largest part of what loading it takes. */
void
ms_live_table_grow_blocks (MsLiveTable *self)
{
  self->max_blocks += self->max_blocks / 2;
  self->blocks = g_renew (MsLiveBlock, self->blocks, self->max_blocks);
}
