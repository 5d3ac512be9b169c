/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "block-checksums.h"
#include "trk-checksum.h"
#include "trk-format.h"

#include <string.h>

void
block_checksums_mend (guint8 *bytes, gsize n_bytes)
{
  gsize at = sizeof (TrkFileHeader);
  TrkBlockHeader header;

  while (n_bytes >= sizeof header && at <= n_bytes - sizeof header)
    {
      gsize left = n_bytes - at;

      memcpy (&header, bytes + at, sizeof header);
      if (header.magic != TRK_BLOCK_MAGIC || header.header_size < sizeof header
          || header.header_size > left || header.payload_bytes > left - header.header_size)
        return;
      header.checksum =
          trk_block_checksum (&header, bytes + at + header.header_size, header.payload_bytes);
      memcpy (bytes + at, &header, sizeof header);
      at += (gsize) header.header_size + header.payload_bytes;
    }
}
