/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where the call stacks of one trace are in a later one of the same process.  Numbers of stacks are those of
 * one trace: when an early stack allocates for the first time, those after it move up.
 */
#pragma once

#include "ms-trace.h"

G_BEGIN_DECLS

/* For each stack of @from its number in @to; G_MAXUINT: it is not there.  (transfer full)
 * (array length=ms_trace_get_n_stacks(from)) */
guint *ms_stack_map_new (MsTrace *from, MsTrace *to);

G_END_DECLS
