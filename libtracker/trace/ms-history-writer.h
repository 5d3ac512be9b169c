/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes the history of a trace while it is matched: behind the accounting, batch by batch.
 *
 *   MsMatched ──▶ columns of one segment (about 1 MB, used again) ──full──▶ one big write
 *   sums of the accounting ──every 64 segments──▶ checkpoint
 *
 * Costs some nanoseconds an event beside the write.  Where it cannot go on (no room, too many blocks)
 * it says why at the end, and the trace has its figures but no history.
 */
#pragma once

#include "ms-accounting.h"
#include "ms-history.h"

G_BEGIN_DECLS

/* @digest: of the folder, for an entry of the user's cache; NULL: it still changes, so that the file has no name
 * and goes with its last user.  A cache without room is no error: then it has none either. */
MsHistoryWriter *ms_history_writer_new (const MsFolderDigest *digest,
                                        guint64 expected_bytes,
                                        gboolean wide_threads);
/* Removes what was not finished. */
void ms_history_writer_free (MsHistoryWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsHistoryWriter, ms_history_writer_free)

/* For tests: segments end at the first batch with so many events in them; 0: when they are full. */
void ms_history_writer_set_segment_events (guint n);

/* After the accounting took the same batch. */
void ms_history_writer_take (MsHistoryWriter *self,
                             MsAccounting *accounting,
                             const MsMatchedBatch *batch);
/* The folder is no longer the one that had the digest: the file is of use to this process alone. */
void ms_history_writer_forget_name (MsHistoryWriter *self);
/* A mapping, or a piece of one that went; while the accounting takes it. */
void ms_history_writer_take_mapping (MsHistoryWriter *self, const MsHistoryMapping *mapping);

/* The history that @accounting was told to keep, once all is counted.  @stack_numbers: the public number of
 * each in the stack table.  NULL: none was wanted, or one of @diagnostics says why there is none.
 * (transfer full) */
MsHistory *ms_history_writer_finish (MsAccounting *accounting,
                                     const guint32 *stack_numbers,
                                     const MsHistoryShape *shape,
                                     GPtrArray *diagnostics);

G_END_DECLS
