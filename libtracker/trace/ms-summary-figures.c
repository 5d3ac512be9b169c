/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-summary-figures.h"

#include <string.h>

#include "trk-varint.h"

/* A new field of these structures belongs into the lists below; then MS_SUMMARY_VERSION rises. */
G_STATIC_ASSERT (sizeof (MsTotals) == 19 * 8 + 12 * 8);
G_STATIC_ASSERT (sizeof (MsThreadStack) == 13 * 8);
G_STATIC_ASSERT (sizeof (MsInteraction) == 5 * 8);
G_STATIC_ASSERT (sizeof (MsGrowthChains) == 7 * 8);
G_STATIC_ASSERT (sizeof (MsMappingTotals) == 6 * 8);
G_STATIC_ASSERT (sizeof (MsSeriesPoint) == 5 * 8);

#define FIELD(type, field) ((guint16) G_STRUCT_OFFSET (type, field))

void
ms_summary_code_totals (MsSummaryCoder *c, MsTotals *totals, gboolean sampled)
{
  static const guint16 fields[] = {
    FIELD (MsTotals, allocations),         FIELD (MsTotals, deallocations),
    FIELD (MsTotals, allocated_bytes),     FIELD (MsTotals, freed_bytes_of_own),
    FIELD (MsTotals, peak_bytes),          FIELD (MsTotals, bytes_at_process_peak),
    FIELD (MsTotals, reallocations),       FIELD (MsTotals, live_bytes),
    FIELD (MsTotals, live_blocks),         FIELD (MsTotals, leaked_allocations),
    FIELD (MsTotals, leaked_bytes),        FIELD (MsTotals, temporary_allocations),
    FIELD (MsTotals, foreign_frees),       FIELD (MsTotals, inherited_frees),
    FIELD (MsTotals, prior_frees),         FIELD (MsTotals, unmatched_frees),
    FIELD (MsTotals, live_bytes_at_start), FIELD (MsTotals, live_blocks_at_start),
  };
  static const guint16 errors[] = {
    FIELD (MsTotals, standard_errors.allocations),
    FIELD (MsTotals, standard_errors.deallocations),
    FIELD (MsTotals, standard_errors.reallocations),
    FIELD (MsTotals, standard_errors.allocated_bytes),
    FIELD (MsTotals, standard_errors.freed_bytes_of_own),
    FIELD (MsTotals, standard_errors.live_bytes),
    FIELD (MsTotals, standard_errors.live_blocks),
    FIELD (MsTotals, standard_errors.leaked_bytes),
    FIELD (MsTotals, standard_errors.leaked_blocks),
    FIELD (MsTotals, standard_errors.peak_bytes),
    FIELD (MsTotals, standard_errors.bytes_at_process_peak),
    FIELD (MsTotals, standard_errors.temporary_allocations),
  };

  ms_summary_code_fields (c, totals, fields, G_N_ELEMENTS (fields));
  ms_summary_code_time (c, &totals->peak_time_ns);
  if (sampled)
    ms_summary_code_errors (c, totals, errors, G_N_ELEMENTS (errors));
}

/* --- series ------------------------------------------------------------------------------------- */

/* As its distance from @base, in whichever direction: any 64 bits, around the corner too. */
static void
code_near (MsSummaryCoder *c, guint64 *value, guint64 base)
{
  guint64 distance = trk_zigzag ((gint64) (*value - base));

  ms_summary_code_number (c, &distance);
  *value = base + (guint64) trk_unzigzag (distance);
}

void
ms_summary_code_series (MsSummaryCoder *c, MsLiveSeries *series, guint n_bins)
{
  guint32 next_bin = 0;
  guint64 last = 0;

  ms_summary_code_count (c, &series->n_points, sizeof (MsSeriesPoint));
  if (ms_summary_coder_reads (c))
    {
      series->capacity = series->n_points;
      series->points = ms_summary_coder_alloc (c, series->n_points, sizeof (MsSeriesPoint));
    }
  for (guint32 i = 0; i < series->n_points && !c->failed; i++)
    {
      MsSeriesPoint *point = &series->points[i];
      guint step = point->bin - next_bin;

      ms_summary_code_uint (c, &step);
      if (step >= n_bins - MIN (next_bin, n_bins))
        ms_summary_coder_fail (c);
      point->bin = c->failed ? 0 : next_bin + step;
      next_bin = point->bin + 1;
      code_near (c, &point->max, last);
      code_near (c, &point->min, last);
      code_near (c, &point->last, last);
      ms_summary_code_number (c, &point->allocated);
      last = point->last;
    }
  if (ms_summary_coder_reads (c) && c->failed)
    ms_live_series_clear (series);
}

/* --- others ------------------------------------------------------------------------------------- */

void
ms_summary_code_interaction (MsSummaryCoder *c, MsInteraction *interaction, gboolean sampled)
{
  static const guint16 fields[] = { FIELD (MsInteraction, frees), FIELD (MsInteraction, bytes) };
  static const guint16 errors[] = { FIELD (MsInteraction, frees_standard_error),
                                    FIELD (MsInteraction, bytes_standard_error) };

  ms_summary_code_uint (c, &interaction->alloc_thread);
  ms_summary_code_uint (c, &interaction->free_thread);
  ms_summary_code_fields (c, interaction, fields, G_N_ELEMENTS (fields));
  if (sampled)
    ms_summary_code_errors (c, interaction, errors, G_N_ELEMENTS (errors));
}

void
ms_summary_code_mappings (MsSummaryCoder *c, MsMappingTotals mappings[MS_N_MAPPING_KINDS])
{
  static const guint16 fields[] = {
    FIELD (MsMappingTotals, mappings),      FIELD (MsMappingTotals, mapped_bytes),
    FIELD (MsMappingTotals, live_mappings), FIELD (MsMappingTotals, live_bytes),
    FIELD (MsMappingTotals, peak_bytes),    FIELD (MsMappingTotals, bytes_at_process_peak),
  };

  for (guint k = 0; k < MS_N_MAPPING_KINDS; k++)
    ms_summary_code_fields (c, &mappings[k], fields, G_N_ELEMENTS (fields));
}

void
ms_summary_code_growth (MsSummaryCoder *c, MsGrowthChains *chains)
{
  static const guint16 fields[] = {
    FIELD (MsGrowthChains, chains),        FIELD (MsGrowthChains, growths),
    FIELD (MsGrowthChains, longest_chain), FIELD (MsGrowthChains, copied_bytes),
    FIELD (MsGrowthChains, first_bytes),   FIELD (MsGrowthChains, final_bytes),
  };

  ms_summary_code_uint (c, &chains->stack);
  ms_summary_code_fields (c, chains, fields, G_N_ELEMENTS (fields));
}

/* Trailing zeros are left out. */
static void
code_bins (MsSummaryCoder *c, guint64 *bins, guint n_bins)
{
  guint n = n_bins;

  while (!ms_summary_coder_reads (c) && n > 0 && bins[n - 1] == 0)
    n--;
  ms_summary_code_uint (c, &n);
  if (n > n_bins)
    ms_summary_coder_fail (c);
  for (guint i = 0; i < n && !c->failed; i++)
    ms_summary_code_number (c, &bins[i]);
}

/* As many as are not 0 up to the last. */
static void
code_bin_errors (MsSummaryCoder *c, double *errors, guint n_bins)
{
  guint n = n_bins;

  while (!ms_summary_coder_reads (c) && n > 0 && !(errors[n - 1] > 0))
    n--;
  ms_summary_code_uint (c, &n);
  if (n > n_bins)
    ms_summary_coder_fail (c);
  for (guint i = 0; i < n && !c->failed; i++)
    ms_summary_code_error (c, &errors[i]);
}

void
ms_summary_code_histograms (MsSummaryCoder *c,
                            guint64 *size_bins,
                            guint64 *lifetime_bins,
                            MsBinErrors **errors,
                            gboolean sampled)
{
  gboolean has_errors = *errors != NULL;

  code_bins (c, size_bins, MS_SIZE_BINS);
  code_bins (c, lifetime_bins, MS_LIFETIME_BINS);
  if (!sampled)
    return;
  ms_summary_code_boolean (c, &has_errors);
  if (!has_errors || c->failed)
    return;
  if (ms_summary_coder_reads (c))
    *errors = ms_summary_coder_alloc (c, 1, sizeof **errors);
  if (c->failed)
    return;
  code_bin_errors (c, (*errors)->sizes, MS_SIZE_BINS);
  code_bin_errors (c, (*errors)->lifetimes, MS_LIFETIME_BINS);
}

static void
code_thread_stack (MsSummaryCoder *c, MsThreadStack *stack, gboolean sampled)
{
  static const guint16 fields[] = {
    FIELD (MsThreadStack, allocations),   FIELD (MsThreadStack, allocated_bytes),
    FIELD (MsThreadStack, live_bytes),    FIELD (MsThreadStack, live_blocks),
    FIELD (MsThreadStack, reallocations), FIELD (MsThreadStack, temporary_allocations),
  };
  static const guint16 errors[] = {
    FIELD (MsThreadStack, allocations_standard_error),
    FIELD (MsThreadStack, allocated_bytes_standard_error),
    FIELD (MsThreadStack, live_bytes_standard_error),
    FIELD (MsThreadStack, live_blocks_standard_error),
    FIELD (MsThreadStack, reallocations_standard_error),
    FIELD (MsThreadStack, temporary_allocations_standard_error),
  };

  ms_summary_code_uint (c, &stack->stack);
  ms_summary_code_fields (c, stack, fields, G_N_ELEMENTS (fields));
  if (sampled)
    ms_summary_code_errors (c, stack, errors, G_N_ELEMENTS (errors));
}

void
ms_summary_code_thread_domain (MsSummaryCoder *c, MsThreadDomain *domain, const MsTrace *trace)
{
  ms_summary_code_totals (c, &domain->totals, trace->sampled);
  ms_summary_code_series (c, &domain->series, trace->n_bins);
  ms_summary_code_histograms (c, domain->size_bins, domain->lifetime_bins, &domain->bin_errors,
                              trace->sampled);
  ms_summary_code_number (c, &domain->frees_made);
  ms_summary_code_count (c, &domain->n_stacks, sizeof (MsThreadStack));
  if (ms_summary_coder_reads (c))
    domain->stacks = ms_summary_coder_alloc (c, domain->n_stacks, sizeof (MsThreadStack));
  for (guint i = 0; i < domain->n_stacks && !c->failed; i++)
    {
      code_thread_stack (c, &domain->stacks[i], trace->sampled);
      if (domain->stacks[i].stack >= trace->n_stacks)
        ms_summary_coder_fail (c);
    }
  if (c->failed && domain->stacks == NULL)
    domain->n_stacks = 0;
}
