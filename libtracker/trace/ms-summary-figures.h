/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The structures of figures in memscope_summary.bin, each field once (ms-summary-coder.h). */
#pragma once

#include "ms-summary-coder.h"
#include "ms-trace-private.h"

G_BEGIN_DECLS

/* @sampled: standard errors are there, which are 0 otherwise. */
void ms_summary_code_totals (MsSummaryCoder *coder, MsTotals *totals, gboolean sampled);
void ms_summary_code_series (MsSummaryCoder *coder, MsLiveSeries *series, guint n_bins);
void ms_summary_code_interaction (MsSummaryCoder *coder,
                                  MsInteraction *interaction,
                                  gboolean sampled);
void ms_summary_code_growth (MsSummaryCoder *coder, MsGrowthChains *chains);
/* Sizes and ages; *@errors: NULL if they are exact. */
void ms_summary_code_histograms (MsSummaryCoder *coder,
                                 guint64 *size_bins,
                                 guint64 *lifetime_bins,
                                 MsBinErrors **errors,
                                 gboolean sampled);
void ms_summary_code_mappings (MsSummaryCoder *coder, MsMappingTotals mappings[MS_N_MAPPING_KINDS]);
/* Its numbers of stacks are below @trace's. */
void ms_summary_code_thread_domain (MsSummaryCoder *coder,
                                    MsThreadDomain *domain,
                                    const MsTrace *trace);

G_END_DECLS
