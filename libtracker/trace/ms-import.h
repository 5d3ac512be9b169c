/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Opening a file that another profiler wrote, as if it were a trace folder: it is converted into one, in
 * the user's cache, and found there the next time.
 *
 *   ~/.cache/memscope/imported/<digest of the file's identity>/     a trace folder
 *
 * The identity is device, inode, size and time of change: another file of the same name is another
 * entry.  Together the folders have at most what MEMSCOPE_CACHE_MB says; what was not opened for longest
 * goes first, but none that is being read.
 */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

/* Whether @path is a regular file: not a folder, nothing that is not there. */
gboolean ms_import_is_file (const char *path);

/* The trace folder made of @path.  Returns a descriptor of it, which is the caller's, or -1 with MS_ERROR
 * or G_IO_ERROR.  @fraction of @progress is of the conversion. */
int ms_import_open (const char *path,
                    GCancellable *cancellable,
                    MsProgressFunc progress,
                    gpointer user_data,
                    GError **error);

G_END_DECLS
