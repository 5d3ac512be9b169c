/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the list of a recording says of one process: from its manifest, if that has it all, else from its trace.
 */
#pragma once

#include "ms-recording.h"

G_BEGIN_DECLS

/* A GDestroyNotify. */
void ms_process_free (gpointer process);

/* TRUE: the manifest had everything, or says that there is no trace; no need to load it. @is_running: its process
 * lives. */
gboolean ms_process_read_manifest (MsProcess *process,
                                   gboolean *is_running,
                                   GCancellable *cancellable);
void ms_process_fill_from_trace (MsProcess *process, MsTrace *trace);
/* What stands for it where nothing better is known. */
void ms_process_fill_names (MsProcess *process);

G_END_DECLS
