/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading memscope_resources.bin, inside trace/: bytes that may be hostile, cut or still growing.
 *
 *   file ─▶ whole blocks ─▶ sources and figures, and the blocks' payloads, which samples are decoded from
 *
 * Payloads stay as they are, as a sample is 5 to 12 bytes there and 280 decoded: whoever wants those of one
 * source has them decoded anew.
 */
#pragma once

#include "ms-resource-samples.h"

G_BEGIN_DECLS

/* NULL: there is no such file, or nothing of @trace_id in it.  @start_ns: the trace's time 0, in
 * CLOCK_MONOTONIC.  (transfer full) */
MsResources *ms_resource_file_load (int dir_fd,
                                    const guint8 trace_id[16],
                                    gint64 start_ns,
                                    GPtrArray *diagnostics);

/* Gives the sources that are threads the ids of @threads (of MsThread): tids are used again, so that of
 * those with the same the one that lived then is it. */
void ms_resources_join_threads (MsResources *self, GPtrArray *threads);

G_END_DECLS
