/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What was sampled over time, for the page: a "resource_timeline" on the page's stretches, "samples" as points
 * of processor share against allocation rate, and "thread_points", one a thread.
 */
#pragma once

#include "ms-export-view.h"
#include "ms-json-writer.h"

G_BEGIN_DECLS

/* Three members.  Of the @n_detailed first threads. */
void ms_dashboard_timeline_write (MsJsonWriter *writer,
                                  MsExportView *view,
                                  guint n_bins,
                                  guint n_detailed,
                                  guint most_points);

G_END_DECLS
