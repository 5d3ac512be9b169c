/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "reference-check.h"

#define SERIES_BINS 4096 /* as fine as the trace keeps them */

#define SAME(member) g_assert_cmpuint (found->member, ==, wanted->member)

void
reference_check_totals (const MsTotals *found, const MsTotals *wanted)
{
  SAME (allocations);
  SAME (deallocations);
  SAME (reallocations);
  SAME (allocated_bytes);
  SAME (freed_bytes_of_own);
  SAME (live_bytes);
  SAME (live_blocks);
  SAME (live_bytes_at_start);
  SAME (live_blocks_at_start);
  SAME (peak_bytes);
  SAME (bytes_at_process_peak);
  SAME (leaked_allocations);
  SAME (leaked_bytes);
  SAME (temporary_allocations);
  SAME (foreign_frees);
  SAME (inherited_frees);
  SAME (prior_frees);
  SAME (unmatched_frees);
  g_assert_cmpint (found->peak_time_ns, ==, wanted->peak_time_ns);
}

static void
check_totals (const MsTotals *found,
              const ProgramModel *model,
              guint domain,
              guint thread,
              guint stack)
{
  MsTotals wanted = reference_totals (model, &reference_everything, domain, thread, stack);

  reference_check_totals (found, &wanted);
}

static void
check_series (MsTrace *trace,
              MsThread *thread,
              const ProgramModel *model,
              guint domain,
              guint n_bins)
{
  g_autofree guint64 *max = g_new (guint64, n_bins), *min = g_new (guint64, n_bins);
  g_autofree guint64 *allocated = g_new (guint64, n_bins);
  g_autofree guint64 *wanted_max = g_new (guint64, n_bins), *wanted_min = g_new (guint64, n_bins);
  g_autofree guint64 *wanted_allocated = g_new (guint64, n_bins);

  reference_series (model, &reference_everything, domain, thread ? ms_thread_get_id (thread) : ALL,
                    0, MAX (ms_trace_get_duration_ns (trace), 1), n_bins, wanted_max, wanted_min,
                    wanted_allocated);
  ms_trace_get_live_series (trace, thread, domain, n_bins, max, min);
  ms_trace_get_allocated_series (trace, thread, domain, n_bins, allocated);
  for (guint i = 0; i < n_bins; i++)
    {
      g_assert_cmpuint (max[i], ==, wanted_max[i]);
      g_assert_cmpuint (min[i], ==, wanted_min[i]);
      g_assert_cmpuint (allocated[i], ==, wanted_allocated[i]);
    }
}

/* Our stacks have their number in the low bits of their innermost frame. */
guint
reference_stack_in_model (MsTrace *trace, guint stack)
{
  guint depth;
  const guint64 *frames = ms_trace_get_stack_frames (trace, stack, &depth, NULL);

  g_assert_cmpuint (depth, ==, 3);
  g_assert_cmpuint (frames[2], ==, 0x600000);
  return (guint) (frames[0] - 0x400000);
}

static void
check_thread_stacks (MsTrace *trace, MsThread *thread, const ProgramModel *model, guint domain)
{
  guint n_stacks;
  const MsThreadStack *stacks = ms_trace_get_thread_stacks (trace, thread, domain, &n_stacks);
  guint64 allocations = 0;

  for (guint i = 0; i < n_stacks; i++)
    {
      MsTotals totals =
          reference_totals (model, &reference_everything, domain, ms_thread_get_id (thread),
                            reference_stack_in_model (trace, stacks[i].stack));
      const MsThreadStack *found = &stacks[i];
      const MsTotals *wanted = &totals;

      SAME (allocations);
      SAME (allocated_bytes);
      SAME (live_bytes);
      SAME (live_blocks);
      SAME (reallocations);
      SAME (temporary_allocations);
      if (i > 0)
        g_assert_cmpuint (found->allocated_bytes, <=, stacks[i - 1].allocated_bytes);
      allocations += found->allocations;
    }
  g_assert_cmpuint (allocations, ==, ms_thread_get_totals (thread, domain)->allocations);
}

static void
check_interactions (MsTrace *trace, const ProgramModel *model, guint domain)
{
  guint n_found, n_wanted = 0;
  const MsInteraction *all = ms_trace_get_interactions (trace, domain, &n_found);

  for (guint i = 0; i < n_found; i++)
    {
      const MsInteraction *found = &all[i];
      MsInteraction reference = reference_interaction (model, &reference_everything, domain,
                                                       found->alloc_thread, found->free_thread),
                    *wanted = &reference;

      g_assert_cmpuint (found->alloc_thread, !=, found->free_thread);
      SAME (frees);
      SAME (bytes);
      if (i > 0)
        g_assert_cmpuint (found->bytes, <=, all[i - 1].bytes);
    }
  for (guint a = 0; a < model->shape.n_threads; a++)
    for (guint b = 0; b < model->shape.n_threads; b++)
      n_wanted +=
          a != b && reference_interaction (model, &reference_everything, domain, a, b).frees > 0;
  g_assert_cmpuint (n_found, ==, n_wanted);
}

/* @found NULL: nothing at all. */
static void
check_bins (const guint64 *found, const guint64 wanted[MS_SIZE_BINS])
{
  for (guint i = 0; i < MS_SIZE_BINS; i++)
    g_assert_cmpuint (found ? found[i] : 0, ==, wanted[i]);
}

static void
check_histograms (const guint64 *sizes,
                  const guint64 *lifetimes,
                  const ProgramModel *model,
                  guint domain,
                  guint thread)
{
  guint64 bins[MS_SIZE_BINS];

  G_STATIC_ASSERT (MS_SIZE_BINS == MS_LIFETIME_BINS);
  reference_size_bins (model, &reference_everything, domain, thread, bins);
  check_bins (sizes, bins);
  reference_lifetime_bins (model, &reference_everything, domain, thread, bins);
  check_bins (lifetimes, bins);
}

static void
check_growth (MsTrace *trace, const ProgramModel *model, guint domain)
{
  guint n_found, n_wanted = 0;
  const MsGrowthChains *all = ms_trace_get_growth_chains (trace, domain, &n_found);

  for (guint i = 0; i < n_found; i++)
    {
      const MsGrowthChains *found = &all[i];
      MsGrowthChains reference = reference_growth (model, domain,
                                                   reference_stack_in_model (trace, found->stack)),
                     *wanted = &reference;

      SAME (chains);
      SAME (growths);
      SAME (longest_chain);
      SAME (copied_bytes);
      SAME (first_bytes);
      SAME (final_bytes);
    }
  for (guint s = 0; s < model->shape.n_stacks; s++)
    n_wanted += reference_growth (model, domain, s).chains > 0;
  g_assert_cmpuint (n_found, ==, n_wanted);
}

static void
check_thread (MsTrace *trace, MsThread *thread, const ProgramModel *model, guint domain)
{
  guint id = ms_thread_get_id (thread);

  check_totals (ms_thread_get_totals (thread, domain), model, domain, id, ALL);
  check_series (trace, thread, model, domain, 16);
  check_thread_stacks (trace, thread, model, domain);
  check_histograms (ms_thread_get_size_histogram (thread, domain),
                    ms_thread_get_lifetime_histogram (thread, domain), model, domain, id);
}

void
reference_check_trace (MsTrace *trace, const ProgramModel *model)
{
  static const guint n_bins[] = { 1, 64, SERIES_BINS };

  g_assert_cmpuint (ms_trace_get_n_events (trace), ==, model->n_events);
  g_assert_cmpuint (ms_trace_get_dropped_events (trace), ==, model->n_dropped);
  for (guint d = 0; d < 2; d++)
    {
      check_totals (ms_trace_get_totals (trace, d), model, d, ALL, ALL);
      for (guint i = 0; i < G_N_ELEMENTS (n_bins); i++)
        check_series (trace, NULL, model, d, n_bins[i]);
      check_interactions (trace, model, d);
      check_histograms (ms_trace_get_size_histogram (trace, d),
                        ms_trace_get_lifetime_histogram (trace, d), model, d, ALL);
      check_growth (trace, model, d);
      for (guint i = 0; i < ms_trace_get_n_threads (trace); i++)
        check_thread (trace, ms_trace_get_thread (trace, i), model, d);
      for (guint i = 0; i < ms_trace_get_n_stacks (trace); i++)
        check_totals (ms_trace_get_stack_totals (trace, i, d), model, d, ALL,
                      reference_stack_in_model (trace, i));
    }
}
