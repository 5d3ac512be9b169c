/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How the program uses memory, for the files and the page: where it is, how large and how old blocks
 * get, who frees whose, what is wasted and what was never freed.  Lists hold at most so many rows; what
 * is left out is counted beside them.  A call stack is its number, as hottest_call_stacks has it, and
 * its "site": the line that a person would look at.
 */
#pragma once

#include "ms-export-view.h"
#include "ms-json-writer.h"

G_BEGIN_DECLS

/* A member "memory_split". */
void ms_memory_json_add_split (MsJsonWriter *writer,
                               MsView *view,
                               const MsProcessResources *process);
/* A member @key: an array of the bins of a histogram of MsView that hold something, a line each, under these
 * three names.  @bins may be NULL, and so may @errors, their standard errors. */
void ms_memory_json_add_bins (MsJsonWriter *writer,
                              MsTrace *trace,
                              const char *key,
                              const guint64 *bins,
                              const double *errors,
                              const char *from,
                              const char *to,
                              const char *count);
/* A member "histograms": sizes and lifetimes, the bins that hold something. */
void ms_memory_json_add_histograms (MsJsonWriter *writer, MsExportView *view);
/* A member "thread_interactions". */
void ms_memory_json_add_interactions (MsJsonWriter *writer, MsExportView *view, guint most);
/* A member "waste": temporary blocks and growth chains. */
void ms_memory_json_add_waste (MsJsonWriter *writer, MsExportView *view, guint most);
/* A member "leaks". */
void ms_memory_json_add_leaks (MsJsonWriter *writer, MsExportView *view, guint most);
/* Members "call_stacks" and "other_call_stacks", into the object that is open: of one thread, most
 * allocated bytes first. */
void ms_memory_json_add_thread_stacks (MsJsonWriter *writer,
                                       MsExportView *view,
                                       MsThread *thread,
                                       guint most);

G_END_DECLS
