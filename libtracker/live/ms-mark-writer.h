/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names the present instant in the trace of a running program: a block of one mark is appended to
 * memscope_marks.bin in its folder.  Whoever may write to the folder may do it, several at once: the file is
 * locked meanwhile.
 */
#pragma once

#include <gio/gio.h>

#include "ms-control-page.h"
#include "trk-format.h"

G_BEGIN_DECLS

/* TRUE: 1 to 100 characters, none of them a control character. */
gboolean ms_mark_name_is_valid (const char *name);

/* @name: of a kind that needs none it may be empty, and it is cut if it is too long.  @time_ns (out): since the start of the trace.  G_IO_ERROR_INVALID_ARGUMENT: not such a name;
 * G_IO_ERROR_NO_SPACE: the trace has as many marks as it takes; or why it cannot be written. */
gboolean ms_mark_write_at (int dir_fd,
                           TrkMarkKind kind,
                           const char *name,
                           gint64 *time_ns,
                           GError **error);

/* Marks what became other by a change that the process has noticed, for every timeline of its trace. */
void ms_control_mark_change_at (int dir_fd, const MsControl *before, const MsControl *now);

/* CLOCK_MONOTONIC at the start of the trace, by its manifest; 0: not known. */
gint64 ms_mark_read_start_ns (int dir_fd);

G_END_DECLS
