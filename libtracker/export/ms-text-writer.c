/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-text-writer.h"

#include <string.h>

#define PIECE_BYTES 65536

struct _MsTextWriter {
  GOutputStream *stream;
  GString *piece;
  GError *error;
};

MsTextWriter *
ms_text_writer_new (GOutputStream *stream)
{
  MsTextWriter *self = g_new0 (MsTextWriter, 1);

  self->stream = g_object_ref (stream);
  self->piece = g_string_sized_new (PIECE_BYTES);
  return self;
}

void
ms_text_writer_free (MsTextWriter *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->stream);
  g_string_free (self->piece, TRUE);
  g_clear_error (&self->error);
  g_free (self);
}

static void
write_out (MsTextWriter *self, GCancellable *cancellable)
{
  if (self->error == NULL)
    g_output_stream_write_all (self->stream, self->piece->str, self->piece->len, NULL, cancellable,
                               &self->error);
  g_string_truncate (self->piece, 0);
}

void
ms_text_writer_add_length (MsTextWriter *self, const char *text, gsize length)
{
  g_string_append_len (self->piece, text, (gssize) length);
  if (self->piece->len >= PIECE_BYTES)
    write_out (self, NULL);
}

void
ms_text_writer_add (MsTextWriter *self, const char *text)
{
  ms_text_writer_add_length (self, text, strlen (text));
}

void
ms_text_writer_printf (MsTextWriter *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (self->piece, format, arguments);
  va_end (arguments);
  if (self->piece->len >= PIECE_BYTES)
    write_out (self, NULL);
}

gboolean
ms_text_writer_close (MsTextWriter *self, GCancellable *cancellable, GError **error)
{
  gboolean is_good;

  write_out (self, cancellable);
  is_good = self->error == NULL;
  if (!is_good)
    g_propagate_error (error, g_steal_pointer (&self->error));
  ms_text_writer_free (self);
  return is_good;
}
