/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memscope_resources.bin as it is written: samples go into one block in memory, which is appended to the
 * file by one write a second, or when it is full (docs/FORMAT.md, "Resources").  So a sampler that is
 * killed loses one second; the file is whole before it.
 *
 * Memory is allocated in new() alone.  A block that the file system refuses is dropped and counted, and
 * sampling goes on.
 */
#pragma once

#include <glib.h>

#include "trk-resource-codec.h"

G_BEGIN_DECLS

#define MS_RESOURCES_FILE_NAME "memscope_resources.bin"

typedef struct _MsResourceWriter MsResourceWriter;

/* Makes the file in the folder, or goes on in the one of this trace that an agent left which was killed; only whoever
 * is the agent may ask (ms-agent-lock.h).  @interval_ns: how far apart samples are to be. */
MsResourceWriter *ms_resource_writer_new (int dir_fd,
                                          const guint8 trace_id[16],
                                          gint64 interval_ns,
                                          GError **error);

/* What lines of ms-resource-debug.h begin with, where they are wanted. */
void ms_resource_writer_set_label (MsResourceWriter *self, const char *label);

/* Writes what is left. */
void ms_resource_writer_free (MsResourceWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsResourceWriter, ms_resource_writer_free)

/* One sample of one source; @reasons as trk_resource_encode_sample() wants them, of TrkReason. */
void ms_resource_writer_add (MsResourceWriter *self,
                             const TrkResourceKey *key,
                             gint64 time_ns,
                             const guint64 *values,
                             const guint8 *reasons,
                             guint32 n_fields);

/* After each round of samples: appends the block, if it is a second old. */
void ms_resource_writer_end_round (MsResourceWriter *self, gint64 now_ns);

/* Blocks that were dropped, and the errno of the last. */
guint ms_resource_writer_get_n_dropped (MsResourceWriter *self, int *error);

G_END_DECLS
