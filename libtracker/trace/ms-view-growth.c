/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Chains of reallocs in a range; see ms-growth.h.  A chain is broken where its block is not a chosen one. */
#include "ms-growth.h"
#include "ms-view-private.h"

static void
take (const MsView *self, const MsStretch *stretch, const guint8 *marks, MsGrowth *growth)
{
  const MsHistoryColumns *columns = &stretch->columns;
  const MsHistorySite *sites = ms_history_get_sites (self->history);
  guint32 n_sites = ms_history_get_n_sites (self->history), n_reallocs = 0;
  guint64 block = columns->first_block;

  for (guint32 i = 0; i < stretch->to; i++)
    {
      guint32 word = columns->sizes[i], site = ms_view_site_of (columns, i, n_sites), realloc;
      MsRealloc call = { 0 };

      if (word & MS_HISTORY_FREE)
        continue;
      block++;
      if (!(word & MS_HISTORY_FLAG))
        continue;
      realloc = n_reallocs++;
      if (realloc >= columns->n_reallocs)
        return;
      if (i < stretch->from || !marks[site] || columns->old_blocks[realloc] == MS_HISTORY_NO_BLOCK)
        continue;
      ms_growth_begin (growth, &call, columns->old_blocks[realloc], columns->old_bytes[realloc],
                       TRUE);
      ms_growth_end (growth, &call, block - 1, ms_history_requested (self->history, columns, i),
                     sites[site].stack);
    }
}

void
ms_view_scan_growth (MsView *self, MsDomain domain)
{
  MsViewDomain *of_domain = &self->domains[domain];
  guint n = ms_history_count_pieces (self->history, self->first, self->end);
  g_autofree guint8 *marks = ms_view_mark_sites (self, domain, NULL);
  MsGrowth growth[MS_N_DOMAINS];
  MsStretch stretch;

  ms_growth_init (growth);
  for (guint i = 0; i < n && domain != MS_DOMAIN_MAPPING; i++)
    {
      ms_history_get_stretch (self->history, self->first, self->end, i, &stretch);
      if (stretch.columns.n_reallocs > 0)
        take (self, &stretch, marks, &growth[domain]);
    }
  ms_growth_finish (&growth[domain]);
  g_array_sort (growth[domain].chains, ms_growth_compare);
  of_domain->n_growth = growth[domain].chains->len;
  of_domain->growth = g_new0 (MsGrowthChains, of_domain->n_growth + 1);
  for (guint i = 0; i < of_domain->n_growth; i++)
    of_domain->growth[i] = g_array_index (growth[domain].chains, MsGrowthChains, i);
  ms_growth_clear (growth);
}
