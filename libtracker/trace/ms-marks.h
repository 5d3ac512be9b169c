/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading memscope_marks.bin, inside trace/: instants that somebody named while the program ran, and what was
 * wanted of the recorder meanwhile.  Bytes may be hostile, cut or still growing:
 *
 *   file ─▶ whole blocks, TRK_MAX_MARKS at most ─▶ marks that can be shown, in order of time
 */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

/* @start_ns: the trace's time 0, in CLOCK_MONOTONIC.  Empty: there is no such file, or nothing of @trace_id in
 * it. (transfer full) (element-type MsMark) */
GArray *ms_marks_read (int dir_fd,
                       const guint8 trace_id[16],
                       gint64 start_ns,
                       GPtrArray *diagnostics);

G_END_DECLS
