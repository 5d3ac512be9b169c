/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How a person names functions, files and modules.
 *
 *   decode       names that are "decode", with or without what C++ and Rust put around it:
 *                decode, codec::decode(int), decode<int>; of a file, its last parts: src/decode.c for
 *                decode.c.  If there is none, all that have it anywhere in them: decode_batch
 *   *decode?     with * or ?, the whole name, or its last part, must be like that
 *   operator\*   a backslash takes the meaning from the character behind it
 *
 * Capital letters matter; a name that differs in them alone is what is suggested.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *text;         /* without the backslashes, if it is no glob */
  GPatternSpec *glob; /* NULL: no * or ? */
} MsNamePattern;

/* Words of what a name is made of: how it is cut into parts. */
typedef enum { MS_NAME_FUNCTION, MS_NAME_PATH } MsNameKind;

/* FALSE with G_IO_ERROR_INVALID_ARGUMENT and one line. */
gboolean ms_name_pattern_init (MsNamePattern *self, const char *text, GError **error);
void ms_name_pattern_clear (MsNamePattern *self);

/* 0: no; 1: has it in it; 2: is it. */
guint ms_name_pattern_match (const MsNamePattern *self, MsNameKind kind, const char *name);

/* The part of @name that a person would type: "decode" of "void codec::decode<int> (int)", "a.c" of
 * "/src/a.c". (transfer full) */
char *ms_name_short (MsNameKind kind, const char *name);

/* Letters to put in, leave out, replace, or swap with a neighbour to turn @a into @b; capital letters do
 * not count.  G_MAXUINT if one is longer than 64 bytes. */
guint ms_name_distance (const char *a, const char *b);

G_END_DECLS
