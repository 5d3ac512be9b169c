/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The .freq files of a trace folder (format/trk-frequency-codec.h): one beside each file of events, with
 * the blocks of the same threads.
 */
#pragma once

#include "ms-block-index.h"
#include "ms-trace-private.h"

G_BEGIN_DECLS

/* Of a thread's event blocks [@first, @end), as its .freq names them. */
guint64 ms_frequency_digest (MsBlockIndex *index, guint first, guint end);

/* Name of the .freq file for a thread whose events are in @event_file. (transfer full) */
char *ms_frequency_file_name (const char *event_file);

/* Compares the .freq files of the open folder with what the events say: a file that fits its events
 * but not their counts is a diagnostic.  One that is stale, damaged or not there is none: all of it
 * is known from the events. */
void ms_frequency_check (MsTrace *trace, int dir_fd);

/* The block at *@p, which moves behind it.  FALSE at the end, or where no whole block is. */
gboolean ms_frequency_next_block (const guint8 **p,
                                  const guint8 *end,
                                  TrkBlockHeader *header,
                                  const guint8 **payload);

G_END_DECLS
