/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A profile for pprof (profile.proto of https://github.com/google/pprof, gzipped), with Go's names for the
 * figures, so that its readers know them:
 *
 *   alloc_objects, alloc_space   allocations and their bytes
 *   inuse_objects, inuse_space   not freed by the end of the trace, or of the part
 *   peak_space                   live when the process was at its peak
 *   temporary_objects            temporary allocations
 *
 * A sample is what one thread did at one call stack, with the labels `thread` (its name) and `thread_id`;
 * `pprof -tagroot=thread` splits by them.  peak_space is known by call stack alone: it has samples of its
 * own without labels.  A location is a line of a function; inlined functions are locations like others.
 */
#pragma once

#include "ms-export-view.h"

G_BEGIN_DECLS

gboolean ms_pprof_write (GOutputStream *stream,
                         MsExportView *view,
                         GCancellable *cancellable,
                         GError **error);

G_END_DECLS
