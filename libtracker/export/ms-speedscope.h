/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A file for speedscope (https://www.speedscope.app/file-format-schema.json): one profile a figure for the
 * process, then one for what each of the threads that allocated most allocated.
 *
 *   shared.frames    a function each; the file is its module, so that calls from several lines merge
 *   profiles[]       "sampled": a sample is a call stack, outermost function first; its weight the figure.
 *                    Samples are in order of their paths, so that "time order" is a flame graph, too
 */
#pragma once

#include "ms-export-view.h"

G_BEGIN_DECLS

/* So many threads have a profile of their own. */
#define MS_SPEEDSCOPE_THREADS 64

gboolean ms_speedscope_write (GOutputStream *stream,
                              MsExportView *view,
                              GCancellable *cancellable,
                              GError **error);

G_END_DECLS
