/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The events themselves as JSON Lines: one object a line, in the order in which they took effect.
 *
 *   {"event":7,"time_ns":30000000,"kind":"allocation","thread":1,"stack":1,"domain":"heap","block":4,"bytes":2000000}
 *   {"event":8,"time_ns":51000000,"kind":"free","thread":2,"owner":1,"stack":1,"domain":"heap","block":4,"bytes":2000000,"temporary":false}
 *   {"event":9,…,"kind":"reallocation",…,"old_block":3,"old_bytes":100}
 *
 * Threads are ids and stacks the numbers that the comprehensive file has names for.  Of a sampled trace each has
 * its "weight".  Streamed: nothing is kept, however many there are.
 */
#pragma once

#include "ms-export-view.h"

G_BEGIN_DECLS

gboolean ms_events_jsonl_write (GOutputStream *stream,
                                MsExportView *view,
                                GCancellable *cancellable,
                                GError **error);

G_END_DECLS
