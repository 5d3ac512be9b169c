/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-growth.h"

/* One growth is what realloc is for. */
#define MIN_GROWTHS 2

void
ms_growth_init (MsGrowth self[MS_N_DOMAINS])
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      /* The number is the structure's first member. */
      self[d].blocks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
      self[d].chains = g_array_new (FALSE, FALSE, sizeof (MsGrowthChains));
      ms_key_map_init (&self[d].chains_of_stack);
    }
}

void
ms_growth_clear (MsGrowth self[MS_N_DOMAINS])
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      g_hash_table_unref (self[d].blocks);
      g_array_unref (self[d].chains);
      ms_key_map_clear (&self[d].chains_of_stack);
    }
}

static void
count_chain (MsGrowth *self, const MsGrowingBlock *block)
{
  MsGrowthChains *chains;
  guint32 number;

  if (block->growths < MIN_GROWTHS)
    return;
  number = ms_key_map_get (&self->chains_of_stack, block->stack);
  if (number == MS_KEY_MAP_NONE)
    {
      MsGrowthChains fresh = { .stack = block->stack };

      number = self->chains->len;
      g_array_append_val (self->chains, fresh);
      ms_key_map_insert (&self->chains_of_stack, block->stack, number);
    }
  chains = &g_array_index (self->chains, MsGrowthChains, number);
  chains->chains++;
  chains->growths += block->growths;
  chains->longest_chain = MAX (chains->longest_chain, block->growths);
  chains->copied_bytes += block->copied_bytes;
  chains->first_bytes += block->first_bytes;
  chains->final_bytes += block->final_bytes;
}

void
ms_growth_abandon (MsGrowth *self, MsRealloc *call)
{
  call->under_way = FALSE;
  if (call->block == NULL)
    return;
  count_chain (self, call->block);
  g_clear_pointer (&call->block, g_free);
}

static MsGrowingBlock *
take_out (MsGrowth *self, guint64 number)
{
  MsGrowingBlock *block = g_hash_table_lookup (self->blocks, &number);

  if (block != NULL)
    g_hash_table_steal (self->blocks, block);
  return block;
}

void
ms_growth_begin (MsGrowth *self, MsRealloc *call, guint64 number, guint64 bytes, gboolean moved)
{
  ms_growth_abandon (self, call);
  call->under_way = TRUE;
  call->old_bytes = bytes;
  call->block = moved ? take_out (self, number) : NULL;
}

void
ms_growth_end (MsGrowth *self, MsRealloc *call, guint64 number, guint64 bytes, guint32 stack)
{
  MsGrowingBlock *block;

  if (!call->under_way)
    return;
  call->under_way = FALSE;
  block = g_steal_pointer (&call->block);
  if (bytes > call->old_bytes)
    {
      if (block == NULL)
        {
          block = g_new0 (MsGrowingBlock, 1);
          block->first_bytes = call->old_bytes;
        }
      block->growths++;
      block->copied_bytes += call->old_bytes;
      block->final_bytes = bytes;
      block->stack = stack;
    }
  if (block == NULL)
    return;
  block->number = number;
  g_hash_table_add (self->blocks, block);
}

void
ms_growth_free (MsGrowth *self, guint64 number)
{
  g_autofree MsGrowingBlock *block = take_out (self, number);

  if (block != NULL)
    count_chain (self, block);
}

void
ms_growth_finish (MsGrowth *self)
{
  GHashTableIter iter;
  gpointer block;

  g_hash_table_iter_init (&iter, self->blocks);
  while (g_hash_table_iter_next (&iter, &block, NULL))
    count_chain (self, block);
  g_hash_table_remove_all (self->blocks);
}

GArray *
ms_growth_count (const MsGrowth *self, const MsRealloc *calls, gsize step, guint n_calls)
{
  MsGrowth copy = { .chains = g_array_new (FALSE, FALSE, sizeof (MsGrowthChains)) };
  GHashTableIter iter;
  gpointer block;

  ms_key_map_init (&copy.chains_of_stack);
  for (guint i = 0; i < self->chains->len; i++)
    {
      MsGrowthChains chains = g_array_index (self->chains, MsGrowthChains, i);

      g_array_append_val (copy.chains, chains);
      ms_key_map_insert (&copy.chains_of_stack, chains.stack, i);
    }
  g_hash_table_iter_init (&iter, self->blocks);
  while (g_hash_table_iter_next (&iter, &block, NULL))
    count_chain (&copy, block);
  for (guint i = 0; i < n_calls; i++)
    {
      const MsRealloc *call = (const MsRealloc *) ((const char *) calls + i * step);

      if (call->block != NULL)
        count_chain (&copy, call->block);
    }
  ms_key_map_clear (&copy.chains_of_stack);
  return copy.chains;
}

int
ms_growth_compare (gconstpointer a, gconstpointer b)
{
  const MsGrowthChains *x = a, *y = b;

  if (x->copied_bytes != y->copied_bytes)
    return x->copied_bytes > y->copied_bytes ? -1 : 1;
  return x->stack < y->stack ? -1 : x->stack > y->stack;
}
