/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads of which the trace has no events, and samples have figures:
 *
 *   made by clone (2) itself, and never asked for memory     a runtime's own workers, a thread that only computes
 *   running before the recorder came, and calling none of    a program that links the tracker
 *   its functions
 *   more than the recorder had room for                      dropped, and counted as such
 *
 * Each becomes a thread of the trace, as one that burns a core is to be seen whether it allocates or not.  The
 * recorder gave it no id, and another one may come any moment that gets the next; so its id is made of what
 * stays the same from reading to reading:
 *
 *   1 000 000 000  +  10 000 000 × threads of this number that were sampled before it  +  tid
 *
 * They stand behind all others, in the order of their ids, and are in no summary and no history: those have the
 * threads that have events, and samples may come after they were written.
 */
#pragma once

#include "ms-trace-private.h"

G_BEGIN_DECLS

/* Tells which samples are of which thread, makes threads of those that are of none, and gives all of them the names
 * that samples have.  Before anybody has seen the threads; marks and what is wrong with the folder are known. */
void ms_sampled_threads_join (MsTrace *trace);
/* How many of its threads are not of this kind: they come first. */
guint ms_sampled_threads_count_others (const MsTrace *trace);

G_END_DECLS
