/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-waste.h"

static int
compare_temporary (gconstpointer a, gconstpointer b)
{
  const MsTemporarySite *x = a, *y = b;

  if (x->temporary != y->temporary)
    return x->temporary > y->temporary ? -1 : 1;
  if (x->allocations != y->allocations) /* of the same number, the larger share */
    return x->allocations < y->allocations ? -1 : 1;
  return x->stack < y->stack ? -1 : x->stack > y->stack;
}

GArray *
ms_temporary_sites_new (MsView *view, MsDomain domain, guint most)
{
  GArray *sites = g_array_new (FALSE, FALSE, sizeof (MsTemporarySite));

  for (guint i = 0; i < ms_trace_get_n_stacks (ms_view_get_trace (view)); i++)
    {
      const MsTotals *totals = ms_view_get_stack_totals (view, i, domain);
      MsTemporarySite site = {
        .stack = i,
        .temporary = totals->temporary_allocations,
        .allocations = totals->allocations,
        .temporary_standard_error = totals->standard_errors.temporary_allocations,
        .allocations_standard_error = totals->standard_errors.allocations,
      };

      if (site.temporary == 0)
        continue;
      /* In a range the free may be there and the allocation before it. */
      site.percent = site.allocations > 0
                         ? MIN (100, 100.0 * (double) site.temporary / (double) site.allocations)
                         : 100;
      g_array_append_val (sites, site);
    }
  g_array_sort (sites, compare_temporary);
  if (most > 0 && sites->len > most)
    g_array_set_size (sites, most);
  return sites;
}

GArray *
ms_growth_sites_new (MsView *view, MsDomain domain, guint most)
{
  GArray *sites = g_array_new (FALSE, FALSE, sizeof (MsGrowthSite));
  guint n = 0;
  const MsGrowthChains *chains = ms_view_get_growth_chains (view, domain, &n);

  if (most > 0)
    n = MIN (n, most);
  for (guint i = 0; i < n; i++)
    {
      const MsGrowthChains *c = &chains[i];
      double count = (double) MAX (c->chains, 1);
      MsGrowthSite site = {
        .stack = c->stack,
        .chains = c->chains,
        .growths = c->growths,
        .longest_chain = c->longest_chain,
        .copied_bytes = c->copied_bytes,
        .growths_a_chain = (double) c->growths / count,
        .first_bytes = (double) c->first_bytes / count,
        .final_bytes = (double) c->final_bytes / count,
      };

      g_array_append_val (sites, site);
    }
  return sites;
}
