/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Positioned reads of one file of a trace folder, bytes that may be hostile, cut or still growing.
 *
 * Plain pread, not a mapping: a file that shrinks under a mapping is a SIGBUS in the viewer.  One
 * buffer slides over the file; a 16 KiB block is a quarter of a system call.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  int fd;
  guint64 size; /* when it was opened */
  guint8 *buffer;
  gsize capacity;
  guint64 start; /* position of buffer[0] */
  gsize n_bytes; /* valid in the buffer */
} MsFileReader;

/* Opens @name in @dir_fd; only a regular file will do.  FALSE with G_IO_ERROR. */
gboolean ms_file_reader_open (MsFileReader *self, int dir_fd, const char *name, GError **error);
void ms_file_reader_close (MsFileReader *self);

/* Which file it is, whatever its name. */
void ms_file_reader_identify (const MsFileReader *self, guint64 *device, guint64 *inode);

/* The file may have grown since it was opened. */
void ms_file_reader_update_size (MsFileReader *self);

/* @n_bytes bytes at @position, valid until the next call, or NULL if the file ends before. */
const guint8 *ms_file_reader_peek (MsFileReader *self, guint64 position, gsize n_bytes);

/* Copies @n_bytes at @position as the file has them now, past the buffer. */
gboolean ms_file_reader_read_now (MsFileReader *self,
                                  guint64 position,
                                  gpointer data,
                                  gsize n_bytes);

/* Position of @word (little-endian) at or after @position, or G_MAXUINT64. */
guint64 ms_file_reader_find_word (MsFileReader *self, guint64 position, guint32 word);

/* Reads exactly @n_bytes at @position of @name into @data. */
gboolean ms_folder_read_at (int dir_fd,
                            const char *name,
                            guint64 position,
                            gpointer data,
                            gsize n_bytes);

/* The whole of a small file, at most @most bytes, NUL appended. (transfer full) */
char *ms_folder_read_text (int dir_fd,
                           const char *name,
                           gsize most,
                           gsize *n_bytes,
                           GError **error);

G_END_DECLS
