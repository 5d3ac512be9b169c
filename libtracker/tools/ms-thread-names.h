/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Threads by what people call them. */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

/* By index, in order: the thread with the id @text, else those that were called so at any time
 * (but for a creator's name before their own), else those whose name @text fits as a pattern with * and
 * ?; "main" is the thread 0 if none is called so.  NULL with one line: there are none.
 * (transfer full) (element-type guint) */
GArray *ms_thread_names_find (MsTrace *trace, const char *text, GError **error);

G_END_DECLS
