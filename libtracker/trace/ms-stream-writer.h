/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes what one thread did, as blocks of compact records, into a folder that an MsTraceWriter makes.
 *
 * Which number a recent address has, so that it can be told by its distance, is remembered for as many
 * addresses as a table of 64 KiB holds; one that was pushed out is told in full.  Times are
 * CLOCK_MONOTONIC ns and do not fall.  Nothing here fails: see ms_trace_writer_check().
 */
#pragma once

#include "ms-trace-writer.h"
#include "trk-event-encoder.h"

G_BEGIN_DECLS

typedef struct _MsStreamWriter MsStreamWriter;

/* @thread_id: order of creation.  Blocks have @block_bytes, with their header. (transfer full) */
MsStreamWriter *ms_stream_writer_new (MsTraceWriter *writer,
                                      guint32 thread_id,
                                      gint32 tid,
                                      guint block_bytes);
/* Writes the last block. */
void ms_stream_writer_free (MsStreamWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsStreamWriter, ms_stream_writer_free)

/* Of the events that follow, until it is called again. */
void ms_stream_writer_set_domain (MsStreamWriter *self, TrkDomain domain);

/* @stack: as given to ms_trace_writer_put_stack(), or 0. */
void ms_stream_writer_alloc (MsStreamWriter *self,
                             guint64 ns,
                             guint64 address,
                             guint64 size,
                             guint32 stack);
void ms_stream_writer_free_block (MsStreamWriter *self, guint64 ns, guint64 address);
void ms_stream_writer_realloc (MsStreamWriter *self,
                               guint64 begin_ns,
                               guint64 end_ns,
                               guint64 old_address,
                               guint64 address,
                               guint64 size,
                               guint32 stack);

/* The encoder, with room for one event of another kind at @ns and @n_more_bytes beyond an ordinary one. */
TrkEventEncoder *ms_stream_writer_prepare (MsStreamWriter *self, guint64 ns, guint n_more_bytes);
/* The number of @stack in the block that the encoder has open. */
guint32 ms_stream_writer_local_stack (MsStreamWriter *self, guint32 stack);

G_END_DECLS
