/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Runs once an event; its cost is that of three curves and of the site's cache line. */
#include "ms-mappings.h"

#include <math.h>
#include <string.h>

#include "ms-history-writer.h"
#include "ms-large-memory.h"

/* So far ahead the lines that a record will need are fetched: a site first, as it names the stack. */
#define PREFETCH_SITE 12
#define PREFETCH_STACK 6

static void
tally_free (gpointer data)
{
  MsTally *tally = data;

  ms_live_series_clear (&tally->series);
  g_free (tally->figure.sampled);
  g_free (tally->sampled_bins);
  g_free (tally);
}

void
ms_accounting_init (MsAccounting *self,
                    const MsClock *clock,
                    MsStackTable *stacks,
                    guint n_threads,
                    guint n_bins,
                    gint64 span_ns)
{
  *self = (MsAccounting) { .clock = clock,
                           .stacks = stacks,
                           .span_ns = MAX (span_ns, 1),
                           .n_stacks = stacks->stacks->len,
                           .n_bins = n_bins,
                           .threads = g_new0 (MsAccountThread, n_threads + 1),
                           .n_threads = n_threads,
                           .tallies = g_ptr_array_new_with_free_func (tally_free),
                           .pairings = g_array_new (FALSE, FALSE, sizeof (MsPairing)) };
  ms_key_map_init (&self->pairing_numbers);
  ms_growth_init (self->growth);
}

void
ms_accounting_clear (MsAccounting *self)
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      ms_live_series_clear (&self->process_series[d]);
      g_free (self->process[d].sampled);
      for (guint i = 0; self->stack_figures[d] != NULL && i < self->n_stacks; i++)
        g_free (self->stack_figures[d][i].sampled);
      g_free (self->stack_figures[d]);
    }
  g_ptr_array_unref (self->tallies);
  g_array_unref (self->pairings);
  ms_key_map_clear (&self->pairing_numbers);
  for (guint i = 0; i < self->n_threads; i++)
    for (guint d = 0; d < MS_N_DOMAINS; d++)
      g_free (self->threads[i].reallocs[d].block);
  ms_growth_clear (self->growth);
  g_clear_pointer (&self->mappings, ms_mappings_free);
  g_clear_pointer (&self->history, ms_history_writer_free);
  g_aligned_free (self->sites);
  g_free (self->variances);
  g_free (self->threads);
}

/* --- who ------------------------------------------------------------------------------------------ */

static G_NO_INLINE MsTally *
begin_tally (MsAccounting *self, guint32 thread, guint domain)
{
  MsTally *tally = g_new0 (MsTally, 1);

  tally->thread = thread;
  tally->domain = (guint8) domain;
  self->threads[thread].tallies[domain] = tally;
  g_ptr_array_add (self->tallies, tally);
  if (self->stack_figures[domain] == NULL)
    self->stack_figures[domain] = g_new0 (MsFigure, self->n_stacks);
  return tally;
}

MsTally *
ms_accounting_tally (MsAccounting *self, guint32 thread, guint domain)
{
  MsTally *tally = self->threads[thread].tallies[domain];

  return G_LIKELY (tally != NULL) ? tally : begin_tally (self, thread, domain);
}

static void
grow_sites (MsAccounting *self)
{
  MsSite *sites;

  self->max_sites = MAX (256, self->max_sites * 2);
  sites = ms_large_alloc (self->max_sites * sizeof *sites);
  if (self->n_sites > 0)
    memcpy (sites, self->sites, self->n_sites * sizeof *sites);
  g_aligned_free (self->sites);
  self->sites = sites;
  if (self->variances != NULL || self->is_ring) /* which begins none with its curves */
    self->variances = g_renew (MsSiteVariance, self->variances, self->max_sites);
}

/* The next number, or one that a forgotten thread's site had. */
static void
begin_site (MsAccounting *self, const MsMatched *event)
{
  guint32 number = event->site;

  if (number == self->max_sites)
    grow_sites (self);
  self->sites[number] =
      (MsSite) { .tally = ms_accounting_tally (self, event->thread, event->domain),
                 .stack_id = event->number,
                 .stack = ms_stack_table_number_of (self->stacks, event->number) };
  if (self->variances != NULL)
    self->variances[number] = (MsSiteVariance) { .reallocations = 0 };
  self->n_sites = MAX (self->n_sites, number + 1);
}

/* --- curves ---------------------------------------------------------------------------------------- */

static G_NO_INLINE void
begin_sampled_curves (MsAccounting *self, MsSite *site)
{
  guint domain = site->tally->domain;

  if (self->variances == NULL)
    self->variances = g_new0 (MsSiteVariance, self->max_sites);
  ms_figure_begin_sampling (&self->process[domain], &self->process[domain]);
  ms_figure_begin_sampling (&site->tally->figure, &self->process[domain]);
  ms_figure_begin_sampling (&self->stack_figures[domain][site->stack], &self->process[domain]);
}

static G_NO_INLINE void
change_sampled_curves (MsAccounting *self, MsSite *site, const MsMatched *event, gboolean add)
{
  guint domain = site->tally->domain;
  const MsFigure *figures[3] = { &self->process[domain], &site->tally->figure,
                                 &self->stack_figures[domain][site->stack] };
  MsSampledBlock change = ms_sampled_block (event->bytes, event->weight, event->halves);
  MsSampledCurve *process = figures[0]->sampled;

  for (guint i = 1; i < 3; i++)
    ms_sampled_curve_save (figures[i]->sampled, process);
  for (guint i = 0; i < 3; i++)
    {
      ms_sampled_curve_change (figures[i]->sampled, &change, add, figures[i]->live_bytes);
      for (guint k = 0; k < 2; k++)
        if (ms_sampled_curve_note (figures[i]->sampled, k) && i == 0)
          process->halves[k].epoch++;
    }
}

/* Takes bytes from, or adds them to, the curves of a thread, a stack and the process.  @sampled NULL: the
 * block is one of its own. */
static inline void
change_live (MsAccounting *self,
             MsSite *site,
             guint64 bytes,
             gboolean add,
             const MsMatched *sampled)
{
  MsTally *tally = site->tally;
  guint domain = tally->domain;
  MsFigure *process = &self->process[domain], *thread = &tally->figure;
  MsFigure *stack = &self->stack_figures[domain][site->stack];
  /* Of a ring nobody knows what is live: see ms_trace_why_no_live(). */
  guint64 change = self->is_ring ? 0 : add ? bytes : 0 - bytes, allocated = add ? bytes : 0;

  if (G_UNLIKELY (self->is_ring))
    sampled = NULL;
  if (G_UNLIKELY (sampled != NULL))
    begin_sampled_curves (self, site);
  ms_live_series_change (&tally->series, self->bin, thread->live_bytes, thread->live_bytes + change,
                         allocated);
  ms_live_series_change (&self->process_series[domain], self->bin, process->live_bytes,
                         process->live_bytes + change, allocated);
  ms_figure_change (thread, thread->live_bytes + change, process->epoch);
  ms_figure_change (stack, stack->live_bytes + change, process->epoch);
  process->live_bytes += change;
  site->live_bytes += change;
  if (G_UNLIKELY (sampled != NULL))
    change_sampled_curves (self, site, sampled, add);
  if (!add)
    return;
  ms_figure_note_peak (thread, self->now);
  ms_figure_note_peak (stack, self->now);
  if (ms_figure_note_peak (process, self->now))
    process->epoch++;
}

void
ms_accounting_change_live (MsAccounting *self, MsSite *site, guint64 bytes, gboolean add)
{
  change_live (self, site, bytes, add, NULL);
}

/* Moves to the bin of the event in hand; its boundary is asked of the clock once a bin. */
static G_NO_INLINE void
advance_bin (MsAccounting *self)
{
  gint64 ns = ms_clock_to_ns (self->clock, self->now);
  guint64 bin = (guint64) ((__int128_t) MIN (ns, self->span_ns) * self->n_bins / self->span_ns);

  self->bin = (guint32) MAX (self->bin, MIN (bin, self->n_bins - 1));
  if (self->bin == self->n_bins - 1)
    self->next_bin_ticks = G_MAXUINT64;
  else
    self->next_bin_ticks =
        ms_clock_to_ticks (self->clock, (gint64) (((__int128_t) (self->bin + 1) * self->span_ns
                                                   + self->n_bins - 1)
                                                  / self->n_bins));
}

/* --- allocations ----------------------------------------------------------------------------------- */

/* Of sizes, and of ages in ns. */
static guint
log2_bin (guint64 n)
{
  return n ? 64U - (guint) __builtin_clzll (n) : 0;
}

void
ms_accounting_count_alloc (MsTally *tally, MsSite *site, guint64 size)
{
  tally->allocations++;
  tally->allocated_bytes += size;
  tally->live_blocks++;
  tally->size_bins[log2_bin (size)]++;
  site->allocations++;
  site->allocated_bytes += size;
  site->live_blocks++;
}

static MsSampledBins *
need_sampled_bins (MsTally *tally)
{
  if (G_UNLIKELY (tally->sampled_bins == NULL))
    tally->sampled_bins = g_new0 (MsSampledBins, 1);
  return tally->sampled_bins;
}

static G_NO_INLINE void
add_variances (MsAccounting *self, MsSite *site, const MsMatched *event)
{
  MsVariance variance = ms_variance_of (event->weight, (double) event->bytes);
  MsSiteVariance *of_site = &self->variances[event->site];
  MsTally *tally = site->tally;
  MsSampledBins *bins = need_sampled_bins (tally);
  guint bin = log2_bin (event->size);

  bins->size_blocks[bin] += event->weight;
  bins->size_variances[bin] += variance.blocks;
  ms_variance_add (&tally->unsaid_allocated, variance);
  ms_variance_add (&tally->live, variance);
  ms_variance_add (&of_site->allocated, variance);
  ms_variance_add (&of_site->live, variance);
  if (event->flags & MS_MATCHED_REALLOC)
    {
      tally->reallocations_variance += variance.blocks;
      of_site->reallocations += variance.blocks;
    }
}

static inline void
take_alloc (MsAccounting *self, const MsMatched *event)
{
  MsSite *site = &self->sites[event->site];
  MsTally *tally = site->tally;
  gboolean sampled = event->flags & MS_MATCHED_SAMPLED;

  tally->allocations++;
  tally->allocated_bytes += event->size;
  tally->live_blocks += event->weight;
  site->allocations += event->weight;
  site->allocated_bytes += event->bytes;
  site->live_blocks += event->weight;
  if (event->flags & MS_MATCHED_REALLOC)
    {
      tally->reallocations += event->weight;
      site->reallocations += event->weight;
      ms_growth_end (&self->growth[tally->domain],
                     &self->threads[event->thread].reallocs[tally->domain], event->number,
                     event->size, site->stack);
    }
  change_live (self, site, event->bytes, TRUE, sampled ? event : NULL);
  if (G_UNLIKELY (sampled))
    {
      tally->unsaid_allocations += event->weight - 1;
      tally->unsaid_bytes += (double) (event->bytes - event->size);
      add_variances (self, site, event);
    }
  else
    {
      tally->size_bins[log2_bin (event->size)]++;
    }
}

/* --- frees ----------------------------------------------------------------------------------------- */

static inline guint64
age_ns (const MsAccounting *self, const MsMatched *event)
{
  double ns = (double) (event->ticks - event->birth_ticks) * self->clock->ns_per_tick;

  return (guint64) MIN (ns, 0x1p62);
}

static G_NO_INLINE void
subtract_variances (MsAccounting *self, MsTally *tally, MsSite *site, const MsMatched *event)
{
  MsVariance variance = ms_variance_of (event->weight, (double) event->bytes);
  MsSiteVariance *of_site = &self->variances[event->site];
  MsTally *owner = site->tally;
  MsSampledBins *bins = need_sampled_bins (owner);
  guint bin = log2_bin (age_ns (self, event));

  bins->lifetime_blocks[bin] += event->weight;
  bins->lifetime_variances[bin] += variance.blocks;
  ms_variance_add (&tally->unsaid_freed, variance);
  ms_variance_add (&owner->freed_of_own, variance);
  ms_variance_subtract (&owner->live, variance);
  ms_variance_subtract (&of_site->live, variance);
  if (event->flags & MS_MATCHED_TEMPORARY)
    {
      tally->temporary_variance += variance.blocks;
      of_site->temporary_allocations += variance.blocks;
    }
  /* Rounding must not leave an error of nothing. */
  if (owner->live_blocks < 0.5)
    owner->live = (MsVariance) { 0, 0 };
  if (site->live_blocks < 0.5)
    of_site->live = (MsVariance) { 0, 0 };
}

/* By a realloc, or of a block that came out of one. */
static G_NO_INLINE void
end_growth (MsAccounting *self, const MsMatched *event, guint domain)
{
  MsGrowth *growth = &self->growth[domain];
  gboolean moved = event->flags & MS_MATCHED_MOVED;

  if (event->flags & MS_MATCHED_REALLOC)
    ms_growth_begin (growth, &self->threads[event->thread].reallocs[domain], event->number,
                     (guint64) llround ((double) event->bytes / event->weight), moved);
  else if (moved)
    ms_growth_free (growth, event->number);
}

static inline void
take_free (MsAccounting *self, const MsMatched *event)
{
  MsSite *site = &self->sites[event->site];
  MsTally *owner = site->tally;
  MsTally *tally = ms_accounting_tally (self, event->thread, owner->domain);
  gboolean sampled = event->flags & MS_MATCHED_SAMPLED;

  if (event->flags & (MS_MATCHED_REALLOC | MS_MATCHED_MOVED))
    end_growth (self, event, owner->domain);
  /* In a ring its thread has counted it; else nobody has. */
  if (G_LIKELY (!(event->flags & MS_MATCHED_UNSEEN) || !self->is_ring))
    {
      tally->deallocations++;
      tally->frees_made++;
    }
  owner->freed_bytes_of_own += event->bytes;
  owner->live_blocks -= event->weight;
  site->live_blocks -= event->weight;
  if (owner != tally)
    {
      ms_accounting_count_pairing (self, owner, event);
    }
  else if (event->flags & MS_MATCHED_TEMPORARY)
    {
      tally->temporary_allocations += event->weight;
      site->temporary_allocations += event->weight;
    }
  change_live (self, site, event->bytes, FALSE, sampled ? event : NULL);
  if (G_UNLIKELY (sampled))
    {
      tally->unsaid_deallocations += event->weight - 1;
      subtract_variances (self, tally, site, event);
    }
  else
    {
      owner->lifetime_bins[log2_bin (age_ns (self, event))]++;
    }
}

void
ms_accounting_unmatched (MsTally *tally, MsUnmatchedReason reason)
{
  tally->frees_made++;
  switch (reason)
    {
    case MS_UNMATCHED_UNKEPT:
      tally->deallocations++;
      break;
    case MS_UNMATCHED_UNSURE: /* see take_rare() */
      break;
    case MS_UNMATCHED_INHERITED:
      tally->inherited_frees++;
      break;
    case MS_UNMATCHED_FOREIGN:
      tally->foreign_frees++;
      break;
    case MS_UNMATCHED_PRIOR:
      tally->prior_frees++;
      break;
    case MS_UNMATCHED_UNKNOWN:
    default:
      tally->unmatched_frees++;
      break;
    }
}

/* --- the rest --------------------------------------------------------------------------------------- */

static void
add_unsure_frees (MsTally *tally, guint64 n, guint reason)
{
  tally->unsure_frees += n;
  tally->unsure_reason = (guint8) reason;
}

static void
take_skipped (MsAccounting *self, const MsMatched *event, const TrkEvent *note)
{
  MsTally *tally = ms_accounting_tally (self, event->thread, event->domain);

  tally->allocations += note->u.skipped.allocations;
  tally->allocated_bytes += note->u.skipped.bytes;
  tally->frees_made += note->u.skipped.frees;
  tally->unsaid_allocations = tally->unsaid_bytes = 0;
  tally->unsaid_allocated = (MsVariance) { 0, 0 };
  if (event->detail != MS_UNMATCHED_UNKEPT)
    {
      add_unsure_frees (tally, note->u.skipped.frees, event->detail);
      return;
    }
  tally->deallocations += note->u.skipped.frees;
  tally->unsaid_deallocations = 0;
  tally->unsaid_freed = (MsVariance) { 0, 0 };
}

/* What its thread counted from its beginning, and what of it was not seen. */
static void
take_earlier (MsAccounting *self, const MsMatched *event, const TrkEvent *note)
{
  MsTally *tally = ms_accounting_tally (self, event->thread, event->domain);
  guint64 seen_frees = tally->gone.deallocations + tally->frees_made;
  TrkCounts more = {
    note->u.skipped.allocations - MIN (note->u.skipped.allocations, tally->allocations),
    note->u.skipped.bytes - MIN (note->u.skipped.bytes, tally->allocated_bytes),
    note->u.skipped.frees - MIN (note->u.skipped.frees, seen_frees),
  };

  tally->allocations += more.allocations;
  tally->allocated_bytes += more.allocated_bytes;
  tally->gone.allocations += more.allocations;
  tally->gone.allocated_bytes += more.allocated_bytes;
  tally->gone.deallocations += more.deallocations;
}

static G_NO_INLINE void
take_rare (MsAccounting *self, const MsMatched *event, GArray *notes)
{
  const TrkEvent *note;
  MsTally *tally;

  if (event->kind == MS_MATCHED_SITE)
    {
      begin_site (self, event);
      return;
    }
  if (event->kind == MS_MATCHED_UNMATCHED)
    {
      tally = ms_accounting_tally (self, event->thread, event->domain);
      ms_accounting_unmatched (tally, event->detail);
      if (event->detail == MS_UNMATCHED_UNSURE)
        add_unsure_frees (tally, 1, event->number);
      return;
    }
  note = &g_array_index (notes, TrkEvent, event->number);
  if (note->kind == TRK_EVENT_SKIPPED)
    take_skipped (self, event, note);
  else if (note->kind == TRK_EVENT_EARLIER)
    take_earlier (self, event, note);
  else
    ms_mappings_take (self, event, note);
}

/* The caller prefetches, as gcc takes a function that only does that for one without effect.  A site that
 * is yet to be made has no line to fetch. */
static inline const MsSite *
site_ahead (const MsAccounting *self, const MsMatchedBatch *batch, guint i)
{
  const MsMatched *event = &batch->events[MIN (i, batch->n - 1)];

  return event->kind <= MS_MATCHED_FREE && event->site < self->n_sites ? &self->sites[event->site]
                                                                       : NULL;
}

void
ms_accounting_take (MsAccounting *self, const MsMatchedBatch *batch)
{
  for (guint i = 0; i < batch->n; i++)
    {
      const MsMatched *event = &batch->events[i];
      const MsSite *ahead = site_ahead (self, batch, i + PREFETCH_STACK);

      __builtin_prefetch (site_ahead (self, batch, i + PREFETCH_SITE), 1);
      if (ahead != NULL)
        __builtin_prefetch (&self->stack_figures[ahead->tally->domain][ahead->stack], 1);
      self->now = event->ticks;
      if (G_UNLIKELY (self->now >= self->next_bin_ticks))
        advance_bin (self);
      if (event->kind == MS_MATCHED_ALLOC)
        take_alloc (self, event);
      else if (event->kind == MS_MATCHED_FREE)
        take_free (self, event);
      else
        take_rare (self, event, batch->notes);
    }
  if (self->history != NULL)
    ms_history_writer_take (self->history, self, batch);
}

GArray *
ms_accounting_count_growth (const MsAccounting *self, guint domain)
{
  return ms_growth_count (&self->growth[domain], &self->threads[0].reallocs[domain],
                          sizeof self->threads[0], self->n_threads);
}

static void
widen_bins (MsAccounting *self)
{
  self->span_ns *= 2;
  self->bin /= 2;
  self->next_bin_ticks = 0; /* to be asked for */
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    ms_live_series_halve (&self->process_series[d]);
  for (guint i = 0; i < self->tallies->len; i++)
    ms_live_series_halve (&((MsTally *) g_ptr_array_index (self->tallies, i))->series);
}

void
ms_accounting_renew (MsAccounting *self, guint n_threads, gint64 duration_ns)
{
  guint n_stacks = self->stacks->stacks->len;

  if (n_threads > self->n_threads)
    {
      self->threads = g_renew (MsAccountThread, self->threads, n_threads);
      memset (self->threads + self->n_threads, 0,
              (n_threads - self->n_threads) * sizeof *self->threads);
      self->n_threads = n_threads;
    }
  for (guint d = 0; d < MS_N_DOMAINS && n_stacks > self->n_stacks; d++)
    if (self->stack_figures[d] != NULL)
      {
        self->stack_figures[d] = g_renew (MsFigure, self->stack_figures[d], n_stacks);
        memset (self->stack_figures[d] + self->n_stacks, 0,
                (n_stacks - self->n_stacks) * sizeof (MsFigure));
      }
  if (self->mappings != NULL)
    ms_mappings_renew (self->mappings, self->n_stacks, n_stacks);
  self->n_stacks = MAX (n_stacks, self->n_stacks);
  while (self->span_ns < duration_ns)
    widen_bins (self);
}
