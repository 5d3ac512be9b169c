/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What was computed once and can be computed again, in the user's cache:
 *
 *   ~/.cache/memscope/                     0700
 *     <64 hexadecimal digits>.<kind>       an entry: of the inputs with that digest, one kind of thing
 *     .<random>.new                        one that is being written; renamed when it is whole
 *
 * Any number of processes may use it at once, without a lock.  Any of its files, or all of it, may be
 * removed at any time: an entry that is open stays readable, and one that is gone is made again.  It
 * is bounded: what was not used for longest goes first.  Who reads an entry must take every byte as
 * hostile, as in any other file.
 */
#pragma once

#include <gio/gio.h>
#include "ms-folder-digest.h"

G_BEGIN_DECLS

/* Unless MEMSCOPE_CACHE_MB says otherwise (in 10^6 bytes; 0: no cache). */
#define MS_CACHE_DEFAULT_BYTES (G_GUINT64_CONSTANT (4) * 1000 * 1000 * 1000)
/* No entry is begun that would leave less than this on the file system. */
#define MS_CACHE_SPARED_BYTES (G_GUINT64_CONSTANT (512) * 1000 * 1000)

typedef struct _MsCacheFolder MsCacheFolder;
typedef struct _MsCacheEntry MsCacheEntry; /* one being written */

/* The user's, bounded as MEMSCOPE_CACHE_MB says.  NULL with G_IO_ERROR_NOT_SUPPORTED if that is 0.
 * Touches nothing yet. (transfer full) */
MsCacheFolder *ms_cache_folder_new_for_user (GError **error);
/* @max_bytes 0: the default. (transfer full) */
MsCacheFolder *ms_cache_folder_new (const char *path, guint64 max_bytes);
void ms_cache_folder_free (MsCacheFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsCacheFolder, ms_cache_folder_free)

const char *ms_cache_folder_get_path (MsCacheFolder *self);

/* Opens an entry for reading and notes that it was used.  @kind: lower-case letters, digits and
 * hyphens, at most 32, with a version in it if its format has one.  Returns the descriptor, which is
 * the caller's, or -1 with G_IO_ERROR: NOT_FOUND where there is no such entry. */
int ms_cache_folder_open (MsCacheFolder *self,
                          const MsFolderDigest *digest,
                          const char *kind,
                          GError **error);

/* Begins an entry of about @expected_bytes.  Nobody sees it until ms_cache_entry_commit(), and others go for it
 * only where the file system has no room for both.  NULL with G_IO_ERROR: NO_SPACE where it would not fit
 * into the bound or the file system; nothing has gone then. (transfer full) */
MsCacheEntry *ms_cache_folder_begin (MsCacheFolder *self,
                                     const MsFolderDigest *digest,
                                     const char *kind,
                                     guint64 expected_bytes,
                                     GError **error);
/* Open for reading and writing, empty at first; stays the entry's. */
int ms_cache_entry_get_fd (MsCacheEntry *self);
/* Gives it its name, in place of an older one, and removes what no longer fits into the bound.  FALSE:
 * it was not kept, for want of room or because the file system refused, and all others were. */
gboolean ms_cache_entry_commit (MsCacheEntry *self, GError **error);
/* Removes the file unless it was committed. */
void ms_cache_entry_free (MsCacheEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsCacheEntry, ms_cache_entry_free)

/* Forgets one entry: for who found it damaged. */
void ms_cache_folder_remove (MsCacheFolder *self, const MsFolderDigest *digest, const char *kind);

G_END_DECLS
