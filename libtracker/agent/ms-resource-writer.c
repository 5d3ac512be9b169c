/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ms-resource-debug.h"
#include "trk-checksum.h"
#include "trk-reason.h"

#define BLOCK_NS 1000000000
#define BLOCK_BYTES (256U << 10)

struct _MsResourceWriter {
  int fd;
  gint64 interval_ns;
  guint32 block_number;
  gboolean is_open; /* a block was begun */
  guint n_dropped;
  int last_errno;
  MsResourceDebug *debug; /* NULL: nothing is to be told */
  TrkResourceEncoder encoder;
  guint8 block[BLOCK_BYTES]; /* header and payload, as they are written */
};

static gboolean
write_header (int fd, const guint8 trace_id[16])
{
  TrkFileHeader header = { .version_major = TRK_VERSION_MAJOR,
                           .version_minor = TRK_VERSION_MINOR,
                           .header_size = sizeof header,
                           .kind = TRK_FILE_RESOURCES };
  gssize n;

  memcpy (header.magic, TRK_FILE_MAGIC, sizeof header.magic);
  memcpy (header.trace_id, trace_id, sizeof header.trace_id);
  do
    n = write (fd, &header, sizeof header);
  while (n < 0 && errno == EINTR);
  if (n >= 0 && n < (gssize) sizeof header)
    errno = ENOSPC;
  return n == sizeof header;
}

/* --- a file that is there already ----------------------------------------------------------------- */

static gboolean
is_of_trace (int fd, const guint8 trace_id[16])
{
  TrkFileHeader header;
  struct stat status;

  return fstat (fd, &status) == 0 && S_ISREG (status.st_mode)
         && pread (fd, &header, sizeof header, 0) == sizeof header
         && memcmp (header.magic, TRK_FILE_MAGIC, sizeof header.magic) == 0
         && header.version_major == TRK_VERSION_MAJOR && header.incompatible == 0
         && header.kind == TRK_FILE_RESOURCES
         && memcmp (header.trace_id, trace_id, sizeof header.trace_id) == 0;
}

static gboolean
is_block (const guint8 *bytes, gsize n_bytes, TrkBlockHeader *header)
{
  if (n_bytes < sizeof *header)
    return FALSE;
  memcpy (header, bytes, sizeof *header);
  return header->magic == TRK_BLOCK_MAGIC && header->header_size == sizeof *header
         && header->type == TRK_BLOCK_RESOURCES && header->payload_bytes <= n_bytes - sizeof *header
         && trk_block_checksum (header, bytes + sizeof *header, header->payload_bytes)
                == header->checksum;
}

/* The number behind that of the last whole block, which a part of one may follow: who wrote it was killed.  From the
 * end on, as the file of a day is long. */
static guint32
find_next_number (int fd)
{
  const gsize most_bytes = 2 * (gsize) BLOCK_BYTES;
  g_autofree guint8 *bytes = g_malloc (most_bytes);
  off_t end = lseek (fd, 0, SEEK_END);
  gsize wanted = (gsize) MIN (MAX (end, 0), (off_t) most_bytes);
  gssize n = pread (fd, bytes, wanted, end - (off_t) wanted);
  TrkBlockHeader header;

  for (gssize at = n - TRK_BLOCK_HEADER_BYTES; at >= 0; at--)
    if (is_block (bytes + at, (gsize) (n - at), &header))
      return header.block_number + 1;
  return 0;
}

/* Of the agent before, which was killed. */
static int
open_again (int dir_fd, const guint8 trace_id[16])
{
  int fd = openat (dir_fd, MS_RESOURCES_FILE_NAME,
                   O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  if (fd < 0 || is_of_trace (fd, trace_id))
    return fd;
  close (fd);
  errno = EEXIST;
  return -1;
}

/* --- life ----------------------------------------------------------------------------------------- */

/* -1, with errno. */
static int
make_file (int dir_fd, const guint8 trace_id[16])
{
  int fd = openat (dir_fd, MS_RESOURCES_FILE_NAME,
                   O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
  int error_number;

  if (fd < 0 || write_header (fd, trace_id))
    return fd;
  error_number = errno;
  close (fd);
  unlinkat (dir_fd, MS_RESOURCES_FILE_NAME, 0);
  errno = error_number;
  return -1;
}

MsResourceWriter *
ms_resource_writer_new (int dir_fd, const guint8 trace_id[16], gint64 interval_ns, GError **error)
{
  MsResourceWriter *self;
  int fd = make_file (dir_fd, trace_id);
  guint32 block_number = 0;

  if (fd < 0 && errno == EEXIST && (fd = open_again (dir_fd, trace_id)) >= 0)
    block_number = find_next_number (fd);
  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s",
                   MS_RESOURCES_FILE_NAME, g_strerror (errno));
      return NULL;
    }
  self = g_new0 (MsResourceWriter, 1);
  self->fd = fd;
  self->interval_ns = interval_ns;
  self->block_number = block_number;
  return self;
}

void
ms_resource_writer_set_label (MsResourceWriter *self, const char *label)
{
  g_clear_pointer (&self->debug, ms_resource_debug_free);
  self->debug = ms_resource_debug_new (label);
}

static void
begin_block (MsResourceWriter *self, gint64 time_ns)
{
  trk_resource_encoder_begin (&self->encoder, self->block + TRK_BLOCK_HEADER_BYTES,
                              sizeof self->block - TRK_BLOCK_HEADER_BYTES, (guint64) time_ns);
  trk_resource_encode_interval (&self->encoder, (guint64) self->interval_ns);
  self->is_open = TRUE;
}

/* One write: a part that the file system took before it refused stays as damage, as in every file of a
 * trace; the next whole block has the number of the one that was lost. */
static void
append_block (MsResourceWriter *self)
{
  TrkBlockHeader header = { .block_number = self->block_number };
  gsize n_bytes = TRK_BLOCK_HEADER_BYTES + trk_resource_encoder_end (&self->encoder, &header);
  gssize n;

  memcpy (self->block, &header, sizeof header);
  do
    n = write (self->fd, self->block, n_bytes);
  while (n < 0 && errno == EINTR);
  if (n == (gssize) n_bytes)
    self->block_number++;
  else
    {
      self->n_dropped++;
      self->last_errno = n < 0 ? errno : ENOSPC;
    }
  self->is_open = FALSE;
}

void
ms_resource_writer_free (MsResourceWriter *self)
{
  if (self->is_open)
    append_block (self);
  close (self->fd);
  g_clear_pointer (&self->debug, ms_resource_debug_free);
  g_free (self);
}

void
ms_resource_writer_add (MsResourceWriter *self,
                        const TrkResourceKey *key,
                        gint64 time_ns,
                        const guint64 *values,
                        const guint8 *reasons,
                        guint32 n_fields)
{
  if (self->debug)
    ms_resource_debug_note (self->debug, key, reasons, n_fields);
  for (guint attempt = 0; attempt < 2; attempt++)
    {
      if (!self->is_open)
        begin_block (self, time_ns);
      if (trk_resource_encode_sample (&self->encoder, key, (guint64) time_ns, values, reasons,
                                      n_fields, TRK_REASON_NOT_DUE))
        return;
      append_block (self);
    }
}

void
ms_resource_writer_end_round (MsResourceWriter *self, gint64 now_ns)
{
  if (self->is_open && now_ns - (gint64) self->encoder.first_ns >= BLOCK_NS)
    append_block (self);
}

guint
ms_resource_writer_get_n_dropped (MsResourceWriter *self, int *error)
{
  if (error)
    *error = self->last_errno;
  return self->n_dropped;
}
