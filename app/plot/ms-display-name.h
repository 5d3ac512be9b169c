/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names that came from a traced program, made fit for one line of a screen.  Such a name is hostile:
 * it may hold line breaks, terminal escapes, overrides of the writing direction, or a megabyte.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longest name shown anywhere, in characters; the rest becomes "…". */
#define MS_DISPLAY_NAME_MAX 120

/* Valid UTF-8 on one line; what cannot be shown is U+FFFD.  @name NULL or empty: "(no name)". */
char *ms_display_name (const char *name);
/* The same for a sentence that holds such names: at most @most_chars. */
char *ms_display_text (const char *text, guint most_chars);

G_END_DECLS
