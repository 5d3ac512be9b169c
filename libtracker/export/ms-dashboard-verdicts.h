/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the analysis says, for the page: the members "headline", "bottlenecks", "anomalies", "score_parts",
 * "scores", "correlation_metrics", "memory_split", "histograms", "thread_interactions", "waste", "leaks" and
 * "thread_stacks".
 */
#pragma once

#include "ms-dashboard-data.h"

G_BEGIN_DECLS

/* Into the object that is open.  Threads as the page has them: the first @n_threads in order of weight, of
 * which @n_detailed have their call stacks. */
void ms_dashboard_verdicts_write (MsJsonWriter *writer,
                                  MsExportView *view,
                                  guint n_threads,
                                  guint n_detailed,
                                  const MsLanguage *language);

G_END_DECLS
