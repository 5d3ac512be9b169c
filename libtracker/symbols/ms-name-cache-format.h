/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The file of ms-name-cache.h as reader and writer see it; native byte order, told by `order`. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MS_NAME_CACHE_MAGIC G_GUINT64_CONSTANT (0x53454d414e534d89)
#define MS_NAME_CACHE_VERSION 1u
#define MS_NAME_CACHE_ORDER 0x01020304u
#define MS_NAME_CACHE_SUFFIX ".names"
/* A larger file is not read: 64 MB are the names of a million addresses. */
#define MS_NAME_CACHE_MAX_BYTES (64u << 20)

/* Then the tables in the order of their counts, then the text. */
typedef struct {
  guint64 magic;
  guint32 version;
  guint32 order;
  guint32 crc; /* of all that follows it */
  guint32 total_bytes;
  guint32 n_addresses;
  guint32 n_frames;
  guint32 n_witnesses;
  guint32 n_text_bytes;
  guint32 build_id, path, reason; /* places in the text; 0 is the empty one */
  guint32 reserved;
} MsNameCacheHeader;

typedef struct {
  guint64 address;
  guint32 first, n;
} MsNameCacheAddress;

typedef struct {
  guint32 function, file; /* places in the text */
  guint32 line;
  guint32 inlined; /* 0 or 1 */
} MsNameCacheFrame;

typedef struct {
  gint64 size_bytes, mtime_ns;
  guint64 inode;
  guint32 path;
  guint32 reserved;
} MsNameCacheWitness;

G_STATIC_ASSERT (sizeof (MsNameCacheHeader) == 56);
G_STATIC_ASSERT (sizeof (MsNameCacheAddress) == 16);
G_STATIC_ASSERT (sizeof (MsNameCacheFrame) == 16);
G_STATIC_ASSERT (sizeof (MsNameCacheWitness) == 32);

/* (transfer full) */
char *ms_name_cache_get_path (const char *folder, const char *build_id, const char *path);

G_END_DECLS
