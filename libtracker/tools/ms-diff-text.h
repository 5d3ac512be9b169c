/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The person's form of `memscope diff`. */
#pragma once

#include "ms-diff.h"

G_BEGIN_DECLS

void ms_diff_text_append (GString *out, const MsTerminal *terminal, const MsDiff *diff);

G_END_DECLS
