/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which stacks of two traces are the same one, although the program was built anew and lies elsewhere.
 *
 * Two stacks are one if their frames are, one by one.  A frame is known by
 *
 *   its function's name               wherever that is: the program may have another file name
 *   … and the file's name and line    if lines shall count
 *   module and address in it          where there is no name, and both traces have the same build of it
 *   the module alone                  where there is no name and it was built anew
 *   nothing                           code that belongs to no file: compiled as the program ran
 */
#pragma once

#include "ms-frame-names.h"

G_BEGIN_DECLS

typedef enum { MS_MATCH_BY_FUNCTIONS, MS_MATCH_BY_LINES } MsStackMatch;

typedef struct _MsStackKeys MsStackKeys;

MsStackKeys *ms_stack_keys_new (MsTrace *before, MsTrace *after, MsStackMatch match);
void ms_stack_keys_free (MsStackKeys *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MsStackKeys, ms_stack_keys_free)

/* The key of each frame of @names, which is of either trace.  Equal keys, equal frames. (transfer full)
 * (array length=ms_frame_names_get_n_frames()) */
guint *ms_stack_keys_of_frames (MsStackKeys *self, MsFrameNames *names);

/* The number of the stack whose frames have these keys: that of the first that had the same ones, or
 * the next new one from 0 on. */
guint ms_stack_keys_intern (MsStackKeys *self, const guint *keys, guint n_keys);

G_END_DECLS
