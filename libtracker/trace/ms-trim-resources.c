/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The samples of resources: whole blocks that reach into the stretch, as they are.  Times in them are
 * CLOCK_MONOTONIC's already. */
#include <string.h>

#include "ms-trim-private.h"

#include "ms-folder-reader.h"
#include "trk-checksum.h"

#define RESOURCES_FILE_NAME "memscope_resources.bin"

/* The block at @position, header and payload, or NULL if there is no whole one. */
static const guint8 *
peek_block (MsFileReader *reader, guint64 position, TrkBlockHeader *header)
{
  const guint8 *bytes = ms_file_reader_peek (reader, position, sizeof *header);

  if (bytes == NULL)
    return NULL;
  memcpy (header, bytes, sizeof *header);
  if (header->magic != TRK_BLOCK_MAGIC || header->header_size != sizeof *header
      || header->payload_bytes > TRK_MAX_BLOCK_BYTES - sizeof *header)
    return NULL;
  bytes = ms_file_reader_peek (reader, position, sizeof *header + header->payload_bytes);
  return bytes != NULL
                 && trk_block_checksum (header, bytes + sizeof *header, header->payload_bytes)
                        == header->checksum
             ? bytes
             : NULL;
}

void
ms_trim_copy_resources (int dir_fd, MsTraceWriter *writer, const MsTrimFacts *facts)
{
  guint64 from_ns = (guint64) (facts->start_ns + facts->from_ns),
          to_ns = (guint64) (facts->start_ns + facts->to_ns), position = sizeof (TrkFileHeader);
  TrkBlockHeader header;
  MsFileReader reader;
  const guint8 *bytes;
  guint32 n_copied = 0;

  if (!ms_file_reader_open (&reader, dir_fd, RESOURCES_FILE_NAME, NULL))
    return;
  while ((bytes = peek_block (&reader, position, &header)) != NULL)
    {
      position += sizeof header + header.payload_bytes;
      if (header.type == TRK_BLOCK_RESOURCES && header.first_ticks < to_ns
          && header.last_ticks >= from_ns)
        {
          g_autofree guint8 *block = g_memdup2 (bytes, sizeof header + header.payload_bytes);

          ((TrkBlockHeader *) (gpointer) block)->block_number = n_copied++;
          ms_trace_writer_append_block (writer, RESOURCES_FILE_NAME, TRK_FILE_RESOURCES,
                                        (TrkBlockHeader *) (gpointer) block, header.payload_bytes);
        }
    }
  ms_file_reader_close (&reader);
}
