/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* <prefix>_resource_rankings.json, and the same as the member `rankings` of the comprehensive file. */
#pragma once

#include "ms-export-view.h"
#include "ms-json-writer.h"

G_BEGIN_DECLS

/* The whole file. */
void ms_rankings_write (MsJsonWriter *writer, MsExportView *view);

/* {cpu_rankings, gpu_rankings, memory_rankings, thread_rankings} */
void ms_rankings_write_lists (MsJsonWriter *writer, MsExportView *view);
/* A member "performance_rankings" of the threads that @view is of.  @scores: of MsThreadScores, by index of thread. */
void ms_rankings_add_performance (MsJsonWriter *writer, MsView *view, const GArray *scores);
/* Totals of the process and counts of its threads. */
void ms_rankings_write_summary (MsJsonWriter *writer, MsExportView *view);
/* What stands out and what to do about it. */
void ms_rankings_write_insights (MsJsonWriter *writer, MsExportView *view);

G_END_DECLS
