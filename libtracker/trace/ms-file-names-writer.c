/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-file-names.h"

#include <string.h>

#include "trk-varint.h"

#define PAYLOAD_BYTES (256U << 10)
#define TEXT_RECORD_BYTES (2 * TRK_VARINT_MAX_BYTES + MS_NAMES_MAX_TEXT_BYTES)
#define ADDRESS_RECORD_BYTES ((4 + 3 * MS_NAMES_MAX_FRAMES) * TRK_VARINT_MAX_BYTES)

struct _MsFileNamesWriter {
  MsTraceWriter *writer;
  guint8 *block, *cursor;
  guint32 n_records, block_number;
  guint64 previous_address;
};

MsFileNamesWriter *
ms_file_names_writer_new (MsTraceWriter *writer)
{
  MsFileNamesWriter *self = g_new0 (MsFileNamesWriter, 1);

  self->writer = writer;
  self->block = g_malloc0 (TRK_BLOCK_HEADER_BYTES + PAYLOAD_BYTES);
  self->cursor = self->block + TRK_BLOCK_HEADER_BYTES;
  return self;
}

static void
flush (MsFileNamesWriter *self)
{
  TrkBlockHeader *block = (TrkBlockHeader *) (gpointer) self->block;

  if (self->n_records == 0)
    return;
  memset (block, 0, sizeof *block);
  block->type = TRK_BLOCK_NAMES;
  block->thread_id = TRK_THREAD_ID_PROCESS;
  block->block_number = self->block_number++;
  block->n_records = self->n_records;
  ms_trace_writer_append_block (self->writer, MS_NAMES_FILE_NAME, TRK_FILE_NAMES, block,
                                (guint32) (self->cursor - self->block - TRK_BLOCK_HEADER_BYTES));
  self->cursor = self->block + TRK_BLOCK_HEADER_BYTES;
  self->n_records = 0;
  self->previous_address = 0;
}

void
ms_file_names_writer_free (MsFileNamesWriter *self)
{
  flush (self);
  g_free (self->block);
  g_free (self);
}

static void
make_room (MsFileNamesWriter *self, gsize n_bytes)
{
  if (self->cursor + n_bytes > self->block + TRK_BLOCK_HEADER_BYTES + PAYLOAD_BYTES)
    flush (self);
  self->n_records++;
}

void
ms_file_names_writer_put_text (MsFileNamesWriter *self, const char *bytes, gsize n_bytes)
{
  n_bytes = MIN (n_bytes, MS_NAMES_MAX_TEXT_BYTES);
  make_room (self, TEXT_RECORD_BYTES);
  self->cursor = trk_varint_put (self->cursor, MS_NAMES_TEXT);
  self->cursor = trk_varint_put (self->cursor, n_bytes);
  memcpy (self->cursor, bytes, n_bytes);
  self->cursor += n_bytes;
}

void
ms_file_names_writer_put_address (MsFileNamesWriter *self,
                                  guint64 address,
                                  guint32 module,
                                  const MsNamedFrame *frames,
                                  guint n_frames)
{
  make_room (self, ADDRESS_RECORD_BYTES);
  self->cursor = trk_varint_put (self->cursor, MS_NAMES_ADDRESS);
  self->cursor =
      trk_varint_put (self->cursor, trk_zigzag ((gint64) (address - self->previous_address)));
  self->cursor = trk_varint_put (self->cursor, module);
  self->cursor = trk_varint_put (self->cursor, n_frames);
  for (guint i = 0; i < n_frames; i++)
    {
      self->cursor = trk_varint_put (self->cursor, frames[i].function);
      self->cursor = trk_varint_put (self->cursor, frames[i].file);
      self->cursor = trk_varint_put (self->cursor, frames[i].line);
    }
  self->previous_address = address;
}
