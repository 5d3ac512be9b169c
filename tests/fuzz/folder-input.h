/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A trace folder as the input of a fuzz target: a list of [u8 file number, u8 flags, u32 length, bytes], each of
 * which changes one file.  Flags:
 *
 *   1   the checksums of its blocks are made right again, so that what lies behind them is reached
 *   2   here the folder is looked at, for targets that look at one more than once
 *   4   the bytes come behind those that are there; else they replace them, in the same file
 *   8   the file is gone
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FOLDER_INPUT_LOOK 2

/* Every file that it knows and that is there. */
void folder_input_append_all (GByteArray *input, const char *folder);
/* FALSE: the input ends.  @flags: (out) (optional) */
gboolean folder_input_write_next (const char *folder,
                                  const guint8 **p,
                                  const guint8 *end,
                                  guint8 *flags);

G_END_DECLS
