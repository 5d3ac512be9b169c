/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-hold.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trk-format.h"

/* Written, not mapped: the folder may be anybody's. */
static void
set (const char *recording, guint32 hold)
{
  g_autofree char *path = g_build_filename (recording, TRK_CONTROL_FILE_NAME, NULL);
  int fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat status;
  guint32 before = hold;

  if (fd < 0)
    return;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode)
      && pread (fd, &before, sizeof before, offsetof (TrkControlPage, hold)) == sizeof before
      && before != hold
      && pwrite (fd, &hold, sizeof hold, offsetof (TrkControlPage, hold)) != sizeof hold)
    g_debug ("%s: the hold could not be changed", path);
  close (fd);
}

void
ms_hold_begin (const char *recording)
{
  set (recording, 1);
}

void
ms_hold_end (const char *recording)
{
  set (recording, 0);
}
