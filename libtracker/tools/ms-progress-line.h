/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A bar on standard error for work that takes a while, on a terminal only:
 *
 *   reading 1-cc1.8590  ━━━━━━━━━━━━━━━━━────────────────  53 %
 *
 * It appears after a third of a second, if the work is not done by then, stays on one line and is gone
 * without a trace when the work ends.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *what;
  gint64 start_us, shown_us; /* shown_us 0: nothing was shown */
  guint width;               /* of the terminal; 0: there is none */
} MsProgressLine;

/* @what: "reading 1-cc1.8590". */
void ms_progress_line_begin (MsProgressLine *self, const char *what);
/* @progress_line: (type MsProgressLine); is an MsProgressFunc. */
void ms_progress_line_update_cb (double fraction, gpointer progress_line);
void ms_progress_line_end (MsProgressLine *self);

/* The bar by itself, at most @width columns. (transfer full) */
char *ms_progress_line_draw (const char *what, double fraction, guint width, gboolean has_utf8);

G_END_DECLS
