/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The part of trk-system.h that opens files and closes them: for the moment of a read or a write. */
#include "trk-system.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "trk-descriptors.h"
#include "trk-system-call.h"

/* The program may close, at the same moment in another thread, all that it does not know. */
static int
open_guarded (const char *path, int flags, unsigned mode)
{
  int slot = trk_descriptors_begin ();
  int fd = (int) KERNEL (SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC | O_NOCTTY, mode);

  trk_descriptors_opened (slot, fd);
  return fd;
}

int
trk_system_open_append (const char *path)
{
  return open_guarded (path, O_WRONLY | O_APPEND | O_NOFOLLOW, 0);
}

int
trk_system_open_read (const char *path)
{
  return open_guarded (path, O_RDONLY, 0);
}

int
trk_system_create (const char *path, unsigned mode)
{
  int fd = open_guarded (path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  struct stat status;

  /* We open it again and again: a umask that shuts out its own user must not shut us out. */
  if (fd >= 0 && KERNEL (SYS_fstat, fd, &status) == 0 && (status.st_mode & 0600) != 0600)
    (void) KERNEL (SYS_fchmod, fd, (status.st_mode & 0777) | 0600);
  return fd;
}

int
trk_system_open_shared (const char *path)
{
  return open_guarded (path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
}

bool
trk_system_is_locked (int fd)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  return KERNEL (SYS_fcntl, fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

void
trk_system_close_plainly (int fd)
{
  (void) KERNEL (SYS_close, fd);
}

void
trk_system_close (int fd)
{
  int slot = trk_descriptors_begin_close (fd);

  trk_system_close_plainly (fd);
  trk_descriptors_closed (slot);
}

int64_t
trk_system_read_file (const char *path, char *buffer, size_t n_bytes)
{
  int fd = trk_system_open_read (path);
  size_t n_read = 0;

  if (fd < 0)
    return fd;
  trk_own_io.last_read_calls = 0;
  while (n_read + 1 < n_bytes)
    {
      long n = KERNEL (SYS_read, fd, buffer + n_read, n_bytes - 1 - n_read);
      trk_own_io.last_read_calls++;
      if (n == -EINTR)
        continue;
      if (n <= 0)
        break;
      n_read += (size_t) n;
    }
  trk_system_close (fd);
  trk_own_io.last_read_bytes = n_read;
  trk_own_io.read_calls += trk_own_io.last_read_calls;
  trk_own_io.read_bytes += n_read;
  buffer[n_read] = '\0';
  return (int64_t) n_read;
}
