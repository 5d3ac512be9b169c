/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Call stacks as sequences of functions, which is what trees are built from.
 *
 *   entry     one stack: functions[first] … functions[first + n − 1], in the tree's direction
 *
 * Recursion is collapsed: where the last k functions, from the outermost inwards, are the same as
 * the k before them, they are left out (main a a a b is main a b, and main a b a b a b c is main a b
 * c), for k up to MS_LONGEST_CYCLE and the shortest k first.  What is left out is always still there
 * once, and the innermost function stays the innermost: so the functions on a path are those on its
 * stack.
 */
#pragma once

#include "ms-frame-names.h"

G_BEGIN_DECLS

#define MS_LONGEST_CYCLE 8

typedef enum {
  MS_CALL_PATH_FROM_OUTERMOST,
  MS_CALL_PATH_FROM_INNERMOST,
  /* Only stacks with the function.  From its innermost call inwards, or from its outermost call
   * outwards, it itself left out. */
  MS_CALL_PATH_CALLEES,
  MS_CALL_PATH_CALLERS
} MsCallPathKind;

typedef struct {
  guint stack, first, n;
} MsCallPath;

typedef struct {
  GArray *paths;     /* of MsCallPath */
  GArray *functions; /* of guint */
} MsCallPaths;

/* In place, of functions (or of other numbers that stand for them) from the outermost inwards.  Returns
 * how many are left. */
guint ms_call_path_collapse (guint *functions, guint n_functions);

/* Of the stacks that have anything but 0 in @columns[0 … n_columns − 1]. @function: for the last two
 * kinds. */
void ms_call_paths_init (MsCallPaths *self,
                         MsFrameNames *names,
                         MsCallPathKind kind,
                         guint function,
                         const guint64 *const *columns,
                         guint n_columns);
void ms_call_paths_clear (MsCallPaths *self);

/* By their functions, a path before those that go on from it. */
void ms_call_paths_sort (MsCallPaths *self);

G_END_DECLS
