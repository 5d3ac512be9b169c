/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Text for a terminal: figures as people read them, and strings of a traced program that cannot
 * move the cursor, change its colours or turn the reading direction.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Any bytes.  Control characters, line breaks and direction overrides become U+FFFD, as do bytes that
 * are no UTF-8. (transfer full) */
char *ms_terminal_text_clean (const char *text);

/* Where a locale has no UTF-8 (ms_terminal_begin() says so): text that is cleaned or shortened from now on is
 * ASCII, so that what is measured is what will be shown. */
void ms_terminal_text_set_plain (gboolean plain);
/* Valid @text in ASCII: "..." for an ellipsis, "+/-", "->", "u" for micro, "#" for bars, "?" for what has no
 * such form. (transfer full) */
char *ms_terminal_text_to_plain (const char *text);

/* Columns that valid @text takes. */
guint ms_terminal_text_width (const char *text);

/* The beginning of @text in at most @n_columns, with an ellipsis if it was cut. (transfer full) */
char *ms_terminal_text_shorten (const char *text, guint n_columns);
/* The same, keeping the end: for paths. (transfer full) */
char *ms_terminal_text_shorten_start (const char *text, guint n_columns);

/* "812 B", "1.20 kB", "16.3 MB"; 1 MB is 10⁶ bytes. (transfer full) */
char *ms_format_bytes (guint64 n_bytes);
/* "1 203 442". (transfer full) */
char *ms_format_count (guint64 n);
/* "23.6 %" of @whole; "about all" of an estimate that is above the whole, which is known better. (transfer full) */
char *ms_format_share (guint64 part, guint64 whole);
/* "s" or nothing, for behind a noun. (transfer none) */
const char *ms_plural (guint64 n);
/* "812 ns", "1.20 ms", "16.3 s", "2 min 05 s"; MS_TIME_NONE or less than 0: "–". (transfer full) */
char *ms_format_duration (gint64 duration_ns);

G_END_DECLS
