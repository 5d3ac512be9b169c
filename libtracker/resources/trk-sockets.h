/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The TCP connections of a process, as the kernel's inet_diag tells them: bytes, retransmissions, round
 * trip time.
 *
 *   /proc/<pid>/fd   "socket:[4211]" …            trk-open-files.h
 *   NETLINK_SOCK_DIAG, a dump of all TCP sockets of this network namespace, with INET_DIAG_INFO
 *
 * The two meet in the socket's inode.  A process in another network namespace cannot be matched:
 * OTHER_NAMESPACE.  A connection that opens and closes between two readings is not seen; bytes a thread
 * come from elsewhere.  The kernel walks all sockets of the machine for a dump: once a second.
 */
#pragma once

#include "trk-open-files.h"

typedef struct {
  uint64_t inode;
  uint8_t family;                                 /* AF_INET, AF_INET6 */
  uint8_t state;                                  /* as in netinet/tcp.h: 1 established */
  uint16_t local_port, remote_port;               /* in the machine's order */
  uint8_t local_address[16], remote_address[16];  /* 4 or 16 bytes, as on the wire */
  uint32_t receive_queue_bytes, send_queue_bytes; /* just now */
  uint64_t sent_bytes, received_bytes; /* acknowledged by the other, and by us: counters */
  uint64_t retransmits;                /* segments: a counter */
  uint64_t round_trip_ns, round_trip_deviation_ns; /* smoothed */
} TrkSocket;

typedef struct {
  TrkReason reason;
  int64_t time_ns;
  uint32_t n_sockets;
  TrkSocket
      sockets[TRK_MAX_SOCKETS]; /* of the process; TRK_UNKNOWN where the kernel says nothing */
} TrkSockets;

typedef struct {
  int fd_plus_1; /* 0: closed */
  char buffer[32768] __attribute__ ((aligned (8)));
} TrkSocketDiag;

/* Those of @descriptors, which must be of this process. */
void trk_sockets_read (TrkReader *reader,
                       TrkSocketDiag *diag,
                       int32_t pid,
                       const TrkOpenFiles *descriptors,
                       TrkSockets *sockets);
void trk_socket_diag_close (TrkSocketDiag *diag);

typedef enum { TRK_DIAG_MORE, TRK_DIAG_DONE, TRK_DIAG_ERROR } TrkDiagStatus;

/* One reply of the kernel, @bytes aligned to 4. */
TrkDiagStatus trk_sockets_parse (const char *bytes,
                                 size_t n_bytes,
                                 const TrkOpenFiles *descriptors,
                                 TrkSockets *sockets);
