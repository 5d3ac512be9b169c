/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names of a traced program in Markdown as GitHub and GitLab render it, within a row of a table: never
 * markup, a link, a mention of a person or an issue, or the end of the cell.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Any bytes, as code.  (transfer full) */
char *ms_markdown_code (const char *text);

/* Any bytes, as plain words. (transfer full) */
char *ms_markdown_text (const char *text);

G_END_DECLS
