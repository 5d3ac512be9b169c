/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What moves bytes over sockets: the real call first, then what it returned is counted (trk-hook-socket.h).
 *
 * Results, errno and cancellation are the real functions': nothing is held while they run, and a cancelled
 * thread unwinds through these frames as through any others.  The functions of hardened programs
 * (__read_chk) check and end the program themselves.  Until the real ones are known, before our
 * constructor, the system calls take their place.
 */
#undef _FORTIFY_SOURCE /* its header defines some of these */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "preload-real.h"
#include "trk-hook-socket.h"

#define HOOK __attribute__ ((visibility ("default")))

/* Of hardened programs; the headers name them only there. */
extern void __chk_fail (void) __attribute__ ((noreturn));
ssize_t __read_chk (int, void *, size_t, size_t);
ssize_t __recv_chk (int, void *, size_t, size_t, int);
ssize_t __recvfrom_chk (int, void *, size_t, size_t, int, __SOCKADDR_ARG, socklen_t *);

static struct {
  ssize_t (*read) (int, void *, size_t);
  ssize_t (*read_chk) (int, void *, size_t, size_t);
  ssize_t (*readv) (int, const struct iovec *, int);
  ssize_t (*write) (int, const void *, size_t);
  ssize_t (*writev) (int, const struct iovec *, int);
  ssize_t (*recv) (int, void *, size_t, int);
  ssize_t (*recv_chk) (int, void *, size_t, size_t, int);
  ssize_t (*recvfrom) (int, void *, size_t, int, __SOCKADDR_ARG, socklen_t *);
  ssize_t (*recvfrom_chk) (int, void *, size_t, size_t, int, __SOCKADDR_ARG, socklen_t *);
  ssize_t (*recvmsg) (int, struct msghdr *, int);
  int (*recvmmsg) (int, struct mmsghdr *, unsigned, int, struct timespec *);
  ssize_t (*send) (int, const void *, size_t, int);
  ssize_t (*sendto) (int, const void *, size_t, int, __CONST_SOCKADDR_ARG, socklen_t);
  ssize_t (*sendmsg) (int, const struct msghdr *, int);
  int (*sendmmsg) (int, struct mmsghdr *, unsigned, int);
} real;

#define RESOLVE(member, name) real.member = (__typeof__ (real.member)) preload_next (name)

void
preload_resolve_sockets (void)
{
  RESOLVE (read, "read");
  RESOLVE (read_chk, "__read_chk");
  RESOLVE (readv, "readv");
  RESOLVE (write, "write");
  RESOLVE (writev, "writev");
  RESOLVE (recv, "recv");
  RESOLVE (recv_chk, "__recv_chk");
  RESOLVE (recvfrom, "recvfrom");
  RESOLVE (recvfrom_chk, "__recvfrom_chk");
  RESOLVE (recvmsg, "recvmsg");
  RESOLVE (recvmmsg, "recvmmsg");
  RESOLVE (send, "send");
  RESOLVE (sendto, "sendto");
  RESOLVE (sendmsg, "sendmsg");
  RESOLVE (sendmmsg, "sendmmsg");
}

/* As the real functions do. */
static void
check_room (size_t n_bytes, size_t room)
{
  if (n_bytes > room)
    __chk_fail ();
}

/* --- of any descriptor ------------------------------------------------------------------------ */

HOOK ssize_t
read (int fd, void *buffer, size_t n_bytes)
{
  return trk_hook_was_read (fd, real.read ? real.read (fd, buffer, n_bytes)
                                          : syscall (SYS_read, fd, buffer, n_bytes));
}

HOOK ssize_t
__read_chk (int fd, void *buffer, size_t n_bytes, size_t room)
{
  if (real.read_chk)
    return trk_hook_was_read (fd, real.read_chk (fd, buffer, n_bytes, room));
  check_room (n_bytes, room);
  return read (fd, buffer, n_bytes);
}

HOOK ssize_t
readv (int fd, const struct iovec *parts, int n_parts)
{
  return trk_hook_was_read (fd, real.readv ? real.readv (fd, parts, n_parts)
                                           : syscall (SYS_readv, fd, parts, n_parts));
}

HOOK ssize_t
write (int fd, const void *buffer, size_t n_bytes)
{
  return trk_hook_was_written (fd, real.write ? real.write (fd, buffer, n_bytes)
                                              : syscall (SYS_write, fd, buffer, n_bytes));
}

HOOK ssize_t
writev (int fd, const struct iovec *parts, int n_parts)
{
  return trk_hook_was_written (fd, real.writev ? real.writev (fd, parts, n_parts)
                                               : syscall (SYS_writev, fd, parts, n_parts));
}

/* --- of sockets ------------------------------------------------------------------------------- */

/* What is only looked at comes again; what the error queue has was sent before. */
static inline ssize_t
received (ssize_t result, int flags)
{
  if (result > 0 && !(flags & (MSG_PEEK | MSG_ERRQUEUE)))
    trk_hook_count_received ((uint64_t) result);
  return result;
}

static inline ssize_t
sent (ssize_t result)
{
  if (result > 0)
    trk_hook_count_sent ((uint64_t) result);
  return result;
}

static uint64_t
sum_messages (const struct mmsghdr *messages, int n_messages)
{
  uint64_t n_bytes = 0;

  for (int i = 0; i < n_messages; i++)
    n_bytes += messages[i].msg_len;
  return n_bytes;
}

HOOK ssize_t
recv (int fd, void *buffer, size_t n_bytes, int flags)
{
  return received (real.recv ? real.recv (fd, buffer, n_bytes, flags)
                             : syscall (SYS_recvfrom, fd, buffer, n_bytes, flags, NULL, NULL),
                   flags);
}

HOOK ssize_t
__recv_chk (int fd, void *buffer, size_t n_bytes, size_t room, int flags)
{
  if (real.recv_chk)
    return received (real.recv_chk (fd, buffer, n_bytes, room, flags), flags);
  check_room (n_bytes, room);
  return recv (fd, buffer, n_bytes, flags);
}

HOOK ssize_t
recvfrom (int fd,
          void *buffer,
          size_t n_bytes,
          int flags,
          __SOCKADDR_ARG address,
          socklen_t *n_address)
{
  return received (real.recvfrom
                       ? real.recvfrom (fd, buffer, n_bytes, flags, address, n_address)
                       : syscall (SYS_recvfrom, fd, buffer, n_bytes, flags, address, n_address),
                   flags);
}

HOOK ssize_t
__recvfrom_chk (int fd,
                void *buffer,
                size_t n_bytes,
                size_t room,
                int flags,
                __SOCKADDR_ARG address,
                socklen_t *n_address)
{
  if (real.recvfrom_chk)
    return received (real.recvfrom_chk (fd, buffer, n_bytes, room, flags, address, n_address),
                     flags);
  check_room (n_bytes, room);
  return recvfrom (fd, buffer, n_bytes, flags, address, n_address);
}

HOOK ssize_t
recvmsg (int fd, struct msghdr *message, int flags)
{
  return received (real.recvmsg ? real.recvmsg (fd, message, flags)
                                : syscall (SYS_recvmsg, fd, message, flags),
                   flags);
}

HOOK int
recvmmsg (int fd,
          struct mmsghdr *messages,
          unsigned n_messages,
          int flags,
          struct timespec *timeout)
{
  int n = real.recvmmsg ? real.recvmmsg (fd, messages, n_messages, flags, timeout)
                        : (int) syscall (SYS_recvmmsg, fd, messages, n_messages, flags, timeout);

  received ((ssize_t) sum_messages (messages, n), flags);
  return n;
}

HOOK ssize_t
send (int fd, const void *buffer, size_t n_bytes, int flags)
{
  return sent (real.send ? real.send (fd, buffer, n_bytes, flags)
                         : syscall (SYS_sendto, fd, buffer, n_bytes, flags, NULL, 0));
}

HOOK ssize_t
sendto (int fd,
        const void *buffer,
        size_t n_bytes,
        int flags,
        __CONST_SOCKADDR_ARG address,
        socklen_t n_address)
{
  return sent (real.sendto ? real.sendto (fd, buffer, n_bytes, flags, address, n_address)
                           : syscall (SYS_sendto, fd, buffer, n_bytes, flags, address, n_address));
}

HOOK ssize_t
sendmsg (int fd, const struct msghdr *message, int flags)
{
  return sent (real.sendmsg ? real.sendmsg (fd, message, flags)
                            : syscall (SYS_sendmsg, fd, message, flags));
}

HOOK int
sendmmsg (int fd, struct mmsghdr *messages, unsigned n_messages, int flags)
{
  int n = real.sendmmsg ? real.sendmmsg (fd, messages, n_messages, flags)
                        : (int) syscall (SYS_sendmmsg, fd, messages, n_messages, flags);

  sent ((ssize_t) sum_messages (messages, n));
  return n;
}
