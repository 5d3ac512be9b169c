/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From block header to block header through a file of a trace folder, without looking at what lies between:
 * one small read for each 16 KiB, the file being fetched ahead of it.  What the headers say is believed here; whoever needs to know that it is
 * true reads the payloads (ms-block-index.h).
 */
#pragma once

#include <gio/gio.h>
#include "trk-format.h"

G_BEGIN_DECLS

/* FALSE: enough. */
typedef gboolean (*MsBlockWalkFunc) (const TrkBlockHeader *header, gpointer user_data);

/* Calls @func for each block from @position on of the file of @size bytes that is open as @fd.  Returns where
 * there is no whole, sealed block any more: @size, if all of it was blocks. */
guint64 ms_block_walk (int fd,
                       guint64 size,
                       guint64 position,
                       MsBlockWalkFunc func,
                       gpointer user_data);

/* Reads the file's header.  FALSE: these are no bytes of ours. */
gboolean ms_block_walk_read_header (int fd, TrkFileHeader *header);

G_END_DECLS
