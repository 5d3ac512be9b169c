/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names of functions may be thousands of characters long; where one would drown the rest, its start
 * and its length say enough. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @text as valid UTF-8, cut after @most_chars characters: "std::map<std::… (1024 characters)".
 * (transfer full) */
char *ms_short_text_new (const char *text, guint most_chars);

G_END_DECLS
