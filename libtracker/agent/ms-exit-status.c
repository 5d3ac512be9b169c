/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-exit-status.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <linux/pidfd.h> of Linux 6.15; older headers lack it, and the running kernel may still have it. */
typedef struct {
  guint64 mask;
  guint64 cgroup_id;
  guint32 pid, tgid, ppid;
  guint32 ids[8];
  gint32 exit_code;
} PidfdInfo;
G_STATIC_ASSERT (sizeof (PidfdInfo) == 64);
#define PIDFD_INFO_EXIT_BIT ((guint64) 1 << 3)
#define PIDFD_GET_INFO_REQUEST _IOWR (0xFF, 11, PidfdInfo)

/* Counted from the state, which is field 3 and follows the name. */
#define FIELDS_FROM_STATE_TO_EXIT_CODE (52 - 3)

int
ms_pidfd_open (gint pid)
{
#ifdef SYS_pidfd_open
  return (int) syscall (SYS_pidfd_open, pid, 0);
#else
  errno = ENOSYS;
  return -1;
#endif
}

static gboolean
read_from_zombie (gint pid, int *wait_status)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *line = NULL;
  g_auto (GStrv) fields = NULL;
  const char *name_end;
  gint64 code;

  if (!g_file_get_contents (path, &line, NULL, NULL))
    return FALSE;
  name_end = strrchr (line, ')');
  if (!name_end || name_end[1] != ' ' || name_end[2] != 'Z')
    return FALSE;
  fields = g_strsplit (g_strchomp ((char *) name_end + 2), " ", -1);
  if (g_strv_length (fields) <= FIELDS_FROM_STATE_TO_EXIT_CODE
      || !g_ascii_string_to_signed (fields[FIELDS_FROM_STATE_TO_EXIT_CODE], 10, 0, 0xffff, &code,
                                    NULL))
    return FALSE;
  *wait_status = (int) code;
  return TRUE;
}

static gboolean
read_from_pidfd (int pidfd, int *wait_status)
{
  PidfdInfo info = { .mask = PIDFD_INFO_EXIT_BIT };

  if (pidfd < 0 || ioctl (pidfd, PIDFD_GET_INFO_REQUEST, &info) != 0
      || !(info.mask & PIDFD_INFO_EXIT_BIT))
    return FALSE;
  *wait_status = info.exit_code;
  return TRUE;
}

gboolean
ms_exit_status_read (int pidfd, gint pid, int *wait_status)
{
  /* In this order: what is no zombie any more when we look has been collected by then. */
  return read_from_zombie (pid, wait_status) || read_from_pidfd (pidfd, wait_status);
}
