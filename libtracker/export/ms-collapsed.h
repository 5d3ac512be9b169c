/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Collapsed call stacks, as Brendan Gregg's flamegraph.pl reads them, and after it speedscope, inferno and
 * most others:
 *
 *   main;serve;decode_batch 18345984
 *
 * One line a distinct path, outermost function first, in the order of bytes of the lines; then one figure.
 * Recursion stands as it was; a stack that was cut begins with "(deeper)".  Names lose what the format
 * lives by: ';' becomes ':', and line ends spaces.
 */
#pragma once

#include "ms-export-view.h"
#include "ms-rankings.h"

G_BEGIN_DECLS

/* FALSE with an error of @stream, or of finding the peak of a part, or G_IO_ERROR_CANCELLED. */
gboolean ms_collapsed_write (GOutputStream *stream,
                             MsExportView *view,
                             MsFigureKind figure,
                             GCancellable *cancellable,
                             GError **error);

G_END_DECLS
