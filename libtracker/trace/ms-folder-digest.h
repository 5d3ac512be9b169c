/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a trace folder's figures depend on, as one number of 256 bits: two folders with the same digest
 * load as the same trace, wherever they lie.  It is the name of everything that is kept of a folder so
 * as not to compute it twice.
 *
 * SHA-256 over, for each input in the order of their names, its name, its size and
 *
 *   memscope_trace.json, memscope_pool.bin   all its bytes
 *   memscope_resources.bin                   the file's header, and 0 for its size: it may still grow
 *   other memscope_*.bin, .freq              the file's header and the header of every block, which has
 *                                            the checksum of its payload; from the first place on that
 *                                            is no block, all bytes
 *
 * So nothing that is appended, cut, replaced or left out goes unnoticed, and 350 MB of events cost as
 * many reads as there are blocks.  What does: bytes of a payload that were changed in place under an
 * unchanged header.  Reading the events finds that; `memscope info` does.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MS_FOLDER_DIGEST_BYTES 32

typedef struct {
  guint8 bytes[MS_FOLDER_DIGEST_BYTES];
} MsFolderDigest;

/* Of the folder that @dir_fd is open on.  FALSE with G_IO_ERROR if an input cannot be read, or is
 * changing. */
gboolean ms_folder_digest_compute (MsFolderDigest *digest,
                                   int dir_fd,
                                   GCancellable *cancellable,
                                   GError **error);
/* The same by path. */
gboolean ms_folder_digest_compute_for_path (MsFolderDigest *digest,
                                            const char *folder,
                                            GCancellable *cancellable,
                                            GError **error);
/* The same for as long as none of the inputs is touched, on this machine: SHA-256 over their names, sizes,
 * places (device, inode) and times (modification, change).  Costs no read: where it is what it was, so is the
 * digest. */
gboolean ms_folder_stamp_compute (MsFolderDigest *stamp, int dir_fd, GError **error);
gboolean ms_folder_digest_equal (const MsFolderDigest *a, const MsFolderDigest *b);
/* 64 lower-case hexadecimal digits. (transfer full) */
char *ms_folder_digest_to_text (const MsFolderDigest *self);

G_END_DECLS
