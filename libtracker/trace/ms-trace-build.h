/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The parts of ms_trace_build(). */
#pragma once

#include "ms-trace-private.h"

G_BEGIN_DECLS

void ms_build_thread_histograms (MsThreadDomain *domain, const MsTally *tally);
/* Of all threads, which are there already. */
void ms_build_histograms (MsTrace *self);
/* Of a sum of independent estimates. */
void ms_build_add_standard_error (double *sum, double more);
/* Only now is it known whether a curve changed after the process's last peak.  *@carry is what is left
 * over from curve to curve of those whose bytes at the process's peak add up to it. */
void ms_build_fill_curve (MsTotals *totals,
                          const MsFigure *figure,
                          const MsFigure *process,
                          const MsClock *clock,
                          guint *carry);

/* Leaves out the stacks that allocated nothing (those of frees).  Returns the new number of each. */
guint32 *ms_build_number_stacks (MsTrace *self, const MsAccounting *accounting);
void ms_build_stacks (MsTrace *self, const MsAccounting *accounting, const guint32 *numbers);
/* Each thread's, most bytes first.  @threads: that of each place, or NULL. */
void ms_build_thread_stacks (const MsAccounting *accounting,
                             const GPtrArray *threads,
                             guint n_stacks,
                             const guint32 *numbers);

G_END_DECLS
