/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which frames of a flame graph are found by a search, kept by a filter of call stacks, and the same ones
 * in another tree. */
#pragma once

#include "ms-call-tree.h"

G_BEGIN_DECLS

/* By number of function: whether its name has @needle in it, whatever the case.  NULL: @needle is "".
 * (transfer full) */
gboolean *ms_flame_find_matches (MsFrameNames *names, const char *needle, guint *n_found);

/* By node: whether any of @stacks leads through it. (transfer full) */
gboolean *ms_flame_find_kept (MsCallTree *tree, const guint *stacks, guint n);

/* The node of @tree that has the same functions on its path as @node of @from, by their names; -1: there
 * is none. */
gint ms_flame_find_same (MsCallTree *tree, MsCallTree *from, guint node);

G_END_DECLS
