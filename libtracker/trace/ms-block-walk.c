/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-block-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* So much of the file is asked for at a time. */
#define AHEAD_BYTES ((guint64) 4 << 20)

static gboolean
read_at (int fd, gpointer data, gsize n_bytes, guint64 position)
{
  ssize_t n;

  do
    n = pread (fd, data, n_bytes, (off_t) position);
  while (n < 0 && errno == EINTR);
  return n == (ssize_t) n_bytes;
}

gboolean
ms_block_walk_read_header (int fd, TrkFileHeader *header)
{
  return read_at (fd, header, sizeof *header, 0)
         && memcmp (header->magic, TRK_FILE_MAGIC, sizeof header->magic) == 0;
}

/* Where the file is not in the page cache, header by header each read would wait for the disk: 130 µs for every 16 KiB.
 * In one piece it is there sooner, and who looks at headers reads the blocks next. */
static guint64
fetch_ahead (int fd, guint64 position, guint64 fetched)
{
  if (position + AHEAD_BYTES / 2 < fetched)
    return fetched;
  fetched = MAX (fetched, position);
  (void) posix_fadvise (fd, (off_t) fetched, AHEAD_BYTES, POSIX_FADV_WILLNEED);
  return fetched + AHEAD_BYTES;
}

guint64
ms_block_walk (int fd, guint64 size, guint64 position, MsBlockWalkFunc func, gpointer user_data)
{
  TrkBlockHeader block;
  guint64 fetched = 0;

  while (position < size && size - position >= sizeof block
         && read_at (fd, &block, sizeof block, position) && block.magic == TRK_BLOCK_MAGIC
         && block.header_size >= sizeof block && block.payload_bytes <= TRK_MAX_BLOCK_BYTES
         && block.checksum != 0
         && block.header_size + (guint64) block.payload_bytes <= size - position)
    {
      if (!func (&block, user_data))
        break;
      position += (guint64) block.header_size + block.payload_bytes;
      fetched = fetch_ahead (fd, position, fetched);
    }
  return position;
}
