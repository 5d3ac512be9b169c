/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a sentence calls a thread: its name, and where others of the trace have the same one, its tid too,
 *
 *     "ingest-1"      "python3 (4711)"
 *
 * as a sentence stands alone, without the row or the card that would say which one is meant.
 */
#pragma once

#include "ms-thread.h"
#include "ms-trace.h"

G_BEGIN_DECLS

/* The name is cut to @most_chars; valid UTF-8, and as hostile as it was. (transfer full) */
char *ms_thread_label_new (MsTrace *trace, MsThread *thread, guint most_chars);

G_END_DECLS
