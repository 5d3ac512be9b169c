/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Whether two traces say the same to everything that can be asked. */
#pragma once

#include "ms-trace.h"

/* Ends the test at the first difference.  Diagnostics are compared, too. */
void trace_compare_assert_equal (MsTrace *a, MsTrace *b);
/* All but the series, whose bins may be others. */
void trace_compare_assert_same_figures (MsTrace *a, MsTrace *b);
