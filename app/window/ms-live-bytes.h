/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How much a program that is being recorded holds just now, for a list of such programs: it follows from the trace's
 * events, which are read on a worker, once, and then what came since, once a second.  Of a long trace nothing is read
 * for a list, and nothing of one whose folder cannot be reached: then it is not known.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MS_TYPE_LIVE_BYTES (ms_live_bytes_get_type ())
G_DECLARE_FINAL_TYPE (MsLiveBytes, ms_live_bytes, MS, LIVE_BYTES, GObject)

/* @folder: of the trace; NULL: it cannot be reached.  Begins at once; signal "changed". */
MsLiveBytes *ms_live_bytes_new (const char *folder);
/* FALSE: not known, or not yet. */
gboolean ms_live_bytes_get (MsLiveBytes *self, guint64 *bytes);

G_END_DECLS
