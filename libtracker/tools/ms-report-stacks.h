/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which stacks a report shows, in which order: both its forms ask here. */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

/* Stacks that allocated in @domain, highest peak first; at most @top. (transfer full)
 * (element-type guint) */
GArray *ms_report_stacks (MsTrace *trace, MsDomain domain, guint top);

/* Threads by index, highest peak in @domain first. (transfer full) (element-type guint) */
GArray *ms_report_threads (MsTrace *trace, MsDomain domain);

G_END_DECLS
