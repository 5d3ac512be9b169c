/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Snapshot of a flight recorder: what its rings hold just now, as a closed trace folder of its own.
 *
 *   0-prog.17/                      0-prog.17/snapshot-1/
 *     memscope_pool.bin      ──▶      memscope_thread_*.bin      the events of each thread up to one moment
 *     memscope_stacks.bin    ──▶      memscope_stacks.bin        whole blocks, as are modules, samples and marks
 *     memscope_trace.json    ──▶      memscope_trace.json        "closed", "stopped_before_end"
 *
 * The program runs on and notices nothing.  The folder gets its name when it is whole.  Reads what the rings hold
 * into memory before it writes.  Any thread, any number of savers: the folder is locked meanwhile, also
 * against its being closed, and who comes second waits.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether the trace folder @dir_fd is that of a process which keeps its last events only. */
gboolean ms_ring_saver_is_ring (int dir_fd);

/* @mark: what the moment was called, in the folder's manifest; @time_ns: of the trace.  *@name: of the folder, in that of
 * the trace. (transfer full) */
gboolean ms_ring_saver_save (int dir_fd,
                             const char *mark,
                             gint64 time_ns,
                             char **name,
                             GError **error);

G_END_DECLS
