/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Histograms of sizes and ages.  Each thread's bin is rounded by itself, and the process's are sums of
 * these, so that they add up on every page.
 */
#include "ms-trace-build.h"

#include <math.h>
#include <string.h>

G_STATIC_ASSERT (MS_SIZE_BINS == MS_LIFETIME_BINS);

static void
add_estimates (guint64 *bins, double *errors, const double *blocks, const double *variances)
{
  for (guint i = 0; i < MS_SIZE_BINS; i++)
    {
      bins[i] += ms_estimate_round (blocks[i]);
      errors[i] = sqrt (variances[i]);
    }
}

void
ms_build_thread_histograms (MsThreadDomain *domain, const MsTally *tally)
{
  const MsSampledBins *sampled = tally->sampled_bins;

  memcpy (domain->size_bins, tally->size_bins, sizeof domain->size_bins);
  memcpy (domain->lifetime_bins, tally->lifetime_bins, sizeof domain->lifetime_bins);
  if (sampled == NULL)
    return;
  domain->bin_errors = g_new0 (MsBinErrors, 1);
  add_estimates (domain->size_bins, domain->bin_errors->sizes, sampled->size_blocks,
                 sampled->size_variances);
  add_estimates (domain->lifetime_bins, domain->bin_errors->lifetimes, sampled->lifetime_blocks,
                 sampled->lifetime_variances);
}

static void
add_bins (guint64 *sums, const guint64 *bins)
{
  for (guint i = 0; i < MS_SIZE_BINS; i++)
    sums[i] += bins[i];
}

static void
add_errors (double *sums, const double *errors)
{
  for (guint i = 0; i < MS_SIZE_BINS; i++)
    ms_build_add_standard_error (&sums[i], errors[i]);
}

static void
add_part (MsTraceDomain *whole, const MsThreadDomain *part)
{
  if (part == NULL)
    return;
  add_bins (whole->size_bins, part->size_bins);
  add_bins (whole->lifetime_bins, part->lifetime_bins);
  if (part->bin_errors == NULL)
    return;
  if (whole->bin_errors == NULL)
    whole->bin_errors = g_new0 (MsBinErrors, 1);
  add_errors (whole->bin_errors->sizes, part->bin_errors->sizes);
  add_errors (whole->bin_errors->lifetimes, part->bin_errors->lifetimes);
}

void
ms_build_histograms (MsTrace *self)
{
  for (guint d = 0; d < MS_N_DOMAINS; d++)
    {
      for (guint i = 0; i < self->threads->len; i++)
        {
          const MsThread *thread = g_ptr_array_index (self->threads, i);

          add_part (self->domains[d], thread->domains[d]);
        }
      add_part (self->domains[d], self->forgotten[d]);
    }
}
