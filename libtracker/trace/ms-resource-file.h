/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading memscope_resources.bin, inside trace/: bytes that may be hostile, cut or still growing.
 *
 *   file ─▶ whole blocks ─▶ sources and figures, and the blocks' payloads, which samples are decoded from
 *           ╰─ each time those that were added since
 *
 * Payloads stay as they are, as a sample is 5 to 12 bytes there and 280 decoded: whoever wants those of one
 * source has them decoded anew.
 */
#pragma once

#include "ms-resource-samples.h"

G_BEGIN_DECLS

/* The file of a folder that is read again and again.  One thread at a time. */
typedef struct _MsResourceFile MsResourceFile;

MsResourceFile *ms_resource_file_new (void);
void ms_resource_file_free (MsResourceFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsResourceFile, ms_resource_file_free)

/* All of it as of now: what ms_resource_file_load() gives, at the cost of what was added.  Another file
 * of that name, or one that is shorter, is read from its beginning. (transfer full) */
MsResources *ms_resource_file_read (MsResourceFile *self,
                                    int dir_fd,
                                    const guint8 trace_id[16],
                                    gint64 start_ns,
                                    GPtrArray *diagnostics);

/* NULL: there is no such file, or nothing of @trace_id in it.  @start_ns: the trace's time 0, in
 * CLOCK_MONOTONIC.  (transfer full) */
MsResources *ms_resource_file_load (int dir_fd,
                                    const guint8 trace_id[16],
                                    gint64 start_ns,
                                    GPtrArray *diagnostics);

/* Gives the sources that are threads the ids of @threads (of MsThread): tids are used again, so that of
 * those with the same the one that lived then is it. */
void ms_resources_join_threads (MsResources *self, GPtrArray *threads);

/* Gives threads that are joined the names that samples have and their own events have not: a thread notes
 * its name when it begins, changes it itself, allocates after that of another was changed, and ends.  @threads
 * are nobody else's yet.  Done twice it is as done once.  @replaced_pid: the process executed another program, whose
 * name its main thread has in the last samples; 0: it did not. */
void ms_resources_name_threads (MsResources *self, GPtrArray *threads, gint replaced_pid);

G_END_DECLS
