/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Whether two traces say the same to everything that can be asked. */
#pragma once

#include "ms-trace.h"

/* Ends the test at the first difference.  Diagnostics are compared, too. */
void trace_compare_assert_equal (MsTrace *a, MsTrace *b);
/* All but the series, whose bins may be others. */
void trace_compare_assert_same_figures (MsTrace *a, MsTrace *b);
/* @followed forgot threads that ended: their sums are in the figures of the process and of the stacks, and what it has
 * still says what @loaded says of it. */
void trace_compare_assert_same_but_forgotten (MsTrace *followed, MsTrace *loaded);
