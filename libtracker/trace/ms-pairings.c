/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Who frees whose blocks: the sums of each two threads. */
#include "ms-accounting.h"

static MsPairing *
find_pairing (MsAccounting *self, MsTally *owner, guint32 thread)
{
  guint64 key = ((guint64) owner->thread * MS_N_DOMAINS + owner->domain) << 32 | thread;
  guint32 number = ms_key_map_get (&self->pairing_numbers, key);

  if (number == MS_KEY_MAP_NONE)
    {
      MsPairing fresh = { .owner = owner, .thread = thread };

      number = self->pairings->len;
      g_array_append_val (self->pairings, fresh);
      ms_key_map_insert (&self->pairing_numbers, key, number);
    }
  return &g_array_index (self->pairings, MsPairing, number);
}

void
ms_accounting_pairing (MsAccounting *self,
                       MsTally *owner,
                       guint32 thread,
                       guint n_frees,
                       guint64 bytes)
{
  MsPairing *pairing = find_pairing (self, owner, thread);

  pairing->frees += n_frees;
  pairing->bytes += bytes;
}

void
ms_accounting_add_pairing (MsAccounting *self, const MsPairing *more)
{
  MsPairing *pairing = find_pairing (self, more->owner, more->thread);

  pairing->frees += more->frees;
  pairing->bytes += more->bytes;
  ms_variance_add (&pairing->variance, more->variance);
}

void
ms_accounting_count_pairing (MsAccounting *self, MsTally *owner, const MsMatched *event)
{
  MsPairing *pairing = find_pairing (self, owner, event->thread);

  pairing->frees += event->weight;
  pairing->bytes += event->bytes;
  if (G_UNLIKELY (event->flags & MS_MATCHED_SAMPLED))
    ms_variance_add (&pairing->variance, ms_variance_of (event->weight, (double) event->bytes));
}
