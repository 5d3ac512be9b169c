/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From the matcher's counters to the figures that people see.  Runs once, at the end of loading. */
#include "ms-trace-private.h"

#include <math.h>
#include <string.h>

#include "ms-frequency.h"

static guint64
round_weight (double weight)
{
  return weight > 0 ? (guint64) llround (weight) : 0;
}

/* Only now is it known whether a curve changed after the process's last peak. */
static void
fill_curve (MsTotals *totals, const MsFigure *figure, const MsFigure *process, const MsClock *clock)
{
  totals->live_bytes = totals->leaked_bytes = figure->live_bytes;
  totals->peak_bytes = figure->peak_bytes;
  totals->peak_time_ns =
      figure->peak_bytes > 0 ? ms_clock_to_ns (clock, figure->peak_ticks) : MS_TIME_NONE;
  totals->bytes_at_process_peak =
      figure->epoch == process->epoch ? figure->at_process_peak : figure->live_bytes;
}

static void
fill_thread_totals (MsTotals *totals, const MsTally *tally, const MsMatcher *matcher)
{
  totals->allocations = tally->allocations + round_weight (tally->unsaid_allocations);
  totals->allocated_bytes = tally->allocated_bytes + round_weight (tally->unsaid_bytes);
  totals->deallocations = tally->deallocations + round_weight (tally->unsaid_deallocations);
  totals->reallocations = tally->reallocations;
  totals->freed_bytes_of_own = tally->freed_bytes_of_own;
  totals->temporary_allocations = tally->temporary_allocations;
  totals->live_blocks = totals->leaked_allocations = round_weight (tally->live_blocks);
  totals->foreign_frees = tally->foreign_frees;
  totals->inherited_frees = tally->inherited_frees;
  totals->prior_frees = tally->prior_frees;
  totals->unmatched_frees = tally->unmatched_frees;
  fill_curve (totals, &tally->figure, &matcher->process[tally->domain], matcher->clock);
}

static void
add_thread_to_process (MsTotals *process, const MsTotals *thread)
{
  process->allocations += thread->allocations;
  process->allocated_bytes += thread->allocated_bytes;
  process->deallocations += thread->deallocations;
  process->reallocations += thread->reallocations;
  process->freed_bytes_of_own += thread->freed_bytes_of_own;
  process->temporary_allocations += thread->temporary_allocations;
  process->foreign_frees += thread->foreign_frees;
  process->inherited_frees += thread->inherited_frees;
  process->prior_frees += thread->prior_frees;
  process->unmatched_frees += thread->unmatched_frees;
}

/* --- threads ------------------------------------------------------------------------------------ */

static MsThreadDomain *
build_thread_domain (MsTally *tally, const MsMatcher *matcher)
{
  MsThreadDomain *domain = g_new0 (MsThreadDomain, 1);

  fill_thread_totals (&domain->totals, tally, matcher);
  domain->frees_made = tally->frees_made;
  memcpy (domain->size_bins, tally->size_bins, sizeof domain->size_bins);
  domain->series = tally->series;
  memset (&tally->series, 0, sizeof tally->series);
  return domain;
}

/* A thread has a file of its own, or a part of a pooled one, or both if it began in that. */
static void
find_event_file (MsThread *thread, MsBlockIndex *index, guint first, guint end)
{
  const char *best = NULL;

  for (guint i = first; i < end; i++)
    {
      const MsBlock *block = &g_array_index (index->blocks, MsBlock, i);

      if (block->payload != NULL)
        return;
      if (best == NULL || strcmp (best, TRK_POOLED_EVENTS_FILE_NAME) == 0)
        best = ms_block_index_file_of (index, block);
    }
  thread->event_file = g_strdup (best);
  thread->n_event_blocks = end - first;
  thread->event_digest = ms_frequency_digest (index, first, end);
}

static MsThread *
build_thread (MsThreadLife *life, const MsMatcher *matcher)
{
  MsThread *thread = g_object_new (MS_TYPE_THREAD, NULL);

  thread->id = life->id;
  thread->tid = life->tid;
  thread->names = g_array_ref (life->names);
  if (thread->names->len == 0)
    thread->name = g_strdup_printf ("thread %u", life->id);
  /* One that stopped before anything happened only made itself known. */
  thread->tracked =
      life->recorded || life->tracking || (!matcher->options.some_untracked && !life->paused);
  thread->start_ns = ms_clock_to_ns (matcher->clock, life->start_ticks);
  if (life->has_end)
    thread->end_ns = ms_clock_to_ns (matcher->clock, life->end_ticks);
  thread->cpu_ns = life->cpu_ns;
  thread->has_parent = life->has_parent;
  thread->parent_id = life->parent_id;
  thread->start_routine = life->start_routine;
  find_event_file (thread, matcher->index, life->stream.first_block, life->stream.end_block);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    if (life->tallies[d] != NULL)
      thread->domains[d] = build_thread_domain (life->tallies[d], matcher);
  return thread;
}

/* --- stacks ------------------------------------------------------------------------------------- */

/* Leaves out the stacks that allocated nothing (those of frees).  Returns the new number of each. */
static guint32 *
number_stacks (MsTrace *self, const MsMatcher *matcher)
{
  guint n_all = self->stack_table.stacks->len;
  guint32 *numbers = g_new (guint32, n_all);

  memset (numbers, 0xff, n_all * sizeof *numbers);
  for (guint i = 0; i < matcher->sites->len; i++)
    numbers[ms_matcher_site (matcher, i)->stack] = 0;
  self->stacks = g_new (guint32, n_all);
  for (guint i = 0; i < n_all; i++)
    if (numbers[i] == 0)
      {
        numbers[i] = self->n_stacks;
        self->stacks[self->n_stacks++] = i;
      }
  return numbers;
}

static void
add_site_to_stack (MsTotals *totals, const MsSite *site)
{
  totals->reallocations += site->reallocations;
  totals->allocated_bytes += site->allocated_bytes;
  totals->freed_bytes_of_own += site->allocated_bytes - site->live_bytes;
  totals->temporary_allocations += site->temporary_allocations;
}

static void
build_stacks (MsTrace *self, const MsMatcher *matcher, const guint32 *numbers)
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      MsTraceDomain *domain = self->domains[d];
      g_autofree double *allocations = g_new0 (double, self->n_stacks + 1);
      g_autofree double *live_blocks = g_new0 (double, self->n_stacks + 1);

      if (domain == NULL)
        continue;
      domain->stack_totals = g_new0 (MsTotals, self->n_stacks + 1);
      for (guint i = 0; i < matcher->sites->len; i++)
        {
          const MsSite *site = ms_matcher_site (matcher, i);

          if (site->tally->domain != d)
            continue;
          add_site_to_stack (&domain->stack_totals[numbers[site->stack]], site);
          allocations[numbers[site->stack]] += site->allocations;
          live_blocks[numbers[site->stack]] += site->live_blocks;
        }
      for (guint i = 0; i < self->n_stacks; i++)
        {
          MsTotals *totals = &domain->stack_totals[i];

          totals->allocations = round_weight (allocations[i]);
          totals->live_blocks = totals->leaked_allocations = round_weight (live_blocks[i]);
          totals->deallocations =
              totals->allocations - MIN (totals->live_blocks, totals->allocations);
          fill_curve (totals, &matcher->stack_figures[d][self->stacks[i]], &matcher->process[d],
                      matcher->clock);
        }
    }
}

static int
compare_stack_numbers (gconstpointer a, gconstpointer b)
{
  const MsThreadStack *x = a, *y = b;

  return x->stack < y->stack ? -1 : x->stack > y->stack;
}

static int
compare_thread_stacks (gconstpointer a, gconstpointer b)
{
  const MsThreadStack *x = a, *y = b;

  if (x->allocated_bytes != y->allocated_bytes)
    return x->allocated_bytes > y->allocated_bytes ? -1 : 1;
  return x->stack < y->stack ? -1 : x->stack > y->stack;
}

static MsThreadDomain *
site_thread_domain (MsTrace *self, const MsSite *site)
{
  MsThread *thread = g_ptr_array_index (self->threads, site->tally->thread);

  return thread->domains[site->tally->domain];
}

/* Several ids may have become one stack; they lie side by side after sorting by stack. */
static guint
join_thread_stacks (MsThreadStack *stacks, guint n_stacks)
{
  guint n_joined = 0;

  for (guint i = 0; i < n_stacks; i++)
    {
      MsThreadStack *last = n_joined ? &stacks[n_joined - 1] : NULL;

      if (last == NULL || last->stack != stacks[i].stack)
        {
          stacks[n_joined++] = stacks[i];
          continue;
        }
      last->allocations += stacks[i].allocations;
      last->allocated_bytes += stacks[i].allocated_bytes;
      last->live_bytes += stacks[i].live_bytes;
      last->live_blocks += stacks[i].live_blocks;
      last->reallocations += stacks[i].reallocations;
      last->temporary_allocations += stacks[i].temporary_allocations;
    }
  return n_joined;
}

static void
add_thread_stack (MsThreadDomain *domain, const MsSite *site, guint stack)
{
  domain->stacks[domain->n_stacks++] = (MsThreadStack) {
    .stack = stack,
    .allocations = round_weight (site->allocations),
    .allocated_bytes = site->allocated_bytes,
    .live_bytes = site->live_bytes,
    .live_blocks = round_weight (site->live_blocks),
    .reallocations = site->reallocations,
    .temporary_allocations = site->temporary_allocations,
  };
}

static void
build_thread_stacks (MsTrace *self, const MsMatcher *matcher, const guint32 *numbers)
{
  for (guint i = 0; i < matcher->sites->len; i++)
    site_thread_domain (self, ms_matcher_site (matcher, i))->n_stacks++;
  for (guint t = 0; t < self->threads->len; t++)
    for (guint d = 0; d < MS_N_DOMAINS; d++)
      {
        MsThreadDomain *domain = MS_THREAD (g_ptr_array_index (self->threads, t))->domains[d];

        if (domain == NULL)
          continue;
        domain->stacks = g_new0 (MsThreadStack, domain->n_stacks + 1);
        domain->n_stacks = 0;
      }
  for (guint i = 0; i < matcher->sites->len; i++)
    {
      const MsSite *site = ms_matcher_site (matcher, i);

      add_thread_stack (site_thread_domain (self, site), site, numbers[site->stack]);
    }
  for (guint t = 0; t < self->threads->len; t++)
    for (guint d = 0; d < MS_N_DOMAINS; d++)
      {
        MsThreadDomain *domain = MS_THREAD (g_ptr_array_index (self->threads, t))->domains[d];

        if (domain == NULL)
          continue;
        qsort (domain->stacks, domain->n_stacks, sizeof *domain->stacks, compare_stack_numbers);
        domain->n_stacks = join_thread_stacks (domain->stacks, domain->n_stacks);
        qsort (domain->stacks, domain->n_stacks, sizeof *domain->stacks, compare_thread_stacks);
      }
}

/* --- interactions ------------------------------------------------------------------------------- */

static int
compare_interactions (gconstpointer a, gconstpointer b)
{
  const MsInteraction *x = a, *y = b;

  if (x->bytes != y->bytes)
    return x->bytes > y->bytes ? -1 : 1;
  if (x->frees != y->frees)
    return x->frees > y->frees ? -1 : 1;
  if (x->alloc_thread != y->alloc_thread)
    return x->alloc_thread < y->alloc_thread ? -1 : 1;
  return x->free_thread < y->free_thread ? -1 : x->free_thread > y->free_thread;
}

static void
build_interactions (MsTrace *self, const MsMatcher *matcher)
{
  for (guint i = 0; i < matcher->pairings->len; i++)
    {
      const MsPairing *pairing = &g_array_index (matcher->pairings, MsPairing, i);
      MsInteraction interaction = { .alloc_thread = matcher->threads[pairing->owner->thread].id,
                                    .free_thread = matcher->threads[pairing->thread].id,
                                    .frees = pairing->frees,
                                    .bytes = pairing->bytes };

      g_array_append_val (self->domains[pairing->owner->domain]->interactions, interaction);
    }
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    if (self->domains[d] != NULL)
      g_array_sort (self->domains[d]->interactions, compare_interactions);
}

/* --- the process -------------------------------------------------------------------------------- */

static void
build_domains (MsTrace *self, MsMatcher *matcher)
{
  for (guint i = 0; i < matcher->tallies->len; i++)
    {
      const MsTally *tally = g_ptr_array_index (matcher->tallies, i);
      MsTraceDomain **domain = &self->domains[tally->domain];
      MsTotals thread_totals = { 0 };

      if (*domain == NULL)
        {
          *domain = g_new0 (MsTraceDomain, 1);
          (*domain)->interactions = g_array_new (FALSE, FALSE, sizeof (MsInteraction));
          (*domain)->series = matcher->process_series[tally->domain];
          memset (&matcher->process_series[tally->domain], 0, sizeof (MsLiveSeries));
        }
      fill_thread_totals (&thread_totals, tally, matcher);
      add_thread_to_process (&(*domain)->totals, &thread_totals);
    }
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      double live_blocks = 0;

      if (self->domains[d] == NULL)
        continue;
      for (guint i = 0; i < matcher->tallies->len; i++)
        {
          const MsTally *tally = g_ptr_array_index (matcher->tallies, i);

          live_blocks += tally->domain == d ? tally->live_blocks : 0;
        }
      fill_curve (&self->domains[d]->totals, &matcher->process[d], &matcher->process[d],
                  matcher->clock);
      self->domains[d]->totals.bytes_at_process_peak = matcher->process[d].peak_bytes;
      self->domains[d]->totals.live_blocks = self->domains[d]->totals.leaked_allocations =
          round_weight (live_blocks);
    }
}

void
ms_trace_build (MsTrace *self, MsMatcher *matcher)
{
  g_autofree guint32 *numbers = NULL;

  build_domains (self, matcher);
  for (guint i = 0; i < matcher->n_threads; i++)
    g_ptr_array_add (self->threads, build_thread (&matcher->threads[i], matcher));
  numbers = number_stacks (self, matcher);
  build_stacks (self, matcher, numbers);
  build_thread_stacks (self, matcher, numbers);
  build_interactions (self, matcher);

  self->main_domain = MS_DOMAIN_HEAP;
  if (self->domains[MS_DOMAIN_HEAP] == NULL && self->domains[MS_DOMAIN_DECLARED] != NULL)
    self->main_domain = MS_DOMAIN_DECLARED;
  self->n_events = matcher->n_events;
  self->dropped_events = matcher->n_dropped;
  self->sampled = matcher->sampled;
}
