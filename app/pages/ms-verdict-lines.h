/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a person should know first: the sentence about what is looked at, and below it a line for what holds
 * the program up and for each thing out of the ordinary, with what to do as a tooltip.
 *
 *   ingest-1 holds 62 % of the peak of 48.0 MB, from decode_batch (queue.c:118), freed by compact.
 *   ⚠ The process holds ever more: its lowest live bytes rise by 2.2 MB, 6.6 MB/s, and do not come back.
 *
 * Each part of the sentence is a link: a thread's name focuses it, the place in the code its call stack.
 * A worker finds out, because names may need much debug information; until then there is a "…".
 */
#pragma once

#include "ms-lens.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define MS_TYPE_VERDICT_LINES (ms_verdict_lines_get_type ())
G_DECLARE_FINAL_TYPE (MsVerdictLines, ms_verdict_lines, MS, VERDICT_LINES, AdwBin)

/* What @lens shows now, with the names that it has now; NULL: nothing. */
void ms_verdict_lines_show (MsVerdictLines *self, MsLens *lens);
/* They are not what the lens shows yet. */
gboolean ms_verdict_lines_is_busy (MsVerdictLines *self);

G_END_DECLS
