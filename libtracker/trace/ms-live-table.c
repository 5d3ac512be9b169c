/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-live-table.h"

#define FIRST_LOG2_SLOTS 10

void
ms_live_table_init (MsLiveTable *self)
{
  self->slots = g_new0 (MsLiveBlock, (gsize) 1 << FIRST_LOG2_SLOTS);
  self->shift = 64 - FIRST_LOG2_SLOTS;
  self->n_used = 0;
}

void
ms_live_table_clear (MsLiveTable *self)
{
  g_clear_pointer (&self->slots, g_free);
}

void
ms_live_table_grow (MsLiveTable *self)
{
  g_autofree MsLiveBlock *old = self->slots;
  guint64 n_old = ms_live_table_mask (self) + 1;

  self->slots = g_new0 (MsLiveBlock, n_old * 2);
  self->shift--;
  for (guint64 i = 0; i < n_old; i++)
    if (old[i].address != 0)
      *ms_live_table_slot (self, old[i].address) = old[i];
}
