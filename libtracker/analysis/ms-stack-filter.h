/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From names to stacks: what "--function decode" and a search box choose.  The numbers go into
 * ms_filter_with_stacks().
 *
 *   patterns on functions   ─ any of them ─┐
 *   patterns on files       ─ any of them ─┼─ all of these ─▶ the stacks
 *   patterns on modules     ─ any of them ─┘
 *
 * A pattern (see below) holds for a stack if it matches any of its frames.
 *
 *   decode       is "decode", with or without what C++ and Rust put around it: decode, decode<int>,
 *                codec::decode(int); a file decode.c is also src/decode.c.  If none is, those that
 *                have it anywhere in them: decode_batch
 *   *decode?     with * or ?: like that as a whole, or in its last part
 *   operator\*   a backslash takes the meaning from the character behind it
 */
#pragma once

#include "ms-frame-names.h"

G_BEGIN_DECLS

/* What of a frame a pattern is compared with. */
typedef enum {
  MS_STACKS_BY_FUNCTION,
  MS_STACKS_BY_FILE,
  MS_STACKS_BY_MODULE,
  MS_N_STACK_FIELDS
} MsStackField;

/* Text that some frame of a stack has to have; see above for what it may hold. */
typedef struct {
  MsStackField field;
  const char *text;
} MsStackPattern;

/* Numbers of stacks, ascending; there may be none if each pattern matches but no stack has them all.
 * NULL with one line and G_IO_ERROR_INVALID_ARGUMENT (what is wrong with a pattern) or G_IO_ERROR_NOT_FOUND
 * ("no function matches 'decod'; did you mean 'decode'?").  @n_patterns 0 is all stacks. (transfer full)
 * (array length=n_stacks) */
MS_API guint *ms_stack_filter_select (MsFrameNames *names,
                                      const MsStackPattern *patterns,
                                      guint n_patterns,
                                      guint *n_stacks,
                                      GError **error);

/* Functions that @pattern matches, ascending; as above. (transfer full) (array length=n_functions) */
MS_API guint *ms_stack_filter_find_functions (MsFrameNames *names,
                                              const char *pattern,
                                              guint *n_functions,
                                              GError **error);

G_END_DECLS
