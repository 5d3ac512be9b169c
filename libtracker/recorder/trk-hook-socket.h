/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Bytes that threads move over sockets, of any family: two counters in the thread's lane, no event, no clock.
 *
 *   recv, send and their kin    work on sockets only: what they return is counted
 *   read, write and their kin   are counted if the descriptor is a socket:
 *
 *   kinds[fd]:  unknown ──fstat, once──▶ socket or other ──close, dup2 onto it, fclose──▶ unknown
 *
 * A word is a generation, which rises when a descriptor is closed, before and after, and a kind.  Who looks
 * a descriptor up enters its kind only if the generation is still the one that was there before fstat: then
 * nobody can have closed it in between, however many threads do so.
 *
 * What is not seen: system calls that are made without the C library's functions, io_uring, sendfile and
 * splice, and what stdio does inside for a stream on a socket.  A descriptor that is closed so that we do not
 * see it, and opened again as another kind, is counted by its old kind until it is closed.
 *
 * Any thread, async-signal-safe, no locks; errno is kept.  Cost: 3 ns for a read of what is no socket, and a
 * locked addition more for one that is (tests/bench/ping-pong.c).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trk-gate.h"

/* Descriptors from here on are looked up each time. */
#define TRK_SOCKET_WORDS 65536

enum { TRK_KIND_UNKNOWN = 0, TRK_KIND_OF_SOCKET = 1, TRK_KIND_OF_OTHER = 2, TRK_KIND_MASK = 3 };

extern TRK_PRIVATE uint16_t trk_hook_socket_words[TRK_SOCKET_WORDS];

/* Looks it up. */
TRK_PRIVATE bool trk_hook_find_socket (int fd);

/* Around whatever gives these numbers to another file, or to none. */
TRK_PRIVATE void trk_hook_descriptor_changes (int fd);
TRK_PRIVATE void trk_hook_descriptors_change (unsigned first, unsigned last);

/* NULL: this thread is not met yet or no more, or nothing is to be counted.  A forked child's counters are
 * its parent's until it is met. */
static inline uint64_t *
trk_hook_get_socket_bytes (void)
{
  return TRK_LIKELY (trk_gate_get () != 0) ? trk_thread_gate.socket_bytes : NULL;
}

static inline bool
trk_hook_is_socket (int fd)
{
  uint16_t kind = TRK_KIND_UNKNOWN;

  if (TRK_LIKELY ((unsigned) fd < TRK_SOCKET_WORDS))
    kind = __atomic_load_n (&trk_hook_socket_words[fd], __ATOMIC_RELAXED) & TRK_KIND_MASK;
  return TRK_LIKELY (kind != TRK_KIND_UNKNOWN) ? kind == TRK_KIND_OF_SOCKET
                                               : trk_hook_find_socket (fd);
}

/* One instruction, as a signal handler may come anywhere and count too. */
static inline void
trk_hook_count_received (uint64_t n_bytes)
{
  uint64_t *bytes = trk_hook_get_socket_bytes ();

  if (bytes)
    __atomic_fetch_add (&bytes[0], n_bytes, __ATOMIC_RELAXED);
}

static inline void
trk_hook_count_sent (uint64_t n_bytes)
{
  uint64_t *bytes = trk_hook_get_socket_bytes ();

  if (bytes)
    __atomic_fetch_add (&bytes[1], n_bytes, __ATOMIC_RELAXED);
}

/* What read and write have returned. */
static inline ssize_t
trk_hook_was_read (int fd, ssize_t result)
{
  if (result > 0 && trk_hook_get_socket_bytes () && trk_hook_is_socket (fd))
    trk_hook_count_received ((uint64_t) result);
  return result;
}

static inline ssize_t
trk_hook_was_written (int fd, ssize_t result)
{
  if (result > 0 && trk_hook_get_socket_bytes () && trk_hook_is_socket (fd))
    trk_hook_count_sent ((uint64_t) result);
  return result;
}
