/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where the pools of a recording lie: in memory, so that no store into a window waits for a disk.
 *
 *   /dev/shm/memscope-pools-XXXXXX/0-prog.17.memscope_pool.bin
 *                   ▲
 *   DIR/0-prog.17/memscope_pool.bin, a symbolic link
 *
 *   /dev/shm/memscope-pools-XXXXXX/recording   a link too: pid namespace:DIR
 *
 * The kernel cleans the pages of a file on a disk from time to time; the next store into one faults, and
 * may wait for the journal or for other writers, hundreds of milliseconds.  Where there is no tmpfs, or
 * not much room in it, pools lie in their trace folders.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The recorder reads this variable.  Set by hand before `memscope record`, it is where the folder is
 * made instead of /dev/shm; empty: nowhere. */
#define MS_POOL_FOLDER_VARIABLE "MEMSCOPE_POOL_FOLDER"

/* A new folder for @recording, or NULL: pools go to the disk.  Removes folders that are nobody's any more:
 * those of killed programs whose killed `memscope record` could not, and whose recordings are gone for a
 * day.
 * (transfer full) */
char *ms_pool_folder_make (const char *recording);

/* Removes it if no pool is left in it.  @all: what is in it too, as nothing refers to it any more. */
void ms_pool_folder_remove (const char *folder, gboolean all);

/* Opens memscope_pool.bin of a trace folder, or what it stands for, to read and write.  -1: it is not there,
 * or the traced program put something else in its place. */
int ms_pool_folder_open_pool (int trace_fd);

/* Removes memscope_pool.bin of a trace folder, and what it stands for. */
void ms_pool_folder_remove_pool (int trace_fd);

G_END_DECLS
