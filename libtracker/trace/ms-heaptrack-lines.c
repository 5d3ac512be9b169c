/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-heaptrack-lines.h"

#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

#include "ms-trace.h"
#include "ms-zstd-decompressor.h"

#define BUFFER_BYTES (2 * MS_HEAPTRACK_MAX_LINE_BYTES)
#define MAGIC_BYTES 4

/* The stream that gives text, for one that begins with @magic. */
static GInputStream *
decompress (GInputStream *stream, const guint8 *magic, gsize n_bytes, GError **error)
{
  static const guint8 zstd[] = { 0x28, 0xb5, 0x2f, 0xfd }, gzip[] = { 0x1f, 0x8b };
  g_autoptr (GConverter) converter = NULL;

  if (n_bytes >= sizeof zstd && memcmp (magic, zstd, sizeof zstd) == 0)
    {
      converter = ms_zstd_decompressor_new (error);
      if (converter == NULL)
        return NULL;
    }
  else if (n_bytes >= sizeof gzip && memcmp (magic, gzip, sizeof gzip) == 0)
    converter = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  else if (n_bytes >= 2 && magic[0] == 'v' && magic[1] == ' ')
    return g_object_ref (stream);
  else
    {
      g_set_error_literal (error, MS_ERROR, MS_ERROR_NOT_A_TRACE,
                           "neither a trace folder nor a data file of heaptrack");
      return NULL;
    }
  return g_converter_input_stream_new (stream, converter);
}

gboolean
ms_heaptrack_lines_open (MsHeaptrackLines *self,
                         GInputStream *stream,
                         guint64 n_raw_bytes,
                         GError **error)
{
  g_autoptr (GInputStream) buffered = g_buffered_input_stream_new_sized (stream, 1 << 17);
  const guint8 *magic;
  gsize n_bytes = 0;

  memset (self, 0, sizeof *self);
  if (g_buffered_input_stream_fill (G_BUFFERED_INPUT_STREAM (buffered), MAGIC_BYTES, NULL, error)
      < 0)
    return FALSE;
  magic = g_buffered_input_stream_peek_buffer (G_BUFFERED_INPUT_STREAM (buffered), &n_bytes);
  self->text = decompress (buffered, magic, n_bytes, error);
  if (self->text == NULL)
    return FALSE;
  self->raw = g_object_ref (stream);
  self->n_raw_bytes = n_raw_bytes;
  self->free_text_bytes = MS_HEAPTRACK_FREE_TEXT_BYTES;
  self->buffer = g_malloc (BUFFER_BYTES + 1);
  return TRUE;
}

void
ms_heaptrack_lines_close (MsHeaptrackLines *self)
{
  g_clear_object (&self->text);
  g_clear_object (&self->raw);
  g_clear_pointer (&self->buffer, g_free);
  g_clear_pointer (&self->long_line, g_free);
  g_clear_error (&self->error);
}

/* Whoever means it so can unpack the file by hand: then it is as long as its text. */
static gboolean
is_bomb (MsHeaptrackLines *self)
{
  if (self->n_text_bytes <= self->free_text_bytes
      || self->n_text_bytes / MS_HEAPTRACK_MAX_RATIO <= self->n_raw_bytes)
    return FALSE;
  g_set_error (
      &self->error, MS_ERROR, MS_ERROR_DAMAGED,
      "it unpacks to more than %" G_GUINT64_FORMAT
      " MB, %u times its size and more, which no data file of heaptrack should; if it is one, "
      "decompress it first (zstd -d or gunzip)",
      self->free_text_bytes / 1000000, MS_HEAPTRACK_MAX_RATIO);
  self->is_bomb = TRUE;
  return TRUE;
}

/* Moves what is left to the front and reads more behind it. */
static void
fill (MsHeaptrackLines *self)
{
  gssize n;

  memmove (self->buffer, self->buffer + self->begin, self->end - self->begin);
  self->end -= self->begin;
  self->begin = 0;
  n = g_input_stream_read (self->text, self->buffer + self->end, BUFFER_BYTES - self->end, NULL,
                           &self->error);
  self->n_text_bytes += (guint64) MAX (n, 0);
  if (n > 0 && !is_bomb (self))
    {
      self->end += (gsize) n;
      return;
    }
  self->at_end = TRUE;
  if (g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    {
      g_clear_error (&self->error);
      self->is_cut = TRUE;
    }
}

/* Drops the rest of the line that was given out cut. */
static void
skip_rest (MsHeaptrackLines *self)
{
  char *newline = NULL;

  self->n_too_long++;
  self->begin = self->end;
  while (newline == NULL && !self->at_end)
    {
      fill (self);
      newline = memchr (self->buffer, '\n', self->end);
      self->begin = newline != NULL ? (gsize) (newline + 1 - self->buffer) : self->end;
    }
}

char *
ms_heaptrack_lines_next_slowly (MsHeaptrackLines *self, gsize *n_bytes)
{
  while (memchr (self->buffer + self->begin, '\n', self->end - self->begin) == NULL)
    {
      gsize n_left = self->end - self->begin;

      if (self->at_end)
        {
          self->is_cut |= n_left > 0;
          return NULL;
        }
      if (n_left < MS_HEAPTRACK_MAX_LINE_BYTES)
        {
          fill (self);
          continue;
        }
      g_free (self->long_line);
      self->long_line = g_strndup (self->buffer + self->begin, MS_HEAPTRACK_MAX_LINE_BYTES);
      skip_rest (self);
      *n_bytes = strlen (self->long_line);
      self->n_lines++;
      return self->long_line;
    }
  return ms_heaptrack_lines_next (self, n_bytes);
}

double
ms_heaptrack_lines_get_fraction (MsHeaptrackLines *self)
{
  off_t position =
      G_IS_UNIX_INPUT_STREAM (self->raw)
          ? lseek (g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (self->raw)), 0, SEEK_CUR)
          : 0;

  if (self->n_raw_bytes == 0 || position < 0)
    return 0;
  return MIN (1, (double) position / (double) self->n_raw_bytes);
}
