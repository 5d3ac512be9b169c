/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What `memscope record` and `memscope demo` say at their end, on standard error: the folder and five
 * lines. */
#pragma once

#include "ms-closer.h"

G_BEGIN_DECLS

/* @folder: as the user would type it.  @processes: of MsTraceSummary, may be empty.
 * @wait_status: of the main program. (transfer full) */
char *ms_record_summary_format (const char *folder,
                                GPtrArray *processes,
                                gint64 duration_ns,
                                int wait_status);

G_END_DECLS
