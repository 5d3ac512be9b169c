/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Text that streams out in 64 KiB pieces, so that a file may be larger than memory; for the formats that
 * are lines (JSON has ms-json-writer.h).
 *
 * An error of the stream is kept; later calls do nothing, and ms_text_writer_close() reports it.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _MsTextWriter MsTextWriter;

/* Does not close @stream. (transfer full) */
MsTextWriter *ms_text_writer_new (GOutputStream *stream);
void ms_text_writer_free (MsTextWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsTextWriter, ms_text_writer_free)

void ms_text_writer_add (MsTextWriter *self, const char *text);
void ms_text_writer_add_length (MsTextWriter *self, const char *text, gsize length);
void ms_text_writer_printf (MsTextWriter *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Writes out what is left and frees @self.  FALSE with the first error of the stream. */
gboolean ms_text_writer_close (MsTextWriter *self, GCancellable *cancellable, GError **error);

G_END_DECLS
