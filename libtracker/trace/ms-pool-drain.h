/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Moves what a dead process left in the windows of memscope_pool.bin into the files where it belongs,
 * as sealed blocks:
 *
 *   event window of thread 3 (tid 77)  ─▶  memscope_thread_3-77.bin if there is one,
 *                                          else memscope_thread_pool-0.bin
 *   stack window                       ─▶  memscope_stacks.bin
 *
 * A kill between any two steps is harmless, and doing it again adds nothing twice: a block carries
 * its name, the pool stays until everything is written, and a reader keeps one copy of each.
 */
#pragma once

#include <json-glib/json-glib.h>

#include "ms-block-index.h"

G_BEGIN_DECLS

/* Does not remove the pool.  No pool is no error.  *@n_blocks: how many were written. *@ended: of a ring, the sums of the
 * threads that had ended, all of the other threads' blocks being without that flag. */
gboolean ms_pool_drain (int dir_fd, guint *n_blocks, TrkEndedThreads *ended, GError **error);

/* All that @index has of events, call stacks and modules, from windows and files, into the files of another folder. */
gboolean ms_pool_save_blocks (MsBlockIndex *index, int to_dir, GError **error);

/* What the pool's header alone knows and what must outlive it, into @manifest; its sums of ended threads as
 * ms_pool_drain() or an index has them. */
void ms_pool_describe (const TrkPoolHeader *pool, JsonObject *manifest);

G_END_DECLS
