/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trk-sockets.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h> /* not netinet/tcp.h, whose tcp_info is an older one */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define TCP_LISTENING 10 /* TCP_LISTEN of netinet/tcp.h */
#define TIMEOUT_US 200000

/* A field that this kernel's tcp_info has, being as long as it says. */
#define FIELD(info, n_info, name) \
  ((n_info) >= offsetof (struct tcp_info, name) + sizeof (info)->name ? (uint64_t) (info)->name \
                                                                      : TRK_UNKNOWN)

static void
take_info (TrkSocket *socket, const char *attribute, size_t n_bytes)
{
  struct tcp_info info;
  uint64_t us;

  memset (&info, 0, sizeof info);
  memcpy (&info, attribute, n_bytes < sizeof info ? n_bytes : sizeof info);
  socket->sent_bytes = FIELD (&info, n_bytes, tcpi_bytes_acked);
  socket->received_bytes = FIELD (&info, n_bytes, tcpi_bytes_received);
  socket->retransmits = FIELD (&info, n_bytes, tcpi_total_retrans);
  us = FIELD (&info, n_bytes, tcpi_rtt);
  /* 0 before the first acknowledgement. */
  socket->round_trip_ns = us == TRK_UNKNOWN || us == 0 ? TRK_UNKNOWN : us * 1000;
  us = FIELD (&info, n_bytes, tcpi_rttvar);
  socket->round_trip_deviation_ns =
      us == TRK_UNKNOWN || socket->round_trip_ns == TRK_UNKNOWN ? TRK_UNKNOWN : us * 1000;
}

/* One message of the dump: [inet_diag_msg][attribute]… */
static void
take_message (const char *bytes,
              size_t n_bytes,
              const TrkOpenFiles *descriptors,
              TrkSockets *sockets)
{
  struct inet_diag_msg message;
  TrkSocket *socket;

  if (n_bytes < sizeof message)
    return;
  memcpy (&message, bytes, sizeof message);
  if (message.idiag_inode == 0 || sockets->n_sockets == TRK_MAX_SOCKETS
      || !trk_open_files_has_socket (descriptors, message.idiag_inode))
    return;
  socket = &sockets->sockets[sockets->n_sockets++];
  *socket = (TrkSocket) { .inode = message.idiag_inode,
                          .family = message.idiag_family,
                          .state = message.idiag_state,
                          .local_port = ntohs (message.id.idiag_sport),
                          .remote_port = ntohs (message.id.idiag_dport),
                          .receive_queue_bytes = message.idiag_rqueue,
                          .send_queue_bytes = message.idiag_wqueue,
                          .sent_bytes = TRK_UNKNOWN,
                          .received_bytes = TRK_UNKNOWN,
                          .retransmits = TRK_UNKNOWN,
                          .round_trip_ns = TRK_UNKNOWN,
                          .round_trip_deviation_ns = TRK_UNKNOWN };
  memcpy (socket->local_address, message.id.idiag_src, sizeof socket->local_address);
  memcpy (socket->remote_address, message.id.idiag_dst, sizeof socket->remote_address);
  for (size_t at = NLMSG_ALIGN (sizeof message); n_bytes - at >= sizeof (struct rtattr);)
    {
      struct rtattr attribute;

      memcpy (&attribute, bytes + at, sizeof attribute);
      if (attribute.rta_len < sizeof attribute || attribute.rta_len > n_bytes - at)
        return;
      if (attribute.rta_type == INET_DIAG_INFO)
        take_info (socket, bytes + at + RTA_LENGTH (0), attribute.rta_len - RTA_LENGTH (0));
      at += RTA_ALIGN (attribute.rta_len);
      if (at > n_bytes)
        return;
    }
}

TrkDiagStatus
trk_sockets_parse (const char *bytes,
                   size_t n_bytes,
                   const TrkOpenFiles *descriptors,
                   TrkSockets *sockets)
{
  while (n_bytes >= sizeof (struct nlmsghdr))
    {
      struct nlmsghdr header;
      size_t length;

      memcpy (&header, bytes, sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > n_bytes)
        return TRK_DIAG_ERROR;
      if (header.nlmsg_type == NLMSG_DONE)
        return TRK_DIAG_DONE;
      if (header.nlmsg_type == NLMSG_ERROR)
        {
          struct nlmsgerr error = { .error = -EINVAL };

          if (header.nlmsg_len >= NLMSG_LENGTH (sizeof error))
            memcpy (&error, bytes + NLMSG_HDRLEN, sizeof error);
          sockets->reason = trk_reason_from_errno (error.error < 0 ? -error.error : EINVAL);
          return TRK_DIAG_ERROR;
        }
      if (header.nlmsg_type == SOCK_DIAG_BY_FAMILY)
        take_message (bytes + NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN, descriptors, sockets);
      length = NLMSG_ALIGN (header.nlmsg_len);
      if (length >= n_bytes)
        break;
      bytes += length;
      n_bytes -= length;
    }
  return TRK_DIAG_MORE;
}

/* All but listening ones, which move no bytes. */
static TrkReason
ask (TrkSocketDiag *diag, uint8_t family)
{
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
  } message = { .header = { .nlmsg_len = sizeof message,
                            .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
                .request = { .sdiag_family = family,
                             .sdiag_protocol = IPPROTO_TCP,
                             .idiag_ext = 1 << (INET_DIAG_INFO - 1),
                             .idiag_states = ~(1U << TCP_LISTENING) } };

  return send (diag->fd_plus_1 - 1, &message, sizeof message, MSG_NOSIGNAL) == sizeof message
             ? TRK_REASON_NONE
             : trk_reason_from_errno (errno);
}

static TrkReason
dump (TrkSocketDiag *diag, uint8_t family, const TrkOpenFiles *descriptors, TrkSockets *sockets)
{
  TrkDiagStatus status = TRK_DIAG_MORE;
  TrkReason reason = ask (diag, family);

  if (reason != TRK_REASON_NONE)
    return reason;
  while (status == TRK_DIAG_MORE)
    {
      ssize_t n_bytes = recv (diag->fd_plus_1 - 1, diag->buffer, sizeof diag->buffer, 0);

      if (n_bytes < 0 && errno == EINTR)
        continue;
      if (n_bytes <= 0)
        return trk_reason_from_errno (n_bytes < 0 ? errno : EIO);
      sockets->reason = TRK_REASON_FAILED;
      status = trk_sockets_parse (diag->buffer, (size_t) n_bytes, descriptors, sockets);
    }
  return status == TRK_DIAG_DONE ? TRK_REASON_NONE : sockets->reason;
}

static TrkReason
open_diag (TrkSocketDiag *diag)
{
  struct timeval timeout = { .tv_usec = TIMEOUT_US };
  int fd;

  if (diag->fd_plus_1 > 0)
    return TRK_REASON_NONE;
  fd = socket (AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0)
    return trk_reason_from_errno (errno);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  diag->fd_plus_1 = fd + 1;
  return TRK_REASON_NONE;
}

void
trk_socket_diag_close (TrkSocketDiag *diag)
{
  if (diag->fd_plus_1 > 0)
    close (diag->fd_plus_1 - 1);
  diag->fd_plus_1 = 0;
}

/* Netlink answers for our own namespace. */
static TrkReason
check_namespace (TrkReader *reader, int32_t pid)
{
  char path[TRK_READER_PATH_BYTES], ours[64], theirs[64];
  int length;

  if (!reader->is_machine)
    return TRK_REASON_NOT_HERE;
  snprintf (path, sizeof path, "proc/%d/ns/net", pid);
  length = trk_reader_read_link (reader->root_fd, path, theirs, sizeof theirs);
  if (length < 0)
    return trk_reason_from_errno (-length);
  if (trk_reader_read_link (reader->root_fd, "proc/self/ns/net", ours, sizeof ours) < 0
      || strcmp (ours, theirs) != 0)
    return TRK_REASON_OTHER_NAMESPACE;
  return TRK_REASON_NONE;
}

void
trk_sockets_read (TrkReader *reader,
                  TrkSocketDiag *diag,
                  int32_t pid,
                  const TrkOpenFiles *descriptors,
                  TrkSockets *sockets)
{
  TrkReason reason = descriptors->reason;

  sockets->n_sockets = 0;
  sockets->time_ns = trk_reader_now_ns ();
  if (reason == TRK_REASON_NONE)
    reason = check_namespace (reader, pid);
  if (reason == TRK_REASON_NONE && descriptors->n_sockets > 0)
    {
      reason = open_diag (diag);
      if (reason == TRK_REASON_NONE)
        reason = dump (diag, AF_INET, descriptors, sockets);
      if (reason == TRK_REASON_NONE)
        reason = dump (diag, AF_INET6, descriptors, sockets);
      /* An answer that was not read to its end must not be taken for the next one's. */
      if (reason != TRK_REASON_NONE)
        trk_socket_diag_close (diag);
    }
  sockets->reason = reason;
}
