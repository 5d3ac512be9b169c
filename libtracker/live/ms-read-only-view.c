/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ms-read-only-view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- the child: system calls alone ------------------------------------------------------------ */

static gboolean
send_descriptor (int socket_fd, int fd)
{
  char byte = 0;
  struct iovec data = { &byte, 1 };
  union {
    char bytes[CMSG_SPACE (sizeof fd)];
    struct cmsghdr header;
  } control = { { 0 } };
  struct msghdr message = { .msg_iov = &data,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes };

  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  control.header.cmsg_len = CMSG_LEN (sizeof fd);
  memcpy (CMSG_DATA (&control.header), &fd, sizeof fd);
  return sendmsg (socket_fd, &message, MSG_NOSIGNAL) == 1;
}

/* By its path: a descriptor is of a mount that is not in the new namespace. */
static gboolean
send_view (const char *path, int socket_fd)
{
  struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
  int tree;

  if (unshare (CLONE_NEWUSER | CLONE_NEWNS) != 0)
    return FALSE;
  tree = (int) syscall (SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC);
  return tree >= 0
         && syscall (SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes)
                == 0
         && send_descriptor (socket_fd, tree);
}

/* --- whoever wants it ------------------------------------------------------------------------- */

static int
receive_descriptor (int socket_fd)
{
  char byte;
  struct iovec data = { &byte, 1 };
  union {
    char bytes[CMSG_SPACE (sizeof (int))];
    struct cmsghdr header;
  } control = { { 0 } };
  struct msghdr message = { .msg_iov = &data,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes };
  const struct cmsghdr *header;
  int fd = -1;

  if (recvmsg (socket_fd, &message, MSG_CMSG_CLOEXEC) != 1)
    return -1;
  header = CMSG_FIRSTHDR (&message);
  if (header != NULL && header->cmsg_type == SCM_RIGHTS)
    memcpy (&fd, CMSG_DATA (header), sizeof fd);
  return fd;
}

gboolean
ms_read_only_view_is_same_file (int a, int b)
{
  struct stat one, other;

  return fstat (a, &one) == 0 && fstat (b, &other) == 0 && one.st_dev == other.st_dev
         && one.st_ino == other.st_ino;
}

int
ms_read_only_view_open (const char *path, int dir_fd)
{
  int pair[2], view;
  pid_t child;

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    return -1;
  /* Without a signal at its end: whoever waits for children of its own is not to be woken. */
  child = (pid_t) syscall (SYS_clone, 0, NULL, NULL, NULL, NULL);
  if (child == 0)
    _exit (send_view (path, pair[1]) ? 0 : 1);
  close (pair[1]);
  view = child > 0 ? receive_descriptor (pair[0]) : -1;
  close (pair[0]);
  /* Somebody who waits for all children may have done it for us. */
  while (child > 0 && waitpid (child, NULL, __WALL) < 0 && errno == EINTR)
    ;
  if (view >= 0 && !ms_read_only_view_is_same_file (view, dir_fd))
    {
      close (view);
      view = -1;
    }
  return view;
}
