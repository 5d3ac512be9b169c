/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-growth.h"

static int
compare_growth (gconstpointer a, gconstpointer b)
{
  const MsGrownStack *one = a, *other = b;

  if (one->bytes != other->bytes)
    return one->bytes > other->bytes ? -1 : 1;
  return (one->stack > other->stack) - (one->stack < other->stack);
}

MsGrowth *
ms_growth_new (MsView *view, MsDomain domain)
{
  MsTrace *trace = ms_view_get_trace (view);
  const MsTotals *all = ms_view_get_totals (view, domain);
  MsGrowth *self = g_new0 (MsGrowth, 1);

  self->start_bytes = all->live_bytes_at_start;
  self->end_bytes = all->live_bytes;
  self->stacks = g_array_new (FALSE, FALSE, sizeof (MsGrownStack));
  for (guint stack = 0; stack < ms_trace_get_n_stacks (trace); stack++)
    {
      const MsTotals *totals = ms_view_get_stack_totals (view, stack, domain);
      MsGrownStack grown = { stack, (gint64) (totals->live_bytes - totals->live_bytes_at_start),
                             (gint64) (totals->live_blocks - totals->live_blocks_at_start) };

      if (grown.bytes == 0)
        continue;
      g_array_append_val (self->stacks, grown);
      if (grown.bytes > 0)
        self->n_grown++, self->grown_bytes += grown.bytes;
      else
        self->n_shrunk++, self->shrunk_bytes += grown.bytes;
    }
  g_array_sort (self->stacks, compare_growth);
  return self;
}

void
ms_growth_free (MsGrowth *self)
{
  g_array_unref (self->stacks);
  g_free (self);
}
