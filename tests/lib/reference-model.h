/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every figure of a made-up program (program-model.h), found the slow, obvious way: for each moment, add
 * up the blocks that were live.  Shares nothing with the reader: no stream, no order, no hash table.
 *
 * Times are of the program's moments.  @thread and @stack: a number, or ALL.
 */
#pragma once

#include "ms-trace.h"
#include "program-model.h"

/* The blocks and events that are looked at, as of MsFilter. */
typedef struct {
  gint64 from_ns, to_ns;   /* [from, to) */
  guint32 threads, stacks; /* a bit for each number */
} ReferenceFilter;

extern const ReferenceFilter reference_everything;

MsTotals reference_totals (const ProgramModel *model,
                           const ReferenceFilter *filter,
                           guint domain,
                           guint thread,
                           guint stack);

/* What was live at each moment of the filter's range and at its begin: the most, and when it was so first
 * (the begin of the range: MS_TIME_NONE). */
guint64 reference_peak (const ProgramModel *model,
                        const ReferenceFilter *filter,
                        guint domain,
                        guint thread,
                        guint stack,
                        gint64 *time_ns);
guint64 reference_live_at (const ProgramModel *model,
                           const ReferenceFilter *filter,
                           guint domain,
                           guint thread,
                           guint stack,
                           gint64 time_ns);

/* Highest and lowest live bytes, and bytes allocated, within each of @n_bins bins of [@start_ns, @end_ns). */
void reference_series (const ProgramModel *model,
                       const ReferenceFilter *filter,
                       guint domain,
                       guint thread,
                       gint64 start_ns,
                       gint64 end_ns,
                       guint n_bins,
                       guint64 *max,
                       guint64 *min,
                       guint64 *allocated);

/* Blocks of @owner freed by @freer. */
MsInteraction reference_interaction (const ProgramModel *model,
                                     const ReferenceFilter *filter,
                                     guint domain,
                                     guint owner,
                                     guint freer);

void reference_size_bins (const ProgramModel *model,
                          const ReferenceFilter *filter,
                          guint domain,
                          guint thread,
                          guint64 bins[MS_SIZE_BINS]);
void reference_lifetime_bins (const ProgramModel *model,
                              const ReferenceFilter *filter,
                              guint domain,
                              guint thread,
                              guint64 bins[MS_LIFETIME_BINS]);

/* Of the chains whose latest growth was at @stack. */
MsGrowthChains reference_growth (const ProgramModel *model, guint domain, guint stack);
