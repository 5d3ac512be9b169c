/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The few descriptors that the recorder has open for the moment of a write, and the program that closes
 * descriptors which it does not know (closefrom, close_range, a loop of close) or puts its own in their
 * place (dup2).  Without an understanding the recorder would write into the program's next file.
 *
 *   slot:   free ─▶ opening ─▶ open, fd ─▶ closing, fd ─▶ free
 *
 *   bulk close   announces itself, which keeps slots from leaving "free"; waits until none is opening;
 *                closes everything but the descriptors in the slots
 *   close (fd)   of an open one is refused: the program never had it; of a closing one waits
 *   dup2 (…, fd) onto one waits until it is closed
 *
 * Only who opens, closes or copies meets another thread here, and for as long as one openat takes.  Every
 * wait ends after a second: a child of vfork may have been killed in the middle.  In a forked child
 * what is in the slots was inherited by accident.  Signal-safe, no locks, no allocation.
 */
#pragma once

#include <stdbool.h>

#include "trk-gate.h"

/* Around openat: @slot is what the other calls want; −1 where all are taken (then nothing is promised). */
int trk_descriptors_begin (void);
void trk_descriptors_opened (int slot, int fd);

/* Around close. */
int trk_descriptors_begin_close (int fd);
void trk_descriptors_closed (int slot);

/* In a forked child: closes what other threads of the parent had open.  Not if a signal handler forked
 * inside a hook, which may yet come back for its own. */
void trk_descriptors_reset (bool forked_in_hook);

/* --- for the preload ------------------------------------------------------------------------- */

/* False: @fd is the recorder's at this moment. */
TRK_PRIVATE bool trk_hook_may_close_descriptor (int fd);

/* Until @fd is not the recorder's. */
TRK_PRIVATE void trk_hook_await_descriptor (int fd);

/* Around a bulk close. */
TRK_PRIVATE void trk_hook_bulk_close_begin (void);
TRK_PRIVATE void trk_hook_bulk_close_end (void);

/* Of the recorder's descriptors the lowest that is at least @first; −1: none. */
TRK_PRIVATE int trk_hook_next_descriptor (unsigned first);
