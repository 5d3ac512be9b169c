/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Ended threads of a followed trace, of which only the sums are kept.
 *
 *   thread 17, ended ─┐
 *   thread 18, ended ─┼─▶ one place for all of them: its tallies, sites and pairs of threads
 *   thread 20, ended ─┘   (their own places and sites are given to threads to come)
 *
 * A program may begin and end 500 threads a second for days, and whoever follows it must not grow with each of
 * them.  So no more than some thousands have a row of their own: when there are more, those that ended and
 * did the least are forgotten.  What they did stays in the figures of the process and of the call stacks, whose
 * sums are as exact as before, and so are later frees of their blocks.  Nothing is taken from the folder: read
 * as a whole it has every thread.
 *
 *   threads    2048 at most beside those that live; 1024 are left when ended ones are forgotten
 *   time       a pass over sites and pairs of threads, once for each thousand of threads that ended
 *
 * Called between two readings, by whoever follows, while nobody matches or counts.
 */
#pragma once

#include "ms-accounting.h"
#include "ms-matcher.h"

G_BEGIN_DECLS

/* So many threads may have a row; with more, so many are left. */
#define MS_FORGOTTEN_MOST_THREADS 2048
#define MS_FORGOTTEN_THREADS_LEFT 1024

void ms_forget_threads (MsMatcher *matcher, MsAccounting *accounting);

G_END_DECLS
