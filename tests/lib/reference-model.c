/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "reference-model.h"

#include <string.h>

const ReferenceFilter reference_everything = { G_MININT64, G_MAXINT64, G_MAXUINT32, G_MAXUINT32 };

static const ModelBlock *
get_block (const ProgramModel *model, guint number)
{
  return &g_array_index (model->blocks, ModelBlock, number);
}

static gint64
time_of (const ProgramModel *model, guint moment)
{
  return (gint64) g_array_index (model->times_ns, guint64, moment);
}

static gboolean
is_chosen (const ModelBlock *block,
           const ReferenceFilter *filter,
           guint domain,
           guint thread,
           guint stack)
{
  return !block->unseen && block->domain == domain && (thread == ALL || block->thread == thread)
         && (stack == ALL || block->stack == stack) && (filter->threads >> block->thread & 1)
         && (filter->stacks >> block->stack & 1);
}

static gboolean
is_in_range (const ProgramModel *model, const ReferenceFilter *filter, guint moment)
{
  return moment != G_MAXUINT && time_of (model, moment) >= filter->from_ns
         && time_of (model, moment) < filter->to_ns;
}

/* Right after @moment. */
static guint64
live_after (const ProgramModel *model,
            const ReferenceFilter *filter,
            guint moment,
            guint domain,
            guint thread,
            guint stack)
{
  guint64 sum = 0;

  for (guint i = 0; i < model->blocks->len; i++)
    {
      const ModelBlock *b = get_block (model, i);

      if (is_chosen (b, filter, domain, thread, stack) && b->born <= moment && moment < b->died)
        sum += b->size;
    }
  return sum;
}

/* The first moment that is not before @time_ns. */
static guint
first_moment (const ProgramModel *model, gint64 time_ns)
{
  guint moment = 0;

  while (moment < model->times_ns->len && time_of (model, moment) < time_ns)
    moment++;
  return moment;
}

static guint64
live_before (const ProgramModel *model,
             const ReferenceFilter *filter,
             guint moment,
             guint domain,
             guint thread,
             guint stack)
{
  return moment > 0 ? live_after (model, filter, moment - 1, domain, thread, stack) : 0;
}

guint64
reference_live_at (const ProgramModel *model,
                   const ReferenceFilter *filter,
                   guint domain,
                   guint thread,
                   guint stack,
                   gint64 time_ns)
{
  return live_before (model, filter, first_moment (model, time_ns + 1), domain, thread, stack);
}

guint64
reference_peak (const ProgramModel *model,
                const ReferenceFilter *filter,
                guint domain,
                guint thread,
                guint stack,
                gint64 *time_ns)
{
  guint first = first_moment (model, filter->from_ns), end = first_moment (model, filter->to_ns);
  guint64 peak = live_before (model, filter, first, domain, thread, stack);

  *time_ns = MS_TIME_NONE;
  for (guint moment = first; moment < end; moment++)
    {
      guint64 live = live_after (model, filter, moment, domain, thread, stack);

      if (live > peak)
        {
          peak = live;
          *time_ns = time_of (model, moment);
        }
    }
  return peak;
}

/* --- totals -------------------------------------------------------------------------------------- */

static void
add_birth (MsTotals *totals, const ModelBlock *b)
{
  totals->allocations++;
  totals->allocated_bytes += b->size;
  totals->reallocations += (guint64) b->by_realloc;
}

static void
add_block (MsTotals *totals,
           const ProgramModel *model,
           const ReferenceFilter *filter,
           const ModelBlock *b)
{
  guint first = first_moment (model, filter->from_ns), end = first_moment (model, filter->to_ns);
  gboolean is_born = is_in_range (model, filter, b->born);

  if (is_born)
    add_birth (totals, b);
  if (is_in_range (model, filter, b->died))
    {
      totals->temporary_allocations += (guint64) b->temporary;
      totals->freed_bytes_of_own += b->size;
    }
  if (b->born < first && b->died >= first)
    {
      totals->live_blocks_at_start++;
      totals->live_bytes_at_start += b->size;
    }
  if (b->born >= end || b->died < end)
    return;
  totals->live_blocks++;
  totals->live_bytes += b->size;
  totals->leaked_allocations += (guint64) is_born;
  totals->leaked_bytes += is_born ? b->size : 0;
}

static void
add_unknown_frees (MsTotals *totals, const ProgramModel *model, guint domain, guint thread)
{
  const ProgramShape *shape = &model->shape;
  guint64 n = model->unknown_frees[domain][thread];
  guint64 n_foreign = shape->odd_untracked ? n : model->foreign_frees[domain][thread];

  if (shape->forked)
    {
      totals->inherited_frees += n;
      return;
    }
  totals->foreign_frees += n_foreign;
  if (shape->began_late)
    totals->prior_frees += n - n_foreign;
  else
    totals->unmatched_frees += n - n_foreign;
}

static gboolean
is_everything (const ReferenceFilter *filter)
{
  return memcmp (filter, &reference_everything, sizeof *filter) == 0;
}

MsTotals
reference_totals (const ProgramModel *model,
                  const ReferenceFilter *filter,
                  guint domain,
                  guint thread,
                  guint stack)
{
  MsTotals totals = { .peak_time_ns = MS_TIME_NONE };
  gint64 process_peak_ns;

  for (guint i = 0; i < model->blocks->len; i++)
    {
      const ModelBlock *b = get_block (model, i);

      if (is_chosen (b, filter, domain, thread, stack))
        add_block (&totals, model, filter, b);
      if (is_chosen (b, filter, domain, ALL, stack) && is_in_range (model, filter, b->died)
          && (thread == ALL || b->freed_by == thread))
        totals.deallocations++;
    }
  if (!is_everything (filter))
    return totals;
  for (guint i = 0; i < model->shape.n_threads && stack == ALL; i++)
    if (thread == ALL || thread == i)
      add_unknown_frees (&totals, model, domain, i);
  totals.peak_bytes = reference_peak (model, filter, domain, thread, stack, &totals.peak_time_ns);
  reference_peak (model, filter, domain, ALL, ALL, &process_peak_ns);
  if (process_peak_ns != MS_TIME_NONE)
    totals.bytes_at_process_peak =
        reference_live_at (model, filter, domain, thread, stack, process_peak_ns);
  return totals;
}

/* --- over time ----------------------------------------------------------------------------------- */

static guint64
allocated_at (const ProgramModel *model,
              const ReferenceFilter *filter,
              guint moment,
              guint domain,
              guint thread)
{
  for (guint i = 0; i < model->blocks->len; i++)
    {
      const ModelBlock *b = get_block (model, i);

      if (b->born == moment)
        return is_chosen (b, filter, domain, thread, ALL) ? b->size : 0;
    }
  return 0;
}

void
reference_series (const ProgramModel *model,
                  const ReferenceFilter *filter,
                  guint domain,
                  guint thread,
                  gint64 start_ns,
                  gint64 end_ns,
                  guint n_bins,
                  guint64 *max,
                  guint64 *min,
                  guint64 *allocated)
{
  guint moment = first_moment (model, start_ns), end = first_moment (model, filter->to_ns);
  guint64 live = live_before (model, filter, moment, domain, thread, ALL);

  for (guint bin = 0; bin < n_bins; bin++)
    {
      max[bin] = min[bin] = live;
      allocated[bin] = 0;
      for (; moment < end; moment++)
        {
          guint64 since = (guint64) (time_of (model, moment) - start_ns);

          if (MIN (since * n_bins / (guint64) (end_ns - start_ns), n_bins - 1) > bin)
            break;
          live = live_after (model, filter, moment, domain, thread, ALL);
          max[bin] = MAX (max[bin], live);
          min[bin] = MIN (min[bin], live);
          allocated[bin] += allocated_at (model, filter, moment, domain, thread);
        }
    }
}

/* --- who frees, how large, how long, how often moved ---------------------------------------------- */

MsInteraction
reference_interaction (const ProgramModel *model,
                       const ReferenceFilter *filter,
                       guint domain,
                       guint owner,
                       guint freer)
{
  MsInteraction interaction = { .alloc_thread = owner, .free_thread = freer };

  for (guint i = 0; i < model->blocks->len; i++)
    {
      const ModelBlock *b = get_block (model, i);

      if (is_chosen (b, filter, domain, owner, ALL) && is_in_range (model, filter, b->died)
          && b->freed_by == freer)
        {
          interaction.frees++;
          interaction.bytes += b->size;
        }
    }
  return interaction;
}

/* 0, 1, 2 to 3, 4 to 7… */
static guint
bin_of (guint64 n)
{
  guint bin = 0;

  for (; n > 0; n /= 2)
    bin++;
  return bin;
}

void
reference_size_bins (const ProgramModel *model,
                     const ReferenceFilter *filter,
                     guint domain,
                     guint thread,
                     guint64 bins[MS_SIZE_BINS])
{
  memset (bins, 0, MS_SIZE_BINS * sizeof *bins);
  for (guint i = 0; i < model->blocks->len; i++)
    {
      const ModelBlock *b = get_block (model, i);

      if (is_chosen (b, filter, domain, thread, ALL) && is_in_range (model, filter, b->born))
        bins[bin_of (b->size)]++;
    }
}

void
reference_lifetime_bins (const ProgramModel *model,
                         const ReferenceFilter *filter,
                         guint domain,
                         guint thread,
                         guint64 bins[MS_LIFETIME_BINS])
{
  memset (bins, 0, MS_LIFETIME_BINS * sizeof *bins);
  for (guint i = 0; i < model->blocks->len; i++)
    {
      const ModelBlock *b = get_block (model, i);

      if (is_chosen (b, filter, domain, thread, ALL) && is_in_range (model, filter, b->died))
        bins[bin_of ((guint64) (time_of (model, b->died) - time_of (model, b->born)))]++;
    }
}

/* Whether another block in the trace grew, or shrank, out of this one. */
static gboolean
goes_on (const ProgramModel *model, guint number)
{
  for (guint i = 0; i < model->blocks->len; i++)
    if (!get_block (model, i)->unseen && get_block (model, i)->grown_from == number)
      return TRUE;
  return FALSE;
}

/* Adds the chain that ends with block @number, if it counts at @stack. */
static void
add_chain (MsGrowthChains *sum, const ProgramModel *model, guint number, guint domain, guint stack)
{
  MsGrowthChains chain = { 0 };
  guint at = number, growth_stack = ALL;

  for (; get_block (model, at)->grown_from != G_MAXUINT; at = get_block (model, at)->grown_from)
    {
      const ModelBlock *b = get_block (model, at), *old = get_block (model, b->grown_from);

      if (b->size <= old->size)
        continue;
      if (chain.growths++ == 0) /* we go back in time: the latest is met first */
        {
          growth_stack = b->stack;
          chain.final_bytes = b->size;
        }
      chain.copied_bytes += old->size;
      chain.first_bytes = old->size;
    }
  if (chain.growths < 2 || growth_stack != stack || get_block (model, number)->domain != domain)
    return;
  sum->chains++;
  sum->growths += chain.growths;
  sum->longest_chain = MAX (sum->longest_chain, chain.growths);
  sum->copied_bytes += chain.copied_bytes;
  sum->first_bytes += chain.first_bytes;
  sum->final_bytes += chain.final_bytes;
}

MsGrowthChains
reference_growth (const ProgramModel *model, guint domain, guint stack)
{
  MsGrowthChains sum = { .stack = stack };

  for (guint i = 0; i < model->blocks->len; i++)
    if (!get_block (model, i)->unseen && !goes_on (model, i))
      add_chain (&sum, model, i, domain, stack);
  return sum;
}
