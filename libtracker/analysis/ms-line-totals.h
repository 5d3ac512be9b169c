/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the lines of one source file stand for: of each the sum over the stacks that have it on them, each
 * stack once however often it is there.  For a listing of the file with its heat beside it.
 */
#pragma once

#include "ms-frame-names.h"

G_BEGIN_DECLS

typedef struct {
  guint line;
  guint64 total;
  double total_error; /* its standard error; 0: exact */
} MsLineTotals;

/* @values: one for each stack of @names.  @errors: likewise their standard errors; NULL: they are exact.  @file: as
 * frames have it.  By line, without those that have nothing. (element-type MsLineTotals) (transfer full) */
MS_API GArray *ms_line_totals_new (MsFrameNames *names,
                                   const guint64 *values,
                                   const double *errors,
                                   const char *file);

G_END_DECLS
