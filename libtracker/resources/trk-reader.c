/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A page that is filled no further had room for a record more, of the files that are kept: disks, interfaces. */
#define ROOM_FOR_A_RECORD_BYTES 2048

TrkReason
trk_reader_init (TrkReader *self, const char *root)
{
  if (!root)
    root = "/";
  self->is_machine = strcmp (root, "/") == 0;
  self->root_fd = open (root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return self->root_fd < 0 ? trk_reason_from_errno (errno) : TRK_REASON_NONE;
}

void
trk_reader_clear (TrkReader *self)
{
  if (self->root_fd >= 0)
    close (self->root_fd);
  self->root_fd = -1;
}

int64_t
trk_reader_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Of the root, paths are taken without their leading '/': it would lead out of a test's root. */
static int
open_file (TrkReader *self, int folder_fd, const char *path, int flags)
{
  if (folder_fd < 0)
    {
      folder_fd = self->root_fd;
      while (*path == '/')
        path++;
    }
  /* O_NONBLOCK: a fifo in place of a file must not stop us. */
  return openat (folder_fd, path, flags | O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* Bytes read, or −errno.  The files that grow by records give at most a page at a time: less than @all_below at
 * once is all of it. */
static ssize_t
read_to_end (int fd, char *buffer, size_t size, size_t all_below)
{
  size_t length = 0;

  while (length < size)
    {
      ssize_t n = pread (fd, buffer + length, size - length, (off_t) length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -errno;
      length += (size_t) n;
      if (n == 0 || (size_t) n < all_below)
        break;
    }
  return (ssize_t) length;
}

static TrkReason
take (TrkReader *self, ssize_t length, TrkTextSpan *text)
{
  if (length < 0)
    return trk_reason_from_errno ((int) -length);
  *text = (TrkTextSpan) { self->buffer, self->buffer + length };
  return TRK_REASON_NONE;
}

TrkReason
trk_reader_read (TrkReader *self, int folder_fd, const char *path, TrkTextSpan *text)
{
  int fd = open_file (self, folder_fd, path, 0);
  ssize_t length;

  if (fd < 0)
    return trk_reason_from_errno (errno);
  length = read_to_end (fd, self->buffer, sizeof self->buffer, 0);
  close (fd);
  return take (self, length, text);
}

static TrkReason
read_kept (TrkReader *self,
           TrkKeptFile *file,
           int folder_fd,
           const char *path,
           size_t all_below,
           TrkTextSpan *text)
{
  ssize_t length;

  if (!trk_kept_file_is_open (file))
    {
      int fd = open_file (self, folder_fd, path, 0);

      if (fd < 0)
        return trk_reason_from_errno (errno);
      file->descriptor_plus_1 = fd + 1;
    }
  length = read_to_end (file->descriptor_plus_1 - 1, self->buffer, sizeof self->buffer, all_below);
  if (length < 0)
    trk_kept_file_close (file);
  return take (self, length, text);
}

TrkReason
trk_reader_read_kept (TrkReader *self,
                      TrkKeptFile *file,
                      int folder_fd,
                      const char *path,
                      TrkTextSpan *text)
{
  return read_kept (self, file, folder_fd, path, ROOM_FOR_A_RECORD_BYTES, text);
}

TrkReason
trk_reader_read_short (TrkReader *self,
                       TrkKeptFile *file,
                       int folder_fd,
                       const char *path,
                       TrkTextSpan *text)
{
  return read_kept (self, file, folder_fd, path, SIZE_MAX, text);
}

int
trk_reader_open_folder (TrkReader *self, int folder_fd, const char *path)
{
  int fd = open_file (self, folder_fd, path, O_DIRECTORY);

  return fd < 0 ? -errno : fd;
}

int
trk_reader_read_link (int folder_fd, const char *path, char *to, size_t size)
{
  ssize_t n = readlinkat (folder_fd, path, to, size - 1);

  if (n < 0)
    return -errno;
  to[n] = '\0';
  return (int) n;
}

void
trk_kept_file_close (TrkKeptFile *file)
{
  if (file->descriptor_plus_1 > 0)
    close (file->descriptor_plus_1 - 1);
  file->descriptor_plus_1 = 0;
}
