/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The pool file: the windows that all threads write into, kept by the kernel if we are killed.
 *
 * Lanes come in segments of eight, each segment fully allocated on disk before it is mapped and never
 * truncated or unmapped while the process lives, so that a store into a window cannot fault.  Beside
 * each lane lies the private state of the thread that has it (TrkThread).  Free lanes are a lock-free
 * stack; growing takes no lock either: a thread that finds none makes a segment of its own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "trk-format.h"
#include "trk-gate.h"

/* Makes the file in the trace folder, or in memory with a link to it, and maps its header.  0 or a negative
 * errno. */
int trk_pool_create (const char *path);

#define TRK_POOL_LANES_A_SEGMENT 8U

/* NULL: no lane could be had (disk, memory, descriptors); the caller counts what it cannot record. */
TrkThread *trk_pool_acquire (void);
void trk_pool_release (TrkThread *thread);

/* False: what is left is for the lanes of new threads. */
bool trk_pool_has_room_for_windows (void);

/* Eight lanes that no thread has, for their windows alone: zeros.  NULL: as above. */
uint8_t *trk_pool_add_bare_segment (uint32_t *first_lane);

/* One that was made. */
TrkLane *trk_pool_get_lane (uint32_t lane);

/* Tells the reader: a block with @n_events was refused with the negative errno @error. */
void trk_pool_count_failed_write (uint64_t n_events, int error);

/* The mapped header, or NULL before trk_pool_create(). */
TrkPoolHeader *trk_pool_get_header (void);

/* Whether a thread is making a declaration. */
bool trk_pool_has_thread_inside (void);

/* In a forked child: what is mapped belongs to the parent.  Anonymous memory takes its place, so that
 * a hook that fork interrupted still writes into memory that is there. */
void trk_pool_detach (void);

/* As trk_pool_detach(), from inside a hook or while other threads may have been in one: its memory is left to it and not used again. */
void trk_pool_orphan (void);
