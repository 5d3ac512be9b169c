/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a place in the file system looked like when names were read: which file was there, or that none
 * was.  Names that were kept from an earlier run are good as long as every place that was looked at
 * then still looks the same; a debug file that is installed later, or a library that is replaced, changes
 * one of them.  No file is opened for that.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *path;
  gint64 size_bytes; /* −1: there was no regular file */
  gint64 mtime_ns;
  guint64 inode;
} MsFileWitness;

/* Appends what @path is now to @witnesses (of MsFileWitness), once a path. */
void ms_file_witness_take (GArray *witnesses, const char *path);
gboolean ms_file_witness_holds (const MsFileWitness *witness);

/* An empty array that clears its elements. (transfer full) */
GArray *ms_file_witness_array_new (void);

G_END_DECLS
