/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The threads table as CSV (RFC 4180): exact numbers, units in the headings, an empty field where
 * there is no value.  A name that a spreadsheet would take for a formula gets an apostrophe.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @rows: (element-type MsThreadRow): in the order wanted. */
char *ms_threads_to_csv (GListModel *rows);

G_END_DECLS
