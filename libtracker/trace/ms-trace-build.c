/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From the matcher's counters to the figures that people see.  Runs once, at the end of loading. */
#include "ms-trace-private.h"

#include <math.h>
#include <string.h>

#include "ms-frequency.h"
#include "ms-mappings.h"

static guint64
round_weight (double weight)
{
  return weight > 0 ? (guint64) llround (weight) : 0;
}

/* Of a sampled trace; see ms-sampled-curve.h. */
static void
fill_sampled_peak (MsTotals *totals, const MsSampledCurve *curve)
{
  const MsHalf *h = curve->halves;
  const guint64 readings[2] = { h[0].read, h[1].read };
  const double variances[2] = { h[0].read_variance, h[1].read_variance };
  guint carry = 0;

  totals->standard_errors.live_bytes = sqrt (curve->live_variance);
  totals->standard_errors.peak_bytes = sqrt (curve->peak_variance);
  if (!ms_sampled_curve_is_split (curve))
    return;
  totals->peak_bytes = ms_sampled_mean (readings, &carry);
  totals->standard_errors.peak_bytes = ms_sampled_mean_error (readings, variances);
}

/* Read at the moments that the process's halves chose, or at its highest point if they did not. */
static void
fill_at_sampled_peak (MsTotals *totals,
                      const MsFigure *figure,
                      const MsFigure *process,
                      guint *carry)
{
  const MsSampledCurve *curve = figure->sampled;
  guint64 readings[2];
  double variances[2] = { 0, 0 };

  if (!ms_sampled_curve_is_split (process->sampled))
    {
      if (curve != NULL)
        totals->standard_errors.bytes_at_process_peak =
            sqrt (figure->epoch == process->epoch ? curve->at_process_peak_variance
                                                  : curve->live_variance);
      return;
    }
  for (guint k = 0; k < 2; k++)
    if (curve == NULL)
      {
        readings[k] = ms_figure_before_sampling (figure, process, k);
      }
    else
      {
        const MsHalf *half = &curve->halves[k];
        gboolean saved = half->epoch == process->sampled->halves[k].epoch;

        readings[k] = saved ? half->at_process_peak : half->reading;
        variances[k] = saved ? half->at_process_peak_variance : curve->live_variance;
      }
  totals->bytes_at_process_peak = ms_sampled_mean (readings, carry);
  totals->standard_errors.bytes_at_process_peak = ms_sampled_mean_error (readings, variances);
}

/* Only now is it known whether a curve changed after the process's last peak.  *@carry is what is left
 * over from curve to curve of those whose bytes at the process's peak add up to it. */
static void
fill_curve (MsTotals *totals,
            const MsFigure *figure,
            const MsFigure *process,
            const MsClock *clock,
            guint *carry)
{
  totals->live_bytes = totals->leaked_bytes = figure->live_bytes;
  totals->peak_bytes = figure->peak_bytes;
  totals->peak_time_ns =
      figure->peak_bytes > 0 ? ms_clock_to_ns (clock, figure->peak_ticks) : MS_TIME_NONE;
  totals->bytes_at_process_peak =
      figure->epoch == process->epoch ? figure->at_process_peak : figure->live_bytes;
  if (G_UNLIKELY (figure->sampled != NULL))
    fill_sampled_peak (totals, figure->sampled);
  if (G_UNLIKELY (process->sampled != NULL))
    fill_at_sampled_peak (totals, figure, process, carry);
}

static void
fill_thread_totals (MsTotals *totals,
                    const MsTally *tally,
                    const MsAccounting *accounting,
                    guint *carry)
{
  totals->allocations = tally->allocations + round_weight (tally->unsaid_allocations);
  totals->allocated_bytes = tally->allocated_bytes + round_weight (tally->unsaid_bytes);
  totals->deallocations = tally->deallocations + round_weight (tally->unsaid_deallocations);
  totals->reallocations = round_weight (tally->reallocations);
  totals->freed_bytes_of_own = tally->freed_bytes_of_own;
  totals->temporary_allocations = round_weight (tally->temporary_allocations);
  totals->live_blocks = totals->leaked_allocations = round_weight (tally->live_blocks);
  totals->standard_errors = (MsStandardErrors) {
    .allocations = sqrt (tally->unsaid_allocated.blocks),
    .allocated_bytes = sqrt (tally->unsaid_allocated.bytes),
    .deallocations = sqrt (tally->unsaid_freed.blocks),
    .reallocations = sqrt (tally->reallocations_variance),
    .freed_bytes_of_own = sqrt (tally->freed_of_own.bytes),
    .live_blocks = sqrt (tally->live.blocks),
    .temporary_allocations = sqrt (tally->temporary_variance),
  };
  totals->foreign_frees = tally->foreign_frees;
  totals->inherited_frees = tally->inherited_frees;
  totals->prior_frees = tally->prior_frees;
  totals->unmatched_frees = tally->unmatched_frees;
  fill_curve (totals, &tally->figure, &accounting->process[tally->domain], accounting->clock,
              carry);
}

/* Of a sum of independent estimates. */
static void
add_standard_error (double *sum, double more)
{
  *sum = hypot (*sum, more);
}

static void
add_standard_errors (MsStandardErrors *process, const MsStandardErrors *thread)
{
  add_standard_error (&process->allocations, thread->allocations);
  add_standard_error (&process->allocated_bytes, thread->allocated_bytes);
  add_standard_error (&process->deallocations, thread->deallocations);
  add_standard_error (&process->reallocations, thread->reallocations);
  add_standard_error (&process->freed_bytes_of_own, thread->freed_bytes_of_own);
  add_standard_error (&process->live_blocks, thread->live_blocks);
  add_standard_error (&process->temporary_allocations, thread->temporary_allocations);
}

static void
add_thread_to_process (MsTotals *process, const MsTotals *thread)
{
  add_standard_errors (&process->standard_errors, &thread->standard_errors);
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
build_thread_domain (MsTally *tally, const MsAccounting *accounting, guint *carry)
{
  MsThreadDomain *domain = g_new0 (MsThreadDomain, 1);

  fill_thread_totals (&domain->totals, tally, accounting, carry);
  domain->frees_made = tally->frees_made;
  memcpy (domain->size_bins, tally->size_bins, sizeof domain->size_bins);
  memcpy (domain->lifetime_bins, tally->lifetime_bins, sizeof domain->lifetime_bins);
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
build_thread (const MsMatcher *matcher,
              const MsAccounting *accounting,
              guint number,
              guint carries[MS_N_DOMAINS])
{
  const MsThreadLife *life = &matcher->threads[number];
  MsTally *const *tallies = accounting->threads[number].tallies;
  MsThread *thread = g_object_new (MS_TYPE_THREAD, NULL);

  thread->id = life->id;
  thread->tid = life->tid;
  thread->names = g_array_ref (life->names);
  if (thread->names->len == 0)
    thread->name = g_strdup_printf ("thread %u", life->id);
  /* One that stopped before anything happened only made itself known. */
  thread->tracked =
      life->recorded || life->tracking
      || (!matcher->options.some_untracked && !matcher->options.was_off && !life->paused);
  thread->start_ns = ms_clock_to_ns (matcher->clock, life->start_ticks);
  if (life->has_end)
    thread->end_ns = ms_clock_to_ns (matcher->clock, life->end_ticks);
  thread->cpu_ns = life->cpu_ns;
  thread->has_parent = life->has_parent;
  thread->parent_id = life->parent_id;
  thread->start_routine = life->start_routine;
  find_event_file (thread, matcher->index, life->stream.reader.first_block,
                   life->stream.reader.end_block);
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    if (tallies[d] != NULL)
      thread->domains[d] = build_thread_domain (tallies[d], accounting, &carries[d]);
  return thread;
}

/* --- stacks ------------------------------------------------------------------------------------- */

/* Leaves out the stacks that allocated nothing (those of frees).  Returns the new number of each. */
static guint32 *
number_stacks (MsTrace *self, const MsAccounting *accounting)
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
  totals->allocations = round_weight (sums->allocations);
  totals->live_blocks = totals->leaked_allocations = round_weight (sums->live_blocks);
  totals->deallocations = totals->allocations - MIN (totals->live_blocks, totals->allocations);
  totals->reallocations = round_weight (sums->reallocations);
  totals->temporary_allocations = round_weight (sums->temporary_allocations);
  totals->standard_errors = (MsStandardErrors) {
    .allocations = sqrt (sums->allocated.blocks),
    .allocated_bytes = sqrt (sums->allocated.bytes),
    .deallocations = sqrt (freed.blocks),
    .freed_bytes_of_own = sqrt (freed.bytes),
    .live_blocks = sqrt (sums->live.blocks),
    .reallocations = sqrt (sums->reallocations_variance),
    .temporary_allocations = sqrt (sums->temporary_variance),
  };
}

static void
build_stacks (MsTrace *self, const MsAccounting *accounting, const guint32 *numbers)
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
          fill_curve (&domain->stack_totals[i], &accounting->stack_figures[d][self->stacks[i]],
                      &accounting->process[d], accounting->clock, &carry);
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
      add_standard_error (&last->allocations_standard_error, stacks[i].allocations_standard_error);
      add_standard_error (&last->allocated_bytes_standard_error,
                          stacks[i].allocated_bytes_standard_error);
      add_standard_error (&last->live_bytes_standard_error, stacks[i].live_bytes_standard_error);
      add_standard_error (&last->live_blocks_standard_error, stacks[i].live_blocks_standard_error);
      add_standard_error (&last->reallocations_standard_error,
                          stacks[i].reallocations_standard_error);
      add_standard_error (&last->temporary_allocations_standard_error,
                          stacks[i].temporary_allocations_standard_error);
    }
  return n_joined;
}

static void
add_thread_stack (MsThreadDomain *domain, const MsSite *site, MsSiteVariance variance, guint stack)
{
  domain->stacks[domain->n_stacks++] = (MsThreadStack) {
    .stack = stack,
    .allocations = round_weight (site->allocations),
    .allocated_bytes = site->allocated_bytes,
    .live_bytes = site->live_bytes,
    .live_blocks = round_weight (site->live_blocks),
    .reallocations = round_weight (site->reallocations),
    .temporary_allocations = round_weight (site->temporary_allocations),
    .allocations_standard_error = sqrt (variance.allocated.blocks),
    .allocated_bytes_standard_error = sqrt (variance.allocated.bytes),
    .live_bytes_standard_error = sqrt (variance.live.bytes),
    .live_blocks_standard_error = sqrt (variance.live.blocks),
    .reallocations_standard_error = sqrt (variance.reallocations),
    .temporary_allocations_standard_error = sqrt (variance.temporary_allocations),
  };
}

static void
build_thread_stacks (MsTrace *self, const MsAccounting *accounting, const guint32 *numbers)
{
  for (guint i = 0; i < accounting->n_sites; i++)
    site_thread_domain (self, &accounting->sites[i])->n_stacks++;
  for (guint t = 0; t < self->threads->len; t++)
    for (guint d = 0; d < MS_N_DOMAINS; d++)
      {
        MsThreadDomain *domain = MS_THREAD (g_ptr_array_index (self->threads, t))->domains[d];

        if (domain == NULL)
          continue;
        domain->stacks = g_new0 (MsThreadStack, domain->n_stacks + 1);
        domain->n_stacks = 0;
      }
  for (guint i = 0; i < accounting->n_sites; i++)
    {
      const MsSite *site = &accounting->sites[i];

      add_thread_stack (site_thread_domain (self, site), site, variance_of (accounting, i),
                        numbers[site->stack]);
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
build_interactions (MsTrace *self, const MsMatcher *matcher, const MsAccounting *accounting)
{
  for (guint i = 0; i < accounting->pairings->len; i++)
    {
      const MsPairing *pairing = &g_array_index (accounting->pairings, MsPairing, i);
      MsInteraction interaction = { .alloc_thread = matcher->threads[pairing->owner->thread].id,
                                    .free_thread = matcher->threads[pairing->thread].id,
                                    .frees = round_weight (pairing->frees),
                                    .bytes = pairing->bytes,
                                    .frees_standard_error = sqrt (pairing->variance.blocks),
                                    .bytes_standard_error = sqrt (pairing->variance.bytes) };

      g_array_append_val (self->domains[pairing->owner->domain]->interactions, interaction);
    }
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    if (self->domains[d] != NULL)
      g_array_sort (self->domains[d]->interactions, compare_interactions);
}

/* --- growth ------------------------------------------------------------------------------------- */

static void
build_growth (MsTrace *self, const MsAccounting *accounting, const guint32 *numbers)
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      const GArray *chains = accounting->growth[d].chains;

      for (guint i = 0; i < chains->len; i++)
        {
          MsGrowthChains of_stack = g_array_index (chains, MsGrowthChains, i);

          of_stack.stack = numbers[of_stack.stack];
          g_array_append_val (self->domains[d]->growth, of_stack);
        }
      if (chains->len > 0)
        g_array_sort (self->domains[d]->growth, ms_growth_compare);
    }
}

/* --- the process -------------------------------------------------------------------------------- */

static void
add_bins (guint64 *sums, const guint64 *bins, guint n)
{
  for (guint i = 0; i < n; i++)
    sums[i] += bins[i];
}

static void
build_domains (MsTrace *self, MsAccounting *accounting)
{
  for (guint i = 0; i < accounting->tallies->len; i++)
    {
      const MsTally *tally = g_ptr_array_index (accounting->tallies, i);
      MsTraceDomain **domain = &self->domains[tally->domain];
      MsTotals thread_totals = { 0 };
      guint carry = 0;

      if (*domain == NULL)
        {
          *domain = g_new0 (MsTraceDomain, 1);
          (*domain)->interactions = g_array_new (FALSE, FALSE, sizeof (MsInteraction));
          (*domain)->growth = g_array_new (FALSE, FALSE, sizeof (MsGrowthChains));
          (*domain)->series = accounting->process_series[tally->domain];
          memset (&accounting->process_series[tally->domain], 0, sizeof (MsLiveSeries));
        }
      fill_thread_totals (&thread_totals, tally, accounting, &carry);
      add_thread_to_process (&(*domain)->totals, &thread_totals);
      add_bins ((*domain)->size_bins, tally->size_bins, MS_SIZE_BINS);
      add_bins ((*domain)->lifetime_bins, tally->lifetime_bins, MS_LIFETIME_BINS);
    }
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      double live_blocks = 0;
      guint carry = 0;

      if (self->domains[d] == NULL)
        continue;
      for (guint i = 0; i < accounting->tallies->len; i++)
        {
          const MsTally *tally = g_ptr_array_index (accounting->tallies, i);

          live_blocks += tally->domain == d ? tally->live_blocks : 0;
        }
      fill_curve (&self->domains[d]->totals, &accounting->process[d], &accounting->process[d],
                  accounting->clock, &carry);
      self->domains[d]->totals.bytes_at_process_peak = self->domains[d]->totals.peak_bytes;
      self->domains[d]->totals.standard_errors.bytes_at_process_peak =
          self->domains[d]->totals.standard_errors.peak_bytes;
      self->domains[d]->totals.live_blocks = self->domains[d]->totals.leaked_allocations =
          round_weight (live_blocks);
    }
}

/* --- mappings ------------------------------------------------------------------------------------ */

static void
build_mappings (MsTrace *self, const MsAccounting *accounting, const guint32 *numbers)
{
  const MsFigure *process = &accounting->process[MS_DOMAIN_MAPPING];

  if (accounting->mappings == NULL)
    return;
  for (guint k = 0; k < MS_N_MAPPING_KINDS; k++)
    {
      const MsMappingTally *tally = &accounting->mappings->kinds[k];
      MsTotals curve = { 0 };
      guint carry = 0;

      fill_curve (&curve, &tally->figure, process, accounting->clock, &carry);
      self->mappings[k] =
          (MsMappingTotals) { .mappings = tally->mappings,
                              .mapped_bytes = tally->mapped_bytes,
                              .live_mappings = tally->live_mappings,
                              .live_bytes = curve.live_bytes,
                              .peak_bytes = curve.peak_bytes,
                              .bytes_at_process_peak = curve.bytes_at_process_peak };
    }
  self->stack_mapping_kinds = g_new0 (guint8, self->n_stacks + 1);
  for (guint i = 0; i < accounting->n_sites; i++)
    {
      const MsSite *site = &accounting->sites[i];

      self->stack_mapping_kinds[numbers[site->stack]] |=
          accounting->mappings->stack_kinds[site->stack];
    }
}

void
ms_trace_build (MsTrace *self, const MsMatcher *matcher, MsAccounting *accounting)
{
  g_autofree guint32 *numbers = NULL;
  guint carries[MS_N_DOMAINS] = { 0 };

  build_domains (self, accounting);
  for (guint i = 0; i < matcher->n_threads; i++)
    g_ptr_array_add (self->threads, build_thread (matcher, accounting, i, carries));
  numbers = number_stacks (self, accounting);
  build_stacks (self, accounting, numbers);
  build_thread_stacks (self, accounting, numbers);
  build_interactions (self, matcher, accounting);
  build_growth (self, accounting, numbers);
  build_mappings (self, accounting, numbers);

  self->main_domain = MS_DOMAIN_HEAP;
  if (self->domains[MS_DOMAIN_HEAP] == NULL && self->domains[MS_DOMAIN_DECLARED] != NULL)
    self->main_domain = MS_DOMAIN_DECLARED;
  self->n_events = matcher->n_events;
  self->dropped_events = matcher->n_dropped;
  self->sampled = matcher->sampled;
}
