/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* `memscope diff --markdown`: for the comment on a merge request. */
#pragma once

#include "ms-diff.h"

G_BEGIN_DECLS

void ms_diff_markdown_append (GString *out, const MsDiff *diff);

G_END_DECLS
