/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a thread used besides memory and processor, as it reads it of itself at its end:
 *
 *   getrusage (RUSAGE_THREAD)      faults, context switches         always: one system call
 *   /proc/thread-self/schedstat    run-queue wait, runs             of a thread that lived for 100 ms,
 *   /proc/thread-self/io           calls and bytes                  three system calls each
 *   the lane                       bytes on sockets                 memory
 *
 * So the figures of a thread that whoever samples from outside sees shortly before its end, or never, are
 * exact.  A thread that lived for less than a tick is spared the two files: 20 000 short threads would pay
 * 10 µs each for them.  Tracked or not makes no difference, as both have a lane and an exit record.
 *
 * Figures begin where the recorder met the thread; the recorder's own reads and writes in the thread are
 * taken off.  Owning thread only; no locks, no allocation, signal-safe; errno is kept.
 */
#pragma once

#include "trk-exit-figures.h"
#include "trk-thread.h"

/* The thread is met.  @is_new: at its very start, so that it has used nothing yet. */
void trk_thread_usage_begin (TrkThread *thread, bool is_new);

/* All that can be had now. */
void trk_thread_usage_read (const TrkThread *thread, TrkExitFigures *figures);
