/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What one event does to the counters: the conventions of ms-types.h in C.
 *
 * Runs once an event; its cost is that of the live table's cache misses and three curves.
 */
#include "ms-mappings.h"

#include <math.h>
#include <string.h>

#include "ms-diagnostic.h"

#define MAX_RULES_SAID 16

MsTally *
ms_account_tally (MsMatcher *self, MsThreadLife *thread, guint domain)
{
  MsTally *tally = thread->tallies[domain];

  if (G_LIKELY (tally != NULL))
    return tally;
  tally = g_new0 (MsTally, 1);
  tally->thread = (guint32) (thread - self->threads);
  tally->domain = (guint8) domain;
  tally->last_site = MS_KEY_MAP_NONE;
  thread->tallies[domain] = tally;
  g_ptr_array_add (self->tallies, tally);
  if (self->stack_figures[domain] == NULL)
    self->stack_figures[domain] = g_new0 (MsFigure, self->stacks->stacks->len);
  return tally;
}

guint32
ms_account_site (MsMatcher *self, MsTally *tally, guint32 stack_id)
{
  guint64 key = ((guint64) tally->thread * MS_N_DOMAINS + tally->domain) << 32 | stack_id;
  guint32 number;
  MsSite *site;

  if (tally->last_stack == stack_id && tally->last_site != MS_KEY_MAP_NONE)
    return tally->last_site;
  number = ms_key_map_get (&self->site_numbers, key);
  if (number == MS_KEY_MAP_NONE)
    {
      site = g_new0 (MsSite, 1);
      site->tally = tally;
      site->stack_id = stack_id;
      site->stack = ms_stack_table_number_of (self->stacks, stack_id);
      number = self->sites->len;
      g_ptr_array_add (self->sites, site);
      ms_key_map_insert (&self->site_numbers, key, number);
    }
  tally->last_stack = stack_id;
  tally->last_site = number;
  return number;
}

static G_NO_INLINE void
begin_sampled_curves (MsMatcher *self, MsSite *site)
{
  guint domain = site->tally->domain;

  ms_figure_begin_sampling (&self->process[domain], &self->process[domain]);
  ms_figure_begin_sampling (&site->tally->figure, &self->process[domain]);
  ms_figure_begin_sampling (&self->stack_figures[domain][site->stack], &self->process[domain]);
}

static G_NO_INLINE void
change_sampled_curves (MsMatcher *self, MsSite *site, MsLiveBlock block, gboolean add)
{
  guint domain = site->tally->domain;
  const MsFigure *figures[3] = { &self->process[domain], &site->tally->figure,
                                 &self->stack_figures[domain][site->stack] };
  MsSampledBlock change = ms_sampled_block (block.bytes, block.weight, block.halves);
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

/* Takes one block from, or adds it to, the curves of its thread, its stack and the process. */
static inline void
change_live (MsMatcher *self, MsSite *site, MsLiveBlock block, gboolean sampled, gboolean add)
{
  MsTally *tally = site->tally;
  guint domain = tally->domain;
  MsFigure *process = &self->process[domain], *thread = &tally->figure;
  MsFigure *stack = &self->stack_figures[domain][site->stack];
  guint64 bytes = block.bytes, change = add ? bytes : 0 - bytes, allocated = add ? bytes : 0;

  if (G_UNLIKELY (sampled))
    begin_sampled_curves (self, site);
  ms_live_series_change (&tally->series, self->bin, thread->live_bytes, thread->live_bytes + change,
                         allocated);
  ms_live_series_change (&self->process_series[domain], self->bin, process->live_bytes,
                         process->live_bytes + change, allocated);
  ms_figure_change (thread, thread->live_bytes + change, process->epoch);
  ms_figure_change (stack, stack->live_bytes + change, process->epoch);
  process->live_bytes += change;
  site->live_bytes += change;
  if (G_UNLIKELY (sampled))
    change_sampled_curves (self, site, block, add);
  if (!add)
    return;
  ms_figure_note_peak (thread, self->now);
  ms_figure_note_peak (stack, self->now);
  if (ms_figure_note_peak (process, self->now))
    process->epoch++;
}

void
ms_account_change_live (MsMatcher *self, MsSite *site, guint64 bytes, gboolean add)
{
  change_live (self, site, (MsLiveBlock) { .bytes = bytes }, FALSE, add);
}

/* The weight of an allocation that was kept, and its half.  Rounding its bytes leaves a rest for the thread's next one,
 * or small blocks at a high rate would all be off by the same. */
static void
weigh (MsThreadLife *thread, const MsStreamEvent *event, MsLiveBlock *block)
{
  double weight = 1 / ms_keep_probability (thread->rate, thread->interval_bytes, event->size);
  double bytes = MIN ((double) event->size * weight, 0x1p62) + thread->rest_bytes;

  block->weight = (float) weight;
  block->bytes = (guint64) bytes;
  thread->rest_bytes = bytes - (double) block->bytes;
  block->halves = ms_halves_of (thread->id, thread->n_weighed++, block->weight) & 3;
}

static void
add_variances (MsTally *tally, MsSite *site, const MsLiveBlock *block, gboolean is_realloc)
{
  MsVariance variance = ms_variance_of (block->weight, (double) block->bytes);

  ms_variance_add (&tally->unsaid_allocated, variance);
  ms_variance_add (&tally->live, variance);
  ms_variance_add (&site->allocated, variance);
  ms_variance_add (&site->live, variance);
  if (is_realloc)
    {
      tally->reallocations_variance += variance.blocks;
      site->reallocations_variance += variance.blocks;
    }
}

/* Of sizes, and of ages in ns. */
static guint
log2_bin (guint64 n)
{
  return n ? 64U - (guint) __builtin_clzll (n) : 0;
}

void
ms_account_count_alloc (MsTally *tally, MsSite *site, guint64 size)
{
  tally->allocations++;
  tally->allocated_bytes += size;
  tally->live_blocks++;
  tally->size_bins[log2_bin (size)]++;
  site->events++;
  site->event_bytes += size;
  site->allocations++;
  site->allocated_bytes += size;
  site->live_blocks++;
}

void
ms_account_alloc (MsMatcher *self, MsThreadLife *thread, const MsStreamEvent *event)
{
  MsTally *tally = ms_account_tally (self, thread, event->domain);
  MsLiveBlock block = { .address = event->address,
                        .bytes = event->size,
                        .birth_ticks = self->now,
                        .weight = 1 };
  MsSite *site;

  if (G_UNLIKELY (thread->sampled) && event->domain != MS_DOMAIN_MAPPING)
    weigh (thread, event, &block);
  block.site = ms_account_site (self, tally, event->stack);
  site = ms_matcher_site (self, block.site);

  tally->allocations++;
  tally->allocated_bytes += event->size;
  tally->unsaid_allocations += block.weight - 1;
  tally->unsaid_bytes += (double) (block.bytes - event->size);
  tally->live_blocks += block.weight;
  tally->size_bins[log2_bin (event->size)]++;
  site->events++;
  site->event_bytes += event->size;
  site->allocations += block.weight;
  site->allocated_bytes += block.bytes;
  site->live_blocks += block.weight;
  if (event->kind == MS_EVENT_REALLOC_ALLOC)
    {
      tally->reallocations += block.weight;
      site->reallocations += block.weight;
      block.grown = ms_growth_end (&self->growth[event->domain], &thread->reallocs[event->domain],
                                   event->address, event->size, site->stack);
    }
  if (G_UNLIKELY (self->sampled))
    add_variances (tally, site, &block, event->kind == MS_EVENT_REALLOC_ALLOC);
  ms_live_table_insert (&self->live[event->domain], block);
  change_live (self, site, block, self->sampled, TRUE);
}

static MsPairing *
find_pairing (MsMatcher *self, MsTally *owner, guint32 thread)
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
ms_account_pairing (MsMatcher *self, MsTally *owner, guint32 thread, guint n_frees, guint64 bytes)
{
  MsPairing *pairing = find_pairing (self, owner, thread);

  pairing->frees += n_frees;
  pairing->bytes += bytes;
}

static void
count_pairing (MsMatcher *self, MsTally *owner, guint32 thread, const MsLiveBlock *block)
{
  MsPairing *pairing = find_pairing (self, owner, thread);

  pairing->frees += block->weight;
  pairing->bytes += block->bytes;
  if (G_UNLIKELY (self->sampled))
    ms_variance_add (&pairing->variance, ms_variance_of (block->weight, (double) block->bytes));
}

static void
subtract_variances (MsTally *owner, MsTally *tally, MsSite *site, const MsLiveBlock *block)
{
  MsVariance variance = ms_variance_of (block->weight, (double) block->bytes);

  ms_variance_add (&tally->unsaid_freed, variance);
  ms_variance_add (&owner->freed_of_own, variance);
  ms_variance_subtract (&owner->live, variance);
  ms_variance_subtract (&site->live, variance);
  /* Rounding must not leave an error of nothing. */
  if (owner->live_blocks < 0.5)
    owner->live = (MsVariance) { 0, 0 };
  if (site->live_blocks < 0.5)
    site->live = (MsVariance) { 0, 0 };
}

/* The next event kept is not the thread's next operation where others were not kept: there the recorder
 * said so. */
static gboolean
is_temporary (const MsThreadLife *thread, guint64 address, guint domain, MsFreeOrder order)
{
  if (G_UNLIKELY (thread->sampled))
    return order == MS_FREE_TEMPORARY;
  return order != MS_FREE_LATE && thread->last_alloc == address && thread->last_domain == domain;
}

static guint64
age_ns (const MsMatcher *self, const MsLiveBlock *block)
{
  double ns = (double) (self->now - block->birth_ticks) * self->clock->ns_per_tick;

  return (guint64) MIN (ns, 0x1p62);
}

/* Of a realloc, or of a block that grew. */
static G_NO_INLINE void
end_block (MsMatcher *self,
           MsThreadLife *thread,
           const MsLiveBlock *block,
           guint domain,
           MsFreeOrder order)
{
  MsGrowth *growth = &self->growth[domain];

  if (thread->reallocating && order != MS_FREE_LATE)
    ms_growth_begin (growth, &thread->reallocs[domain], block->address,
                     (guint64) llround ((double) block->bytes / block->weight), block->grown);
  else if (block->grown)
    ms_growth_free (growth, block->address);
}

gboolean
ms_account_free (MsMatcher *self,
                 MsThreadLife *thread,
                 guint64 address,
                 guint domain,
                 MsFreeOrder order)
{
  MsLiveBlock *found = ms_live_table_find (&self->live[domain], address), block;
  MsTally *tally, *owner;
  MsSite *site;

  if (found == NULL)
    return FALSE;
  block = *found;
  ms_live_table_remove (&self->live[domain], found);
  site = ms_matcher_site (self, block.site);
  owner = site->tally;
  tally = ms_account_tally (self, thread, domain);

  if (G_UNLIKELY (thread->reallocating || block.grown))
    end_block (self, thread, &block, domain, order);
  owner->lifetime_bins[log2_bin (age_ns (self, &block))]++;
  tally->deallocations++;
  tally->unsaid_deallocations += block.weight - 1;
  tally->frees_made++;
  owner->freed_bytes_of_own += block.bytes;
  owner->live_blocks -= block.weight;
  site->live_blocks -= block.weight;
  if (owner != tally)
    {
      count_pairing (self, owner, tally->thread, &block);
    }
  else if (is_temporary (thread, address, domain, order))
    {
      double variance = ms_variance_of (block.weight, 0).blocks;

      tally->temporary_allocations += block.weight;
      site->temporary_allocations += block.weight;
      tally->temporary_variance += variance;
      site->temporary_variance += variance;
    }
  if (G_UNLIKELY (self->sampled))
    subtract_variances (owner, tally, site, &block);
  change_live (self, site, block, self->sampled, FALSE);
  return TRUE;
}

void
ms_account_unmatched (MsMatcher *self, MsThreadLife *thread, guint domain, gboolean foreign)
{
  MsTally *tally = ms_account_tally (self, thread, domain);

  tally->frees_made++;
  /* Of a block that was not kept, or of one from before sampling began: the recorder could not tell. */
  if (foreign && thread->sampled && thread->tracking)
    tally->deallocations++;
  else if (self->options.forked)
    tally->inherited_frees++;
  else if (foreign || self->options.some_untracked)
    tally->foreign_frees++;
  else if (self->options.began_late || self->options.was_off || thread->paused)
    tally->prior_frees++;
  else
    tally->unmatched_frees++;
}

static void
account_skipped (MsMatcher *self, MsThreadLife *thread, const TrkEvent *event)
{
  MsTally *tally = ms_account_tally (self, thread, event->domain);

  tally->allocations += event->u.skipped.allocations;
  tally->allocated_bytes += event->u.skipped.bytes;
  tally->deallocations += event->u.skipped.frees;
  tally->frees_made += event->u.skipped.frees;
  tally->unsaid_allocations = tally->unsaid_bytes = tally->unsaid_deallocations = 0;
  tally->unsaid_allocated = tally->unsaid_freed = (MsVariance) { 0, 0 };
  thread->recorded = TRUE;
  thread->last_alloc = 0;
}

/* A record holds 32 binary digits of what the manifest has in decimal ones. */
static gboolean
is_same_rate (double a, double b)
{
  return fabs (a - b) < 1e-9;
}

/* Each thread tells it when it comes to allocate; whoever does so first is the one that counts. */
static void
say_sampling (MsMatcher *self, const MsThreadLife *thread, guint64 ticks)
{
  double seconds = (double) ms_clock_to_ns (self->clock, ticks) / 1e9;
  g_autofree char *what = NULL;

  if (is_same_rate (thread->rate, self->said_rate)
      && thread->interval_bytes == self->said_interval_bytes)
    return;
  self->said_rate = thread->rate;
  self->said_interval_bytes = thread->interval_bytes;
  if (self->n_samplings++ >= MAX_RULES_SAID)
    return;
  if (thread->interval_bytes > 0)
    what =
        g_strdup_printf ("one allocation in %" G_GUINT64_FORMAT " bytes", thread->interval_bytes);
  else if (thread->rate < 1)
    what = g_strdup_printf ("each allocation with a probability of %g", thread->rate);
  else
    what = g_strdup ("every allocation");
  ms_diagnostics_add (self->index->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
                      "From %.3f s on %s was kept.", seconds, what);
}

static void
account_sampling (MsMatcher *self, MsThreadLife *thread, const TrkEvent *event)
{
  double rate = (double) event->u.sampling.rate_q32 / 0x1p32;
  gboolean is_new = !is_same_rate (rate, thread->rate)
                    || event->u.sampling.interval_bytes != thread->interval_bytes;

  thread->rate = rate;
  thread->interval_bytes = event->u.sampling.interval_bytes;
  thread->sampled = TRUE;
  if (is_new)
    say_sampling (self, thread, event->ticks);
  if (thread->rate < 1 || thread->interval_bytes > 0)
    self->sampled = TRUE;
}

/* A name is not said again: a thread that sets the one it has does not begin a new span. */
static void
account_name (MsThreadLife *thread, guint64 ticks, const char *name, const MsClock *clock)
{
  MsNameSpan span = { .start_ns = ms_clock_to_ns (clock, ticks) };
  const MsNameSpan *last = thread->names->len
                               ? &g_array_index (thread->names, MsNameSpan, thread->names->len - 1)
                               : NULL;

  if (last && g_strcmp0 (last->name, name) == 0)
    return;
  span.name = g_strdup (name);
  g_array_append_val (thread->names, span);
}

/* Threads were chosen anew.  Blocks of those that were not recorded may be freed by all from here on. */
static void
account_rule (MsMatcher *self, const TrkEvent *event, const char *rule)
{
  double seconds = (double) ms_clock_to_ns (self->clock, event->ticks) / 1e9;

  if (!event->u.rule.on || strcmp (rule, "none") == 0)
    self->options.was_off = TRUE;
  else if (strcmp (rule, "all") != 0)
    self->options.some_untracked = TRUE;
  if (self->n_rules++ >= MAX_RULES_SAID)
    return;
  if (event->u.rule.on)
    ms_diagnostics_add (
        self->index->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
        "From %.3f s on the threads that were recorded were those of the rule '%s'.", seconds,
        rule);
  else
    ms_diagnostics_add (self->index->diagnostics, MS_DIAGNOSTIC_INFO, NULL, 0,
                        "At %.3f s recording was switched off.", seconds);
}

void
ms_account_note (MsMatcher *self, MsThreadLife *thread, const MsStreamNote *note)
{
  const TrkEvent *event = &note->event;

  switch (event->kind)
    {
    case TRK_EVENT_THREAD_START:
      if (!thread->has_start)
        thread->start_ticks = event->ticks;
      thread->has_start = TRUE;
      thread->has_parent = event->u.start.has_parent;
      thread->parent_id = event->u.start.parent_thread_id;
      thread->start_routine = event->u.start.start_routine;
      break;
    case TRK_EVENT_THREAD_NAME:
      account_name (thread, event->ticks, note->name, self->clock);
      break;
    case TRK_EVENT_THREAD_EXIT:
      thread->has_end = TRUE;
      thread->end_ticks = event->ticks;
      thread->cpu_ns = (gint64) MIN (event->u.exit.cpu_ns, (guint64) G_MAXINT64);
      break;
    case TRK_EVENT_TRACKING:
      thread->tracking = event->u.tracking.on;
      thread->paused |= !event->u.tracking.on;
      break;
    case TRK_EVENT_SKIPPED:
      account_skipped (self, thread, event);
      break;
    case TRK_EVENT_SAMPLING:
      account_sampling (self, thread, event);
      break;
    case TRK_EVENT_DROPPED:
      self->n_dropped += event->u.dropped.n_events;
      self->n_dropped_for[event->u.dropped.reason < MS_N_DROP_REASONS ? event->u.dropped.reason
                                                                      : 0] +=
          event->u.dropped.n_events;
      thread->last_alloc = 0;
      break;
    case TRK_EVENT_RULE:
      account_rule (self, event, note->name);
      break;
    case TRK_EVENT_MAP:
    case TRK_EVENT_UNMAP:
    case TRK_EVENT_REMAP:
      ms_mappings_account (self, thread, event);
      break;
    default:
      break;
    }
}

void
ms_account_finish (MsMatcher *self)
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      for (guint i = 0; i < self->n_threads; i++)
        ms_growth_abandon (&self->growth[d], &self->threads[i].reallocs[d]);
      ms_growth_finish (&self->growth[d]);
    }
}
