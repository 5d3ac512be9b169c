/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The machine's network interfaces, from /proc/net/dev: counters since each came up.  They are those of
 * the network namespace of whoever reads; of a process with another, /proc/<pid>/net/dev says.
 */
#pragma once

#include "trk-reader.h"

#define TRK_MAX_INTERFACES 64U

typedef struct {
  char name[32];
  bool is_loopback; /* not part of what the machine exchanged with others */
  uint64_t received_bytes, received_packets, receive_errors, receive_drops;
  uint64_t sent_bytes, sent_packets, send_errors, send_drops;
} TrkInterface;

typedef struct {
  TrkReason reason;
  int64_t time_ns;
  uint32_t n_interfaces, n_left_out;
  TrkInterface interfaces[TRK_MAX_INTERFACES];
} TrkInterfaces;

void trk_interfaces_parse (TrkTextSpan text, TrkInterfaces *interfaces);

/* @pid 0: the reader's own namespace. */
void trk_interfaces_read (TrkReader *reader,
                          TrkKeptFile *file,
                          int32_t pid,
                          TrkInterfaces *interfaces);
