/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-resource-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "ms-resource-debug.h"
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

MsResourceWriter *
ms_resource_writer_new (int dir_fd, const guint8 trace_id[16], gint64 interval_ns, GError **error)
{
  MsResourceWriter *self;
  int fd = openat (dir_fd, MS_RESOURCES_FILE_NAME,
                   O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);

  if (fd < 0 || !write_header (fd, trace_id))
    {
      int error_number = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (error_number), "%s: %s",
                   MS_RESOURCES_FILE_NAME, g_strerror (error_number));
      if (fd >= 0)
        {
          close (fd);
          unlinkat (dir_fd, MS_RESOURCES_FILE_NAME, 0);
        }
      return NULL;
    }
  self = g_new0 (MsResourceWriter, 1);
  self->fd = fd;
  self->interval_ns = interval_ns;
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
