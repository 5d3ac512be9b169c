/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The tables of an analysis as CSV, one file each, for spreadsheets and data frames.  Plain numbers,
 * the unit in each heading; an empty field is a figure that was not measured; see ms-csv.h.
 *
 *   threads        a row a thread: id, name, role, totals, processor time
 *   stacks         a row a call stack that allocated: where, totals, the frames from the inside out
 *   functions      a row a function: what it allocates itself, and with what it calls
 *   interactions   a row a pair of threads: who frees whose blocks
 *   histograms     a row a bin of sizes, and of ages at the free
 *   timeline       a row an equal stretch of time: live bytes, allocated bytes
 */
#pragma once

#include "ms-export-view.h"

G_BEGIN_DECLS

#define MS_TIMELINE_ROWS 1000

gboolean ms_threads_csv_write (GOutputStream *stream,
                               MsExportView *view,
                               GCancellable *cancellable,
                               GError **error);
gboolean ms_stacks_csv_write (GOutputStream *stream,
                              MsExportView *view,
                              GCancellable *cancellable,
                              GError **error);
gboolean ms_functions_csv_write (GOutputStream *stream,
                                 MsExportView *view,
                                 GCancellable *cancellable,
                                 GError **error);
gboolean ms_interactions_csv_write (GOutputStream *stream,
                                    MsExportView *view,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean ms_histograms_csv_write (GOutputStream *stream,
                                  MsExportView *view,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean ms_timeline_csv_write (GOutputStream *stream,
                                MsExportView *view,
                                GCancellable *cancellable,
                                GError **error);

G_END_DECLS
