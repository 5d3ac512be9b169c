/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-folder-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES ((gsize) 1 << 21)

/* Non-blocking: a FIFO under one of our names must not hang the viewer. */
static int
open_regular (int dir_fd, const char *name, guint64 *size, GError **error)
{
  int fd = openat (dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", name,
                   g_strerror (errno));
      return -1;
    }
  if (fstat (fd, &status) < 0 || !S_ISREG (status.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "%s: not a regular file", name);
      close (fd);
      return -1;
    }
  *size = (guint64) status.st_size;
  return fd;
}

static gsize
read_fully (int fd, guint64 position, guint8 *data, gsize n_bytes)
{
  gsize done = 0;

  while (done < n_bytes)
    {
      ssize_t n = pread (fd, data + done, n_bytes - done, (off_t) (position + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      done += (gsize) n;
    }
  return done;
}

gboolean
ms_file_reader_open (MsFileReader *self, int dir_fd, const char *name, GError **error)
{
  memset (self, 0, sizeof *self);
  self->fd = open_regular (dir_fd, name, &self->size, error);
  if (self->fd < 0)
    return FALSE;
  self->capacity = MIN (BUFFER_BYTES, (gsize) self->size + 1);
  self->buffer = g_malloc (self->capacity);
  return TRUE;
}

void
ms_file_reader_close (MsFileReader *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  g_clear_pointer (&self->buffer, g_free);
}

void
ms_file_reader_identify (const MsFileReader *self, guint64 *device, guint64 *inode)
{
  struct stat status;

  *device = *inode = 0;
  if (fstat (self->fd, &status) < 0)
    return;
  *device = status.st_dev;
  *inode = status.st_ino;
}

void
ms_file_reader_update_size (MsFileReader *self)
{
  struct stat status;

  if (fstat (self->fd, &status) == 0)
    self->size = (guint64) status.st_size;
}

const guint8 *
ms_file_reader_peek (MsFileReader *self, guint64 position, gsize n_bytes)
{
  if (position > self->size || n_bytes > self->size - position || n_bytes > self->capacity)
    return NULL;
  if (position < self->start || position + n_bytes > self->start + self->n_bytes)
    {
      self->n_bytes = read_fully (self->fd, position, self->buffer, self->capacity);
      self->start = position;
      if (n_bytes > self->n_bytes)
        return NULL;
    }
  return self->buffer + (position - self->start);
}

gboolean
ms_file_reader_read_now (MsFileReader *self, guint64 position, gpointer data, gsize n_bytes)
{
  return read_fully (self->fd, position, data, n_bytes) == n_bytes;
}

/* Where the next bytes are that were written, at or after @position: a hole of a terabyte takes a file no room, and reading it
 * minutes. */
static guint64
skip_hole (const MsFileReader *self, guint64 position)
{
  off_t data = lseek (self->fd, (off_t) position, SEEK_DATA);

  if (data < 0)
    return errno == ENXIO ? self->size : position; /* else this file system does not say */
  return (guint64) data;
}

guint64
ms_file_reader_find_word (MsFileReader *self, guint64 position, guint32 word)
{
  while (position < self->size && self->size - position >= sizeof word)
    {
      gsize n_bytes = (gsize) MIN (self->size - position, BUFFER_BYTES / 2);
      const guint8 *bytes = ms_file_reader_peek (self, position, n_bytes);
      const guint8 *found;

      if (bytes == NULL)
        break;
      found = memmem (bytes, n_bytes, &word, sizeof word);
      if (found != NULL)
        return position + (guint64) (found - bytes);
      position += n_bytes - (sizeof word - 1);
      /* Not past the bytes of a word that ends where the hole does. */
      position = MAX (position, skip_hole (self, position) - (sizeof word - 1));
    }
  return G_MAXUINT64;
}

gboolean
ms_folder_read_at (int dir_fd, const char *name, guint64 position, gpointer data, gsize n_bytes)
{
  guint64 size;
  int fd = open_regular (dir_fd, name, &size, NULL);
  gboolean whole;

  if (fd < 0)
    return FALSE;
  whole = read_fully (fd, position, data, n_bytes) == n_bytes;
  close (fd);
  return whole;
}

char *
ms_folder_read_text (int dir_fd, const char *name, gsize most, gsize *n_bytes, GError **error)
{
  guint64 size;
  int fd = open_regular (dir_fd, name, &size, error);
  g_autofree char *text = NULL;

  if (fd < 0)
    return NULL;
  if (size > most)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                   "%s: too long (%" G_GUINT64_FORMAT " bytes)", name, size);
      close (fd);
      return NULL;
    }
  text = g_malloc0 (size + 1);
  *n_bytes = read_fully (fd, 0, (guint8 *) text, size);
  close (fd);
  return g_steal_pointer (&text);
}
