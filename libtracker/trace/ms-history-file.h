/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The file that a history is written into: an entry of the user's cache if the folder has a digest, else
 * a file without a name in the cache's folder or the temporary one.  Only ever grows at its end; the header
 * comes last, so that a file without one is none.
 */
#pragma once

#include "ms-history.h"

G_BEGIN_DECLS

typedef struct _MsHistoryFile MsHistoryFile;

typedef struct {
  const void *bytes;
  gsize n;
} MsHistoryPiece;

/* NULL if nothing can be written anywhere. */
MsHistoryFile *ms_history_file_begin (const MsFolderDigest *digest,
                                      guint64 expected_bytes,
                                      GError **error);
void ms_history_file_free (MsHistoryFile *self);

/* It will not be committed. */
void ms_history_file_forget_name (MsHistoryFile *self);
guint64 ms_history_file_get_end (const MsHistoryFile *self);
/* One after the other, each from a multiple of 8 bytes on; nothing if *@error is set.  @checksum may be
 * NULL. */
void ms_history_file_append (MsHistoryFile *self,
                             const MsHistoryPiece *pieces,
                             guint n_pieces,
                             guint64 *checksum,
                             GError **error);
/* Completes and writes @header, commits the entry, and opens what was written. (transfer full) */
MsHistory *ms_history_file_finish (MsHistoryFile *self, MsHistoryHeader *header, GError **error);

G_END_DECLS
