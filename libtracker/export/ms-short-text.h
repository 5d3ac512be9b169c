/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names of functions may be thousands of characters long; where one would drown the rest, its start
 * and its length say enough. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @text as valid UTF-8, cut after @most_chars characters: "std::map<std::… (1024 characters)".
 * (transfer full) */
char *ms_short_text_new (const char *text, guint most_chars);

/* @text as a word of a line in a format that is lines: white space and control characters are spaces, none
 * at its ends, each of the ASCII characters @stops is a ':', invalid UTF-8 U+FFFD; "?" if nothing is left.
 * (transfer full) */
char *ms_line_text_new (const char *text, const char *stops);

G_END_DECLS
