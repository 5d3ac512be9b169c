/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes a trace folder that opens like any other: for what was recorded by another program, and for
 * the part of a trace that somebody sends.
 *
 *   MsTraceWriter *writer = ms_trace_writer_new ("out", 0, &error);      makes out.new-XXXXXX
 *   MsStreamWriter *stream = ms_stream_writer_new (writer, 0, 4711, 16384);
 *   ms_trace_writer_put_stack (writer, 1, 0, frames, depth, FALSE);
 *   ms_stream_writer_alloc (stream, ns, address, size, 1);               (ms-stream-writer.h)
 *   ms_stream_writer_free (stream);
 *   ms_trace_writer_finish (writer, manifest, FALSE, &error);            renames it to out
 *
 * Until it is finished the folder has another name, and ms_trace_writer_free() removes it then: nothing
 * half-written is left.  A file that cannot be written is remembered and told at the end, or by
 * ms_trace_writer_check(), so that writing an event cannot fail.  Ticks are CLOCK_MONOTONIC
 * nanoseconds.  One thread.
 */
#pragma once

#include <gio/gio.h>
#include "trk-format.h"
#include "trk-module-codec.h"

G_BEGIN_DECLS

typedef struct _MsTraceWriter MsTraceWriter;

/* Begins a folder that will be called @folder.  Stops with G_IO_ERROR_NO_SPACE when less than
 * @spared_bytes would be left on its file system. (transfer full) */
MsTraceWriter *ms_trace_writer_new (const char *folder, guint64 spared_bytes, GError **error);
void ms_trace_writer_free (MsTraceWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsTraceWriter, ms_trace_writer_free)

/* As 32 hexadecimal digits, for the manifest.  Valid as long as the writer. */
const char *ms_trace_writer_get_trace_id (const MsTraceWriter *self);
guint64 ms_trace_writer_get_n_bytes (const MsTraceWriter *self);
/* Where the files are until it is finished. */
const char *ms_trace_writer_get_folder (const MsTraceWriter *self);

/* Each stack once, @id not 0; @depth at most TRK_MAX_STACK_DEPTH. */
void ms_trace_writer_put_stack (MsTraceWriter *self,
                                guint32 id,
                                guint32 generation,
                                const guint64 *frames,
                                guint depth,
                                gboolean truncated);
void ms_trace_writer_put_module (MsTraceWriter *self, const TrkModuleRecord *record);

/* FALSE: something could not be written, and there is no use in going on. */
gboolean ms_trace_writer_check (MsTraceWriter *self, GError **error);

/* Writes the manifest and gives the folder its name.  @replace: takes the place of a folder that has
 * it, in one step, if all in that is of a trace; it is removed afterwards.  FALSE with G_IO_ERROR_EXISTS if the name is taken. */
gboolean ms_trace_writer_finish (MsTraceWriter *self,
                                 const char *manifest,
                                 gboolean replace,
                                 GError **error);

/* Removes the files of a trace folder and the folder itself.  FALSE: something else is in it. */
gboolean ms_trace_folder_remove (const char *folder);

/* --- for what writes blocks of other kinds --------------------------------------------------------- */

/* @block is a header, with type, names and times filled in, and @n_bytes of payload behind it.  Completes
 * the header and appends both to the file @name, which is made as one of @kind if it is not there. */
void ms_trace_writer_append_block (MsTraceWriter *self,
                                   const char *name,
                                   TrkFileKind kind,
                                   TrkBlockHeader *block,
                                   guint32 n_bytes);

G_END_DECLS
