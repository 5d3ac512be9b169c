/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-agent-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "trk-format.h"

int
ms_agent_lock_take (const char *recording)
{
  g_autofree char *path = g_build_filename (recording, TRK_CONTROL_FILE_NAME, NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0 || ms_agent_lock_retake (fd))
    return fd;
  close (fd);
  errno = EWOULDBLOCK;
  return -1;
}

static gboolean
set_lock (int fd, short type)
{
  struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

  return fcntl (fd, F_OFD_SETLK, &lock) == 0;
}

gboolean
ms_agent_lock_retake (int fd)
{
  return set_lock (fd, F_WRLCK);
}

void
ms_agent_lock_give_up (int fd)
{
  set_lock (fd, F_UNLCK);
}

void
ms_agent_lock_clear (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}
