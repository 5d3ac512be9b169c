/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the three forms of `memscope diff` (text, Markdown, JSON) are given, and the words they share.
 *
 * Threads, sites and stacks are ordered by one figure.  Where that is the peak, it is what each held at
 * the process's peak: own peaks were at different times and do not add up.
 */
#pragma once

#include "ms-comparison.h"
#include "ms-symbolizer.h"
#include "ms-terminal.h"

G_BEGIN_DECLS

typedef struct {
  char *folder; /* as it was typed */
  MsTrace *trace;
  MsView *view;
  MsFrameNames *names;
  MsSymbolizer *symbolizer;
  char *part; /* "1.20 s to 3.40 s"; NULL: the whole recording */
} MsDiffSide;

typedef struct {
  MsDiffSide sides[2]; /* before, after */
  MsComparison *comparison;
  MsFigureKind by; /* of the totals */
  guint top;       /* rows of each list; G_MAXUINT: all */
} MsDiff;

/* Why what was never freed in a side is not called leaked.  NULL: it is. */
const char *ms_diff_side_get_left_reason (const MsDiffSide *side);

void ms_diff_clear (MsDiff *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MsDiff, ms_diff_clear)

/* The figure that parts are ordered by. */
MsFigureKind ms_diff_get_part_figure (const MsDiff *self);

/* "not available in ring mode": of a figure that one of both does not have.  NULL: it is known. */
const char *ms_diff_why_unknown (const MsDiff *self, MsFigureKind kind);

/* "at peak", "leaked", …: what a column is called.  Leaks are "left" where a side has none to speak of. */
const char *ms_diff_figure_title (const MsDiff *self, MsFigureKind kind);
/* "bytes at the peak", "leaked bytes", …: in a sentence. */
const char *ms_diff_figure_phrase (const MsDiff *self, MsFigureKind kind);

/* "16.3 MB", "1 203". (transfer full) */
char *ms_diff_format (MsFigureKind kind, guint64 value);
/* "+1.20 MB", "-3 ± 2", "0". (transfer full) */
char *ms_diff_format_change (MsFigureKind kind, const MsChange *change);
/* "+18.0 %", "new" where there was nothing, "" where nothing changed. (transfer full) */
char *ms_diff_format_percent (const MsChange *change);
/* "new", "gone", "may be by chance", or "". */
const char *ms_diff_row_remark (const MsComparedRow *row, MsFigureKind kind);
/* "4", "4 → 6". (transfer full) */
char *ms_diff_format_numbers (guint before, guint after);

/* How a name of the traced program is made fit for where it goes. (transfer full) */
typedef char *(*MsDiffQuoteFunc) (const char *name);

/* "Peak +12.3 MB (+18.0 %), from 68.0 MB to 80.3 MB, most of it from decode_batch (+9.10 MB)": what is to be
 * said first, of the peak, of leaks, and of what the lists are ordered by. (transfer full) (element-type
 * utf8) */
GPtrArray *ms_diff_sentences (const MsDiff *self, MsDiffQuoteFunc quote);

G_END_DECLS
