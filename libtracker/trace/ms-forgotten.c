/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-forgotten.h"

#include <stdlib.h>
#include <string.h>

/* So long a thread must have ended: what runs behind its end, such as destructors of its data, comes soon. */
#define REST_NS (2 * G_GINT64_CONSTANT (1000000000))

typedef struct {
  MsMatcher *matcher;
  MsAccounting *accounting;
  guint8 *chosen; /* by place: to be forgotten */
  guint32 whole;  /* the place of all that are forgotten */
} Forgetting;

/* --- which ------------------------------------------------------------------------------------------ */

typedef struct {
  double share; /* of what all threads did */
  guint32 place, id;
} Candidate;

/* The least first; of those that did the same, the one that came first. */
static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *x = a, *y = b;

  if (x->share != y->share)
    return x->share < y->share ? -1 : 1;
  return x->id < y->id ? -1 : x->id > y->id;
}

static gboolean
is_in_files (const MsMatcher *matcher, const MsThreadLife *life)
{
  const MsEventReader *reader = &life->stream.reader;

  for (guint i = reader->first_block; i < reader->end_block; i++)
    if (g_array_index (matcher->index->blocks, MsBlock, i).payload != NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_waited_for (const MsMatcher *matcher, guint32 place)
{
  const GArray *frees = matcher->early.frees;

  for (guint i = matcher->early.first; i < frees->len; i++)
    if (g_array_index (frees, MsEarlyFree, i).thread == place)
      return TRUE;
  return FALSE;
}

/* All that it did was counted, and nothing of it is to come.  The main thread is what people look for. */
static gboolean
is_over (const MsMatcher *matcher, guint32 place, guint64 until_ticks)
{
  const MsThreadLife *life = &matcher->threads[place];

  return !life->is_vacant && life->id != 0 && life->has_end && life->end_ticks <= until_ticks
         && life->stream.ended && life->stream.current == NULL && life->stream.reader.is_resting
         && is_in_files (matcher, life) && !is_waited_for (matcher, place);
}

static guint64
get_allocated (const MsAccounting *accounting, guint32 place)
{
  guint64 n_bytes = 0;

  for (guint d = 0; d < MS_N_DOMAINS; d++)
    if (accounting->threads[place].tallies[d] != NULL)
      n_bytes += accounting->threads[place].tallies[d]->allocated_bytes;
  return n_bytes;
}

/* Who allocated much, or used much processor time, is kept the longest. */
static double
get_share (double part, double whole)
{
  return whole > 0 ? part / whole : 0;
}

/* Places of threads that are over. (element-type Candidate) */
static GArray *
find_candidates (const Forgetting *self)
{
  const MsMatcher *matcher = self->matcher;
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  guint64 rest_ticks = (guint64) ((double) REST_NS / matcher->clock->ns_per_tick);
  guint64 until_ticks = matcher->now - MIN (matcher->now, rest_ticks);
  double all_bytes = 0, all_cpu_ns = 0;

  for (guint32 i = 0; i < matcher->n_threads; i++)
    {
      all_bytes += (double) get_allocated (self->accounting, i);
      all_cpu_ns += (double) MAX (matcher->threads[i].cpu_ns, 0);
    }
  for (guint32 i = 0; i < matcher->n_threads; i++)
    {
      const MsThreadLife *life = &matcher->threads[i];
      double of_bytes = get_share ((double) get_allocated (self->accounting, i), all_bytes);
      double of_cpu = get_share ((double) MAX (life->cpu_ns, 0), all_cpu_ns);
      Candidate candidate = { MAX (of_bytes, of_cpu), i, life->id };

      if (is_over (matcher, i, until_ticks))
        g_array_append_val (candidates, candidate);
    }
  g_array_sort (candidates, compare_candidates);
  return candidates;
}

/* --- what was counted ------------------------------------------------------------------------------- */

static void
add_counts (TrkCounts *into, const TrkCounts *from)
{
  into->allocations += from->allocations;
  into->allocated_bytes += from->allocated_bytes;
  into->deallocations += from->deallocations;
}

/* Both as of the process's latest peak.  Peaks of parts that were at different times have no sum. */
static void
join_figures (MsFigure *into, const MsFigure *from, guint64 epoch)
{
  into->at_process_peak = into->epoch == epoch ? into->at_process_peak : into->live_bytes;
  into->at_process_peak += from->epoch == epoch ? from->at_process_peak : from->live_bytes;
  into->epoch = epoch;
  into->live_bytes += from->live_bytes;
}

/* A curve that sampling never touched is certain in both halves. */
static void
join_sampled_curves (MsFigure *into, MsFigure *from, const MsFigure *process)
{
  if (into->sampled == NULL && from->sampled == NULL)
    return;
  ms_figure_begin_sampling (into, process);
  ms_figure_begin_sampling (from, process);
  ms_sampled_curve_save (into->sampled, process->sampled);
  ms_sampled_curve_save (from->sampled, process->sampled);
  into->sampled->live_variance += from->sampled->live_variance;
  into->sampled->at_process_peak_variance += from->sampled->at_process_peak_variance;
  for (guint k = 0; k < 2; k++)
    {
      MsHalf *half = &into->sampled->halves[k];
      const MsHalf *more = &from->sampled->halves[k];

      half->choice += more->choice;
      half->reading += more->reading;
      half->at_process_peak += more->at_process_peak;
      half->at_process_peak_variance += more->at_process_peak_variance;
    }
}

static void
join_bins (MsTally *into, const MsTally *from)
{
  MsSampledBins *bins;

  for (guint i = 0; i < MS_SIZE_BINS; i++)
    into->size_bins[i] += from->size_bins[i];
  for (guint i = 0; i < MS_LIFETIME_BINS; i++)
    into->lifetime_bins[i] += from->lifetime_bins[i];
  if (from->sampled_bins == NULL)
    return;
  if (into->sampled_bins == NULL)
    into->sampled_bins = g_new0 (MsSampledBins, 1);
  bins = into->sampled_bins;
  for (guint i = 0; i < MS_SIZE_BINS; i++)
    {
      bins->size_blocks[i] += from->sampled_bins->size_blocks[i];
      bins->size_variances[i] += from->sampled_bins->size_variances[i];
    }
  for (guint i = 0; i < MS_LIFETIME_BINS; i++)
    {
      bins->lifetime_blocks[i] += from->sampled_bins->lifetime_blocks[i];
      bins->lifetime_variances[i] += from->sampled_bins->lifetime_variances[i];
    }
}

static void
join_tallies (MsTally *into, MsTally *from, const MsFigure *process)
{
  join_sampled_curves (&into->figure, &from->figure, process);
  join_figures (&into->figure, &from->figure, process->epoch);
  into->allocations += from->allocations;
  into->allocated_bytes += from->allocated_bytes;
  into->deallocations += from->deallocations;
  into->unsaid_allocations += from->unsaid_allocations;
  into->unsaid_bytes += from->unsaid_bytes;
  into->unsaid_deallocations += from->unsaid_deallocations;
  ms_variance_add (&into->unsaid_allocated, from->unsaid_allocated);
  ms_variance_add (&into->unsaid_freed, from->unsaid_freed);
  into->reallocations += from->reallocations;
  into->frees_made += from->frees_made;
  into->freed_bytes_of_own += from->freed_bytes_of_own;
  into->temporary_allocations += from->temporary_allocations;
  into->live_blocks += from->live_blocks;
  into->reallocations_variance += from->reallocations_variance;
  into->temporary_variance += from->temporary_variance;
  ms_variance_add (&into->freed_of_own, from->freed_of_own);
  ms_variance_add (&into->live, from->live);
  into->foreign_frees += from->foreign_frees;
  into->inherited_frees += from->inherited_frees;
  into->prior_frees += from->prior_frees;
  into->unmatched_frees += from->unmatched_frees;
  into->unsure_frees += from->unsure_frees;
  into->unsure_reason = MAX (into->unsure_reason, from->unsure_reason);
  add_counts (&into->gone, &from->gone);
  join_bins (into, from);
}

/* The tally that counts for @tally from now on: its own, or that of the whole. */
static MsTally *
get_heir (const Forgetting *self, const MsTally *tally)
{
  guint32 place = self->chosen[tally->thread] ? self->whole : tally->thread;

  return self->accounting->threads[place].tallies[tally->domain];
}

/* --- sites ------------------------------------------------------------------------------------------ */

/* Whose the site is; MS_NO_PLACE: its number is free. */
static guint32 *
get_place (const Forgetting *self, guint32 site)
{
  return &g_array_index (self->matcher->site_threads, guint32, site);
}

/* No block points to it.  Weights are 1 at least, so that less is what rounding left. */
static gboolean
is_idle (const MsSite *site)
{
  return site->live_bytes == 0 && site->live_blocks < 0.5;
}

/* What is left of @from is of the same tally and stack, and nothing. */
static void
join_sites (MsAccounting *accounting, guint32 into, guint32 from)
{
  MsSite *site = &accounting->sites[into], *more = &accounting->sites[from];
  MsSiteVariance *variance, *more_variance;

  site->allocations += more->allocations;
  site->allocated_bytes += more->allocated_bytes;
  site->reallocations += more->reallocations;
  site->temporary_allocations += more->temporary_allocations;
  *more = (MsSite) { .tally = more->tally, .stack = more->stack, .stack_id = more->stack_id };
  if (accounting->variances == NULL)
    return;
  variance = &accounting->variances[into];
  more_variance = &accounting->variances[from];
  ms_variance_add (&variance->allocated, more_variance->allocated);
  variance->reallocations += more_variance->reallocations;
  variance->temporary_allocations += more_variance->temporary_allocations;
  *more_variance = (MsSiteVariance) { .reallocations = 0 };
}

/* Of the sites of the whole, those that no block points to become one for each stack; the rest of the numbers
 * are free for other threads. */
static void
join_idle_sites (Forgetting *self)
{
  MsAccounting *accounting = self->accounting;
  MsKeyMap first_idle[MS_N_DOMAINS]; /* stack → site */

  for (guint d = 0; d < MS_N_DOMAINS; d++)
    ms_key_map_init (&first_idle[d]);
  for (guint32 i = 0; i < accounting->n_sites; i++)
    {
      const MsSite *site = &accounting->sites[i];
      guint64 key;
      guint32 first;

      if (site->tally->thread != self->whole || !is_idle (site)
          || *get_place (self, i) == MS_NO_PLACE)
        continue;
      /* By both: several ids may be of one stack, and one whose stack was lost has none. */
      key = (guint64) site->stack << 32 | site->stack_id;
      first = ms_key_map_get (&first_idle[site->tally->domain], key);
      if (first == MS_KEY_MAP_NONE)
        {
          ms_key_map_insert (&first_idle[site->tally->domain], key, i);
          continue;
        }
      join_sites (accounting, first, i);
      *get_place (self, i) = MS_NO_PLACE;
      g_array_append_val (self->matcher->free_sites, i);
    }
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    ms_key_map_clear (&first_idle[d]);
}

static void
hand_over_sites (Forgetting *self)
{
  for (guint32 i = 0; i < self->accounting->n_sites; i++)
    {
      MsSite *site = &self->accounting->sites[i];

      if (!self->chosen[site->tally->thread])
        continue;
      site->tally = get_heir (self, site->tally);
      *get_place (self, i) = self->whole;
    }
}

/* --- accounting ------------------------------------------------------------------------------------- */

static void
hand_over_pairings (Forgetting *self)
{
  MsAccounting *accounting = self->accounting;
  g_autoptr (GArray) pairings = g_steal_pointer (&accounting->pairings);

  accounting->pairings = g_array_new (FALSE, FALSE, sizeof (MsPairing));
  ms_key_map_clear (&accounting->pairing_numbers);
  ms_key_map_init (&accounting->pairing_numbers);
  for (guint i = 0; i < pairings->len; i++)
    {
      MsPairing pairing = g_array_index (pairings, MsPairing, i);

      pairing.owner = get_heir (self, pairing.owner);
      if (self->chosen[pairing.thread])
        pairing.thread = self->whole;
      ms_accounting_add_pairing (accounting, &pairing);
    }
}

/* The tallies of the whole are there from here on, where any of the chosen has one. */
static void
join_all_tallies (Forgetting *self)
{
  MsAccounting *accounting = self->accounting;

  for (guint i = 0, n = accounting->tallies->len; i < n; i++)
    {
      MsTally *tally = g_ptr_array_index (accounting->tallies, i);

      if (self->chosen[tally->thread])
        join_tallies (ms_accounting_tally (accounting, self->whole, tally->domain), tally,
                      &accounting->process[tally->domain]);
    }
}

static void
drop_tallies (Forgetting *self)
{
  MsAccounting *accounting = self->accounting;
  GPtrArray *tallies = accounting->tallies;

  for (guint i = 0; i < tallies->len;)
    {
      const MsTally *tally = g_ptr_array_index (tallies, i);

      if (self->chosen[tally->thread])
        g_ptr_array_remove_index_fast (tallies, i);
      else
        i++;
    }
  for (guint32 place = 0; place < accounting->n_threads; place++)
    {
      MsAccountThread *thread = &accounting->threads[place];

      if (!self->chosen[place])
        continue;
      for (guint d = 0; d < MS_N_DOMAINS; d++)
        ms_growth_abandon (&accounting->growth[d], &thread->reallocs[d]);
      memset (thread, 0, sizeof *thread);
    }
}

/* --- all of it -------------------------------------------------------------------------------------- */

static guint8 *
choose (Forgetting *self, guint n_shown)
{
  g_autoptr (GArray) candidates = find_candidates (self);
  guint n = MIN (candidates->len, n_shown - MS_FORGOTTEN_THREADS_LEFT);
  guint8 *chosen;

  /* Where most of them live, a few at a time are not worth a pass. */
  if (n < MIN (MS_FORGOTTEN_THREADS_LEFT, n_shown / 4))
    return NULL;
  chosen = g_new0 (guint8, self->matcher->n_threads + 1);
  for (guint i = 0; i < n; i++)
    chosen[g_array_index (candidates, Candidate, i).place] = TRUE;
  return chosen;
}

void
ms_forget_threads (MsMatcher *matcher, MsAccounting *accounting)
{
  Forgetting self = { .matcher = matcher, .accounting = accounting };
  guint n_shown = matcher->n_threads - matcher->free_places->len;
  g_autofree guint8 *chosen = NULL;

  if (n_shown <= MS_FORGOTTEN_MOST_THREADS)
    return;
  self.chosen = chosen = choose (&self, n_shown);
  if (chosen == NULL)
    return;
  self.whole = ms_matcher_begin_forgetting (matcher);
  ms_accounting_renew (accounting, matcher->n_threads, 0);
  join_all_tallies (&self);
  hand_over_sites (&self);
  hand_over_pairings (&self);
  drop_tallies (&self);
  join_idle_sites (&self);
  ms_matcher_forget (matcher, chosen);
}
