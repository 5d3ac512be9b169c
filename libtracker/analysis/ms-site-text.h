/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The place in the code that a sentence about a call stack names. */
#pragma once

#include "ms-frame-names.h"

G_BEGIN_DECLS

/* "decode_batch (queue.c:118)": the frame a person would look at, with the file's base name if it is known;
 * long names are cut.  "an unknown place" for a stack without frames. (transfer full) */
MS_API char *ms_site_text_new (MsFrameNames *names, guint stack);

/* @text cut to @most_chars, with "…" if it was; valid UTF-8. (transfer full) */
MS_API char *ms_cut_text_new (const char *text, guint most_chars);

G_END_DECLS
