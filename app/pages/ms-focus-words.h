/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is in focus, in words: for the pills of the breadcrumb bar and for what an export is of. */
#pragma once

#include "ms-lens.h"

G_BEGIN_DECLS

/* "decode_batch (queue.c:118)", or how many call stacks; NULL: all are shown. (transfer full) (nullable) */
char *ms_focus_dup_stack_words (MsLens *lens);
/* "ingest-1, 12.4–31.0 s, decode_batch (queue.c:118)", of these what there is; NULL: everything is shown.
 * (transfer full) (nullable) */
char *ms_focus_dup_words (MsLens *lens);

G_END_DECLS
