/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From the matcher's counters to the figures that people see.  Runs once, at the end of loading. */
#include "ms-trace-build.h"

#include <math.h>
#include <string.h>

#include "ms-frequency.h"
#include "ms-history-writer.h"
#include "ms-mappings.h"
#include "ms-ring.h"

/* So many standard errors more than the kept blocks stand for, frees are of others as well. */
#define UNSURE_ERRORS 4

/* Of a sampled trace; see ms-sampled-curve.h. */
static void
fill_sampled_peak (MsTotals *totals, const MsSampledCurve *curve)
{
  const MsHalf *h = curve->halves;
  const guint64 readings[2] = { h[0].read, h[1].read };
  const double variances[2] = { h[0].read_variance, h[1].read_variance };
  guint carry = 0;

  totals->standard_errors.live_bytes = totals->standard_errors.leaked_bytes =
      sqrt (curve->live_variance);
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
void
ms_build_fill_curve (MsTotals *totals,
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

/* Whether there were any of others at all.  If none were, what the kept blocks stand for is off by sampling alone: of n
 * frees with weight w by the root of n w.  Without a kept one nobody can say. */
static gboolean
has_frees_of_others (const MsTally *tally)
{
  double n = (double) tally->unsure_frees, of_own = tally->unsaid_deallocations;

  return of_own > 0 && n - of_own > UNSURE_ERRORS * sqrt (n * tally->unsaid_freed.blocks / of_own);
}

/* What of these the kept blocks stand for are deallocations, and there already; the rest is of others. */
static void
add_unsure_frees (MsTotals *totals, const MsTally *tally)
{
  guint64 n_others = tally->unsure_frees - ms_estimate_round (tally->unsaid_deallocations);

  if (tally->unsure_frees == 0)
    return;
  if (!has_frees_of_others (tally))
    {
      totals->deallocations = tally->deallocations + tally->unsure_frees;
      totals->standard_errors.deallocations = 0;
    }
  else if (tally->unsure_reason == MS_UNMATCHED_INHERITED)
    totals->inherited_frees += n_others;
  else if (tally->unsure_reason == MS_UNMATCHED_FOREIGN)
    totals->foreign_frees += n_others;
  else
    totals->prior_frees += n_others;
}

static void
fill_thread_totals (MsTotals *totals,
                    const MsTally *tally,
                    const MsAccounting *accounting,
                    guint *carry)
{
  totals->allocations = tally->allocations + ms_estimate_round (tally->unsaid_allocations);
  totals->allocated_bytes = tally->allocated_bytes + ms_estimate_round (tally->unsaid_bytes);
  totals->deallocations = tally->deallocations + ms_estimate_round (tally->unsaid_deallocations);
  if (accounting->is_ring) /* what is freed was counted when it was allocated, seen or not */
    totals->deallocations += tally->gone.deallocations + tally->prior_frees;
  totals->reallocations = ms_estimate_round (tally->reallocations);
  totals->freed_bytes_of_own = tally->freed_bytes_of_own;
  totals->temporary_allocations = ms_estimate_round (tally->temporary_allocations);
  totals->live_blocks = totals->leaked_allocations = ms_estimate_round (tally->live_blocks);
  totals->standard_errors = (MsStandardErrors) {
    .allocations = sqrt (tally->unsaid_allocated.blocks),
    .allocated_bytes = sqrt (tally->unsaid_allocated.bytes),
    .deallocations = sqrt (tally->unsaid_freed.blocks),
    .reallocations = sqrt (tally->reallocations_variance),
    .freed_bytes_of_own = sqrt (tally->freed_of_own.bytes),
    .live_blocks = sqrt (tally->live.blocks),
    .leaked_blocks = sqrt (tally->live.blocks),
    .temporary_allocations = sqrt (tally->temporary_variance),
  };
  totals->foreign_frees = tally->foreign_frees;
  totals->inherited_frees = tally->inherited_frees;
  totals->prior_frees = tally->prior_frees;
  totals->unmatched_frees = tally->unmatched_frees;
  add_unsure_frees (totals, tally);
  ms_build_fill_curve (totals, &tally->figure, &accounting->process[tally->domain],
                       accounting->clock, carry);
  if (accounting->is_ring)
    ms_ring_hide_live (totals);
}

void
ms_build_add_standard_error (double *sum, double more)
{
  *sum = hypot (*sum, more);
}

static void
add_standard_errors (MsStandardErrors *process, const MsStandardErrors *thread)
{
  ms_build_add_standard_error (&process->allocations, thread->allocations);
  ms_build_add_standard_error (&process->allocated_bytes, thread->allocated_bytes);
  ms_build_add_standard_error (&process->deallocations, thread->deallocations);
  ms_build_add_standard_error (&process->reallocations, thread->reallocations);
  ms_build_add_standard_error (&process->freed_bytes_of_own, thread->freed_bytes_of_own);
  ms_build_add_standard_error (&process->live_blocks, thread->live_blocks);
  ms_build_add_standard_error (&process->leaked_blocks, thread->leaked_blocks);
  ms_build_add_standard_error (&process->temporary_allocations, thread->temporary_allocations);
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

static void
name_span_clear (gpointer data)
{
  g_free (((MsNameSpan *) data)->name);
}

/* Out of the accounting, unless that goes on. */
static MsLiveSeries
take_series (const MsAccounting *accounting, MsLiveSeries *series)
{
  MsLiveSeries taken = *series;

  if (accounting->is_followed)
    return ms_live_series_copy (series);
  memset (series, 0, sizeof *series);
  return taken;
}

static GArray *
build_names (const GArray *changes, const MsClock *clock)
{
  GArray *names = g_array_new (FALSE, FALSE, sizeof (MsNameSpan));

  g_array_set_clear_func (names, name_span_clear);
  for (guint i = 0; i < changes->len; i++)
    {
      const MsNameChange *change = &g_array_index (changes, MsNameChange, i);
      MsNameSpan span = { ms_clock_to_ns (clock, change->ticks), g_strdup (change->name) };

      g_array_append_val (names, span);
    }
  return names;
}

static MsThreadDomain *
build_thread_domain (MsTally *tally, const MsAccounting *accounting, guint *carry)
{
  MsThreadDomain *domain = g_new0 (MsThreadDomain, 1);

  fill_thread_totals (&domain->totals, tally, accounting, carry);
  domain->frees_made = tally->frees_made;
  ms_build_thread_histograms (domain, tally);
  domain->series = take_series (accounting, &tally->series);
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
  thread->names = build_names (life->names, matcher->clock);
  if (thread->names->len == 0)
    thread->name = g_strdup_printf ("thread %u", life->id);
  /* One that stopped before anything happened only made itself known. */
  thread->tracked =
      life->recorded || life->tracking
      || (!matcher->options.some_untracked && !matcher->options.was_off && !life->paused);
  thread->start_ns = ms_clock_to_ns (matcher->clock, life->start_ticks);
  thread->kept_from_ns =
      life->is_partly ? ms_clock_to_ns (matcher->clock, life->kept_ticks) : thread->start_ns;
  thread->is_partly = life->is_partly;
  if (life->has_end)
    thread->end_ns = ms_clock_to_ns (matcher->clock, life->end_ticks);
  thread->cpu_ns = life->cpu_ns;
  memcpy (&thread->exit_figures, &life->exit_figures, sizeof thread->exit_figures);
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

/* By place: what the thread there is, NULL if there is none.  (element-type MsThread) (nullable elements) */
static GPtrArray *
build_threads (MsTrace *self, const MsMatcher *matcher, const MsAccounting *accounting)
{
  GPtrArray *places = g_ptr_array_new ();
  guint carries[MS_N_DOMAINS] = { 0 };

  for (guint i = 0; i < matcher->n_threads; i++)
    {
      MsThread *thread = NULL;

      if (!matcher->threads[i].is_vacant)
        {
          thread = build_thread (matcher, accounting, i, carries);
          g_ptr_array_add (self->threads, thread);
        }
      else if (i == matcher->forgotten)
        {
          for (guint d = 0; d < MS_N_DOMAINS; d++)
            if (accounting->threads[i].tallies[d] != NULL)
              self->forgotten[d] =
                  build_thread_domain (accounting->threads[i].tallies[d], accounting, &carries[d]);
        }
      g_ptr_array_add (places, thread);
    }
  self->n_forgotten_threads = matcher->n_forgotten;
  return places;
}

/* --- interactions ------------------------------------------------------------------------------- */

static void
build_interactions (MsTrace *self, const MsMatcher *matcher, const MsAccounting *accounting)
{
  for (guint i = 0; i < accounting->pairings->len; i++)
    {
      const MsPairing *pairing = &g_array_index (accounting->pairings, MsPairing, i);
      MsInteraction interaction = { .alloc_thread = matcher->threads[pairing->owner->thread].id,
                                    .free_thread = matcher->threads[pairing->thread].id,
                                    .frees = ms_estimate_round (pairing->frees),
                                    .bytes = pairing->bytes,
                                    .frees_standard_error = sqrt (pairing->variance.blocks),
                                    .bytes_standard_error = sqrt (pairing->variance.bytes) };

      g_array_append_val (self->domains[pairing->owner->domain]->interactions, interaction);
    }
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    if (self->domains[d] != NULL)
      g_array_sort (self->domains[d]->interactions, ms_interaction_compare);
}

/* --- growth ------------------------------------------------------------------------------------- */

static void
build_growth (MsTrace *self, const MsAccounting *accounting, const guint32 *numbers)
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      g_autoptr (GArray) chains = ms_accounting_count_growth (accounting, d);

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
          (*domain)->series = take_series (accounting, &accounting->process_series[tally->domain]);
        }
      fill_thread_totals (&thread_totals, tally, accounting, &carry);
      add_thread_to_process (&(*domain)->totals, &thread_totals);
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
      ms_build_fill_curve (&self->domains[d]->totals, &accounting->process[d],
                           &accounting->process[d], accounting->clock, &carry);
      self->domains[d]->totals.bytes_at_process_peak = self->domains[d]->totals.peak_bytes;
      self->domains[d]->totals.standard_errors.bytes_at_process_peak =
          self->domains[d]->totals.standard_errors.peak_bytes;
      self->domains[d]->totals.live_blocks = self->domains[d]->totals.leaked_allocations =
          ms_estimate_round (live_blocks);
      if (accounting->is_ring)
        ms_ring_hide_live (&self->domains[d]->totals);
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

      ms_build_fill_curve (&curve, &tally->figure, process, accounting->clock, &carry);
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

static int
compare_threads (gconstpointer a, gconstpointer b)
{
  guint x = ms_thread_get_id (*(MsThread *const *) a),
        y = ms_thread_get_id (*(MsThread *const *) b);

  return x < y ? -1 : x > y;
}

/* Of a followed trace the bins are those of a time to come: so many have come. */
static guint
count_bins (const MsTrace *self, const MsAccounting *accounting)
{
  guint64 n =
      (guint64) (((__int128_t) accounting->n_bins * self->duration_ns + accounting->span_ns - 1)
                 / accounting->span_ns);

  return (guint) CLAMP (n, 1, accounting->n_bins);
}

void
ms_trace_build (MsTrace *self, const MsMatcher *matcher, MsAccounting *accounting)
{
  g_autoptr (GPtrArray) places = NULL;
  g_autofree guint32 *numbers = NULL;

  self->n_bins = accounting->is_followed ? count_bins (self, accounting) : accounting->n_bins;
  build_domains (self, accounting);
  places = build_threads (self, matcher, accounting);
  ms_build_histograms (self);
  numbers = ms_build_number_stacks (self, accounting);
  ms_build_stacks (self, accounting, numbers);
  ms_build_thread_stacks (accounting, places, self->n_stacks, numbers);
  build_interactions (self, matcher, accounting);
  if (!matcher->sampled) /* see ms_trace_why_no_growth_chains() */
    build_growth (self, accounting, numbers);
  build_mappings (self, accounting, numbers);
  self->history = ms_history_writer_finish (accounting, numbers,
                                            &(MsHistoryShape) { self->threads->len, self->n_stacks,
                                                                self->duration_ns },
                                            self->diagnostics);

  g_ptr_array_sort (self->threads, compare_threads);

  self->main_domain = MS_DOMAIN_HEAP;
  if (self->domains[MS_DOMAIN_HEAP] == NULL && self->domains[MS_DOMAIN_DECLARED] != NULL)
    self->main_domain = MS_DOMAIN_DECLARED;
  if (self->is_cut_ring)
    ms_ring_fill (self, matcher, accounting);
  self->n_events = matcher->n_events;
  self->dropped_events = matcher->n_dropped;
  self->sampled = matcher->sampled;
}
