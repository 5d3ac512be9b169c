/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows of comma-separated values (RFC 4180) from hostile text.
 *
 *   name,allocations\r\n
 *   "a, b",12\r\n
 *
 * A text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a line end) gets an
 * apostrophe before it, as OWASP's "CSV Injection" asks for.  Numbers are written plain by their callers; a
 * figure that was not measured is an empty field.
 */
#pragma once

#include "ms-types.h"

G_BEGIN_DECLS

/* Appends one field; quotes only where they are needed. */
MS_API void ms_csv_append_text (GString *csv, const char *text);
/* Appends the fields, and the end of the line. @fields: NULL-terminated. */
MS_API void ms_csv_append_row (GString *csv, const char *const *fields);

G_END_DECLS
