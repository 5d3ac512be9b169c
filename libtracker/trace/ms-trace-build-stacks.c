/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From sites, one a thread and stack, to the figures of stacks and to what each thread did at them. */
#include "ms-trace-build.h"

#include <math.h>
#include <string.h>

#include "ms-ring.h"

/* Leaves out the stacks that allocated nothing (those of frees).  Returns the new number of each. */
guint32 *
ms_build_number_stacks (MsTrace *self, const MsAccounting *accounting)
{
  guint n_all = self->stack_table.stacks->len;
  guint32 *numbers = g_new (guint32, n_all);

  memset (numbers, 0xff, n_all * sizeof *numbers);
  for (guint i = 0; i < accounting->n_sites; i++)
    numbers[accounting->sites[i].stack] = 0;
  self->stacks = g_new (guint32, n_all);
  for (guint i = 0; i < n_all; i++)
    if (numbers[i] == 0)
      {
        numbers[i] = self->n_stacks;
        self->stacks[self->n_stacks++] = i;
      }
  return numbers;
}

static MsSiteVariance
variance_of (const MsAccounting *accounting, guint site)
{
  MsSiteVariance none = { .reallocations = 0 };

  return accounting->variances != NULL ? accounting->variances[site] : none;
}

/* Sums over the sites of one stack, before they are rounded and rooted. */
typedef struct {
  double allocations, live_blocks, reallocations, temporary_allocations;
  double reallocations_variance, temporary_variance;
  MsVariance allocated, live;
} StackSums;

static void
add_site_to_stack (MsTotals *totals, StackSums *sums, const MsSite *site, MsSiteVariance variance)
{
  totals->allocated_bytes += site->allocated_bytes;
  totals->freed_bytes_of_own += site->allocated_bytes - site->live_bytes;
  sums->allocations += site->allocations;
  sums->live_blocks += site->live_blocks;
  sums->reallocations += site->reallocations;
  sums->temporary_allocations += site->temporary_allocations;
  sums->reallocations_variance += variance.reallocations;
  sums->temporary_variance += variance.temporary_allocations;
  ms_variance_add (&sums->allocated, variance.allocated);
  ms_variance_add (&sums->live, variance.live);
}

static void
fill_stack_totals (MsTotals *totals, const StackSums *sums)
{
  MsVariance freed = sums->allocated;

  ms_variance_subtract (&freed, sums->live);
  totals->allocations = ms_estimate_round (sums->allocations);
  totals->live_blocks = totals->leaked_allocations = ms_estimate_round (sums->live_blocks);
  totals->deallocations = totals->allocations - MIN (totals->live_blocks, totals->allocations);
  totals->reallocations = ms_estimate_round (sums->reallocations);
  totals->temporary_allocations = ms_estimate_round (sums->temporary_allocations);
  totals->standard_errors = (MsStandardErrors) {
    .allocations = sqrt (sums->allocated.blocks),
    .allocated_bytes = sqrt (sums->allocated.bytes),
    .deallocations = sqrt (freed.blocks),
    .freed_bytes_of_own = sqrt (freed.bytes),
    .live_blocks = sqrt (sums->live.blocks),
    .leaked_blocks = sqrt (sums->live.blocks),
    .reallocations = sqrt (sums->reallocations_variance),
    .temporary_allocations = sqrt (sums->temporary_variance),
  };
}

void
ms_build_stacks (MsTrace *self, const MsAccounting *accounting, const guint32 *numbers)
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      MsTraceDomain *domain = self->domains[d];
      g_autofree StackSums *sums = g_new0 (StackSums, self->n_stacks + 1);
      guint carry = 0;

      if (domain == NULL)
        continue;
      domain->stack_totals = g_new0 (MsTotals, self->n_stacks + 1);
      for (guint i = 0; i < accounting->n_sites; i++)
        {
          const MsSite *site = &accounting->sites[i];
          guint32 number = numbers[site->stack];

          if (site->tally->domain == d)
            add_site_to_stack (&domain->stack_totals[number], &sums[number], site,
                               variance_of (accounting, i));
        }
      for (guint i = 0; i < self->n_stacks; i++)
        {
          fill_stack_totals (&domain->stack_totals[i], &sums[i]);
          ms_build_fill_curve (&domain->stack_totals[i],
                               &accounting->stack_figures[d][self->stacks[i]],
                               &accounting->process[d], accounting->clock, &carry);
          if (accounting->is_ring)
            ms_ring_hide_live (&domain->stack_totals[i]);
          domain->n_leaking_stacks += domain->stack_totals[i].leaked_bytes > 0;
        }
    }
}

/* And not of those that were forgotten. */
static gboolean
has_thread (const GPtrArray *threads, const MsSite *site)
{
  return g_ptr_array_index (threads, site->tally->thread) != NULL;
}

static guint
tally_number (const MsSite *site)
{
  return site->tally->thread * MS_N_DOMAINS + site->tally->domain;
}

/* Several ids may have become one stack. */
static void
join_thread_stacks (MsThreadStack *into, const MsThreadStack *from)
{
  into->allocations += from->allocations;
  into->allocated_bytes += from->allocated_bytes;
  into->live_bytes += from->live_bytes;
  into->live_blocks += from->live_blocks;
  into->reallocations += from->reallocations;
  into->temporary_allocations += from->temporary_allocations;
  ms_build_add_standard_error (&into->allocations_standard_error, from->allocations_standard_error);
  ms_build_add_standard_error (&into->allocated_bytes_standard_error,
                               from->allocated_bytes_standard_error);
  ms_build_add_standard_error (&into->live_bytes_standard_error, from->live_bytes_standard_error);
  ms_build_add_standard_error (&into->live_blocks_standard_error, from->live_blocks_standard_error);
  ms_build_add_standard_error (&into->reallocations_standard_error,
                               from->reallocations_standard_error);
  ms_build_add_standard_error (&into->temporary_allocations_standard_error,
                               from->temporary_allocations_standard_error);
}

static MsThreadStack
get_thread_stack (const MsSite *site, MsSiteVariance variance, guint stack)
{
  return (MsThreadStack) {
    .stack = stack,
    .allocations = ms_estimate_round (site->allocations),
    .allocated_bytes = site->allocated_bytes,
    .live_bytes = site->live_bytes,
    .live_blocks = ms_estimate_round (site->live_blocks),
    .reallocations = ms_estimate_round (site->reallocations),
    .temporary_allocations = ms_estimate_round (site->temporary_allocations),
    .allocations_standard_error = sqrt (variance.allocated.blocks),
    .allocated_bytes_standard_error = sqrt (variance.allocated.bytes),
    .live_bytes_standard_error = sqrt (variance.live.bytes),
    .live_blocks_standard_error = sqrt (variance.live.blocks),
    .reallocations_standard_error = sqrt (variance.reallocations),
    .temporary_allocations_standard_error = sqrt (variance.temporary_allocations),
  };
}

typedef struct {
  guint64 allocated_bytes;
  guint32 stack, index;
} StackKey;

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  const StackKey *x = a, *y = b;

  if (x->allocated_bytes != y->allocated_bytes)
    return x->allocated_bytes > y->allocated_bytes ? -1 : 1;
  return x->stack < y->stack ? -1 : x->stack > y->stack;
}

/* By keys, as a stack of a thread is large to move about. */
static void
sort_thread_stacks (MsThreadDomain *domain)
{
  g_autofree MsThreadStack *unsorted = g_steal_pointer (&domain->stacks);
  g_autofree StackKey *keys = g_new (StackKey, domain->n_stacks + 1);

  for (guint i = 0; i < domain->n_stacks; i++)
    keys[i] = (StackKey) { unsorted[i].allocated_bytes, unsorted[i].stack, i };
  qsort (keys, domain->n_stacks, sizeof *keys, compare_keys);
  domain->stacks = g_new (MsThreadStack, domain->n_stacks + 1);
  for (guint i = 0; i < domain->n_stacks; i++)
    domain->stacks[i] = unsorted[keys[i].index];
}

/* @places: for any stack, where it may be among those of the domain in hand; what is left from others' is
 * seen to be wrong. */
static void
add_thread_stack (MsThreadDomain *domain, MsThreadStack stack, guint32 *places)
{
  guint32 place = places[stack.stack];

  if (place < domain->n_stacks && domain->stacks[place].stack == stack.stack)
    {
      join_thread_stacks (&domain->stacks[place], &stack);
      return;
    }
  places[stack.stack] = domain->n_stacks;
  domain->stacks[domain->n_stacks++] = stack;
}

/* The numbers of the sites of threads that are there, those of one tally side by side and in the order in which
 * they were met. */
static guint32 *
gather_sites (const MsAccounting *accounting, const GPtrArray *threads, guint *n_sites)
{
  guint n_tallies = threads->len * MS_N_DOMAINS;
  g_autofree guint32 *next = g_new0 (guint32, n_tallies + 1);
  guint32 *sites = g_new (guint32, accounting->n_sites + 1);

  for (guint i = 0; i < accounting->n_sites; i++)
    if (has_thread (threads, &accounting->sites[i]))
      next[tally_number (&accounting->sites[i]) + 1]++;
  for (guint i = 0; i < n_tallies; i++)
    next[i + 1] += next[i];
  *n_sites = next[n_tallies];
  for (guint i = 0; i < accounting->n_sites; i++)
    if (has_thread (threads, &accounting->sites[i]))
      sites[next[tally_number (&accounting->sites[i])]++] = i;
  return sites;
}

void
ms_build_thread_stacks (const MsAccounting *accounting,
                        const GPtrArray *threads,
                        guint n_stacks,
                        const guint32 *numbers)
{
  guint n_sites, end;
  g_autofree guint32 *sites = gather_sites (accounting, threads, &n_sites);
  g_autofree guint32 *places = g_new0 (guint32, n_stacks + 1);

  for (guint i = 0; i < n_sites; i = end)
    {
      const MsTally *tally = accounting->sites[sites[i]].tally;
      MsThread *thread = g_ptr_array_index (threads, tally->thread);
      MsThreadDomain *domain = thread->domains[tally->domain];

      for (end = i + 1; end < n_sites; end++)
        if (accounting->sites[sites[end]].tally != tally)
          break;
      domain->stacks = g_new (MsThreadStack, end - i);
      for (guint k = i; k < end; k++)
        {
          const MsSite *site = &accounting->sites[sites[k]];

          add_thread_stack (domain,
                            get_thread_stack (site, variance_of (accounting, sites[k]),
                                              numbers[site->stack]),
                            places);
        }
      sort_thread_stacks (domain);
    }
}
