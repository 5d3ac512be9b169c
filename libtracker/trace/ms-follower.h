/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Follows the folder of a program that still runs.
 *
 *   ms_follower_read() ─▶ trace: as of 12.0 s        only what was added to the folder
 *   ms_follower_read() ─▶ trace: as of 12.1 s   ◀──  in between is read and counted
 *
 * Each trace is immutable and stays valid after the next one.  Its figures are those of
 * ms_trace_load() at the same moment, with two exceptions: bins of the series are not cut at the trace's end,
 * so that the boundaries of what is asked for may be off by a 2 000th of the trace; and the ages of
 * blocks are by the clock as it was calibrated when they ended.
 *
 * An object of one thread at a time: call it on a worker.
 */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

#define MS_TYPE_FOLLOWER (ms_follower_get_type ())
MS_API
G_DECLARE_FINAL_TYPE (MsFollower, ms_follower, MS, FOLLOWER, GObject)

/* Reads nothing yet. (transfer full) */
MS_API MsFollower *ms_follower_new (const char *folder, GError **error);

/* The trace as of now.  NULL with an error as of ms_trace_load(), MS_ERROR_EMPTY while nothing has been
 * recorded; the follower can be asked again.  After a cancellation it reads from the beginning. (transfer full) */
MS_API MsTrace *ms_follower_read (MsFollower *self,
                                  GCancellable *cancellable,
                                  MsProgressFunc progress,
                                  gpointer user_data,
                                  GError **error);

G_END_DECLS
