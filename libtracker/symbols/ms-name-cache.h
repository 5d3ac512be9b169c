/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names of one object that an earlier run found, so that a second report opens no object at all:
 * one file a build-id and path, in a folder of the user's cache.
 *
 *   header      magic, version, CRC-32 of the rest, counts
 *   addresses   sorted: address → frames [first, first + n)
 *   frames      function, file, line, inlined
 *   witnesses   what the names depend on, where a better debug file could still come
 *   text        strings, each with a NUL
 *
 * Files of this machine's byte order and of this version count; every other, a damaged one and one that was
 * written by somebody with bad intentions are as good as none.  Written beside and renamed: a reader
 * sees a whole file, of two writers at once one wins, and takes over what the other had written before.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _MsNameCache MsNameCache;

typedef struct {
  const char *function, *file; /* or NULL; in a file read, any bytes */
  guint32 line;
  gboolean inlined;
} MsCachedFrame;

/* NULL: none that can be used.  @build_id and @path are compared with what the file says. */
MsNameCache *ms_name_cache_load (const char *folder, const char *build_id, const char *path);
void ms_name_cache_free (MsNameCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsNameCache, ms_name_cache_free)

/* No later debug file could tell more. */
gboolean ms_name_cache_is_complete (MsNameCache *self);
/* Why it is not, or NULL. */
const char *ms_name_cache_get_reason (MsNameCache *self);
/* Whether all that the names depend on is as it was. */
gboolean ms_name_cache_holds (MsNameCache *self);

guint ms_name_cache_get_n_addresses (MsNameCache *self);
guint64 ms_name_cache_get_address (MsNameCache *self, guint index);
/* FALSE: not in it.  Appends to @frames (of MsCachedFrame), at least one; the strings are @self's. */
gboolean ms_name_cache_find (MsNameCache *self, guint64 address, GArray *frames);

/* --- writing */

typedef struct _MsNameCacheWriter MsNameCacheWriter;

/* @reason: NULL for complete. */
MsNameCacheWriter *ms_name_cache_writer_new (const char *build_id,
                                             const char *path,
                                             const char *reason,
                                             GArray *witnesses /* of MsFileWitness */);
void ms_name_cache_writer_free (MsNameCacheWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsNameCacheWriter, ms_name_cache_writer_free)

/* In any order; an address that is there already is left as it is. */
void ms_name_cache_writer_add (MsNameCacheWriter *self,
                               guint64 address,
                               const MsCachedFrame *frames,
                               guint n_frames);
/* Makes @folder if needed.  What cannot be written is not: a cache is no promise. */
gboolean ms_name_cache_writer_save (MsNameCacheWriter *self, const char *folder);

/* Removes the files that were written the longest ago until at most @max_bytes are left. */
void ms_name_cache_prune (const char *folder, guint64 max_bytes);

G_END_DECLS
