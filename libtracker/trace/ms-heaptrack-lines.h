/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The lines of a heaptrack data file, whether it is compressed with Zstandard or gzip or not at all:
 * its first bytes say, never its name.
 *
 * A line that is longer than MS_HEAPTRACK_MAX_LINE_BYTES is cut.  Memory does not depend on the file.  A file of
 * some kilobytes may unpack to any length: past MS_HEAPTRACK_FREE_TEXT_BYTES its text may be no more than
 * MS_HEAPTRACK_MAX_RATIO times as long as the file.  What heaptrack writes is 5 to 30 times as long.
 */
#pragma once

#include <gio/gio.h>
#include <string.h>

G_BEGIN_DECLS

#define MS_HEAPTRACK_MAX_LINE_BYTES (128U << 10)
#define MS_HEAPTRACK_FREE_TEXT_BYTES (G_GUINT64_CONSTANT (2) * 1000 * 1000 * 1000)
#define MS_HEAPTRACK_MAX_RATIO 250

typedef struct {
  GInputStream *raw;   /* the file */
  GInputStream *text;  /* decompressed */
  guint64 n_raw_bytes; /* of the file, or 0: not known */
  guint64 n_text_bytes;
  guint64 free_text_bytes; /* past which the ratio counts */
  char *buffer;
  gsize begin, end; /* of what was read and not yet given out */
  char *long_line;  /* one that was cut */
  gboolean at_end;
  gboolean is_bomb; /* it was given up: error says why */
  gboolean is_cut;  /* compressed data, or the last line, ends in the middle */
  guint64 n_lines;  /* given out */
  guint64 n_too_long;
  GError *error; /* why reading stopped, if not at the end */
} MsHeaptrackLines;

/* @n_raw_bytes: of @stream, for the progress, or 0.  FALSE with G_IO_ERROR, or MS_ERROR_NOT_A_TRACE if these are no bytes of heaptrack. */
gboolean ms_heaptrack_lines_open (MsHeaptrackLines *self,
                                  GInputStream *stream,
                                  guint64 n_raw_bytes,
                                  GError **error);
void ms_heaptrack_lines_close (MsHeaptrackLines *self);

/* The next line without its end, a NUL in that place, and its length; NULL at the end.  Valid until the
 * next call. */
char *ms_heaptrack_lines_next_slowly (MsHeaptrackLines *self, gsize *n_bytes);

static inline char *
ms_heaptrack_lines_next (MsHeaptrackLines *self, gsize *n_bytes)
{
  char *line = self->buffer + self->begin;
  char *newline = memchr (line, '\n', self->end - self->begin);

  if (G_UNLIKELY (newline == NULL))
    return ms_heaptrack_lines_next_slowly (self, n_bytes);
  *newline = '\0';
  *n_bytes = (gsize) (newline - line);
  self->begin += *n_bytes + 1;
  self->n_lines++;
  return line;
}

/* Of the file, 0 to 1: how much was read. */
double ms_heaptrack_lines_get_fraction (MsHeaptrackLines *self);

G_END_DECLS
