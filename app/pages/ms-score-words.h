/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How a thread's efficiency and score are made, in words and with its own numbers. */
#pragma once

#include "ms-thread-row.h"

G_BEGIN_DECLS

/* Markup; @row NULL: the formulas alone. (transfer full) */
char *ms_score_words (MsThreadRow *row);

G_END_DECLS
